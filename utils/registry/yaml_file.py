"""A YAML file as entries that know their lines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from utils.problems import Problem, did_you_mean, short_path

_VARIABLE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class Section(dict[str, Any]):
    """A YAML mapping that remembers on which line it and each of its keys stand."""

    line: int
    lines: dict[str, int]
    repeated: dict[str, int]


@dataclass(frozen=True)
class Entry:
    """One element of the list in the file."""

    data: Section
    file: str

    @property
    def line(self) -> int:
        """Where the entry begins."""
        return self.data.line

    def line_of(self, location: tuple[str | int, ...]) -> int:
        """The line of a value inside the entry, or of the nearest thing around it."""
        line, place = self.data.line, self.data
        for step in location:
            if isinstance(place, Section):
                line = place.lines.get(str(step), line)
                place = place.get(str(step))  # type: ignore[assignment]  # may be anything from here on
            elif isinstance(place, list) and isinstance(step, int) and step < len(place):
                place = place[step]
                line = getattr(place, "line", line)
            else:
                break
        return line

    def problem(self, message: str, *location: str | int, warning: bool = False) -> Problem:
        """A finding in this entry."""
        return Problem(message, self.file, self.line_of(location), "warning" if warning else "error")


def read_entries(path: Path, key: str) -> tuple[list[Entry], list[Problem]]:
    """The entries of the list under `key`, and what kept others from being read."""
    file = short_path(path)
    try:
        tree = _parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return [], [Problem("there is no such file.", file)]
    except (OSError, UnicodeDecodeError) as exc:
        return [], [Problem(f"the file cannot be read: {_reason(exc)}.", file)]
    except yaml.YAMLError as exc:
        return [], [_syntax_problem(exc, file)]
    except RecursionError:
        return [], [Problem("the file is nested too deeply to be read.", file)]
    if tree is None:
        return [], [Problem(f"the file is empty. It should begin with `{key}:` and a list below it.", file)]
    if not isinstance(tree, Section):
        return [], [Problem(f"the file should begin with `{key}:` and a list below it.", file, 1)]
    return _entries_of(tree, key, file)


def with_variables(value: Any, environ: Mapping[str, str], missing: set[str]) -> Any:
    """A copy in which `${NAME}` and `${NAME:-default}` are replaced; `$${NAME}` stands for itself."""

    def replacement(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        name, default = match[1], match[2]
        found = environ.get(name) or default
        if found is None:
            missing.add(name)
            return match[0]
        return found

    if isinstance(value, str):
        return _VARIABLE.sub(replacement, value) if "${" in value else value
    if isinstance(value, dict):
        return {name: with_variables(inner, environ, missing) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_variables(inner, environ, missing) for inner in value]
    return value


def _entries_of(tree: Section, key: str, file: str) -> tuple[list[Entry], list[Problem]]:
    problems = [
        Problem(f"`{name}` is not known here; this file holds `{key}:`.{did_you_mean(name, [key])}", file, line)
        for name, line in tree.lines.items()
        if name != key
    ]
    if key not in tree:
        return [], [*problems, Problem(f"the file has no `{key}:`.", file, tree.line)]
    elements = tree[key]
    if elements is None:
        return [], [*problems, Problem(f"the list under `{key}:` is empty.", file, tree.lines[key])]
    if not isinstance(elements, list):
        message = f"`{key}:` should be a list: each entry begins with `- `."
        return [], [*problems, Problem(message, file, tree.lines[key])]
    entries = []
    for number, element in enumerate(elements, start=1):
        if isinstance(element, Section):
            entries.append(Entry(element, file))
        else:
            message = f"entry {number} of `{key}:` should be a mapping such as `- name: value`."
            problems.append(Problem(message, file, tree.lines[key]))
    return entries, problems


def _parse(text: str) -> Any:
    return yaml.load(text, Loader=_SectionLoader)  # noqa: S506  # a SafeLoader that remembers lines


class _SectionLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C where it is built in
    """A safe loader whose mappings are sections."""


def _construct_section(loader: Any, node: yaml.MappingNode) -> Any:
    section = Section()
    section.line = node.start_mark.line + 1
    section.lines, section.repeated = {}, {}
    yield section
    for key_node, _ in node.value:
        name, line = str(key_node.value), key_node.start_mark.line + 1
        if name in section.lines and key_node.tag != "tag:yaml.org,2002:merge":
            section.repeated[name] = line
        section.lines[name] = line
    section.lines.pop("<<", None)
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        section[str(loader.construct_object(key_node, deep=True))] = loader.construct_object(value_node, deep=True)


_SectionLoader.add_constructor("tag:yaml.org,2002:map", _construct_section)


def _syntax_problem(exc: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(exc, "problem_mark", None)
    what = getattr(exc, "problem", None) or "it is no YAML"
    line = mark.line + 1 if mark else 0
    return Problem(
        f"the file is no valid YAML: {what}. A wrong indent or a missing quote is the usual cause.", file, line
    )


def _reason(exc: Exception) -> str:
    if isinstance(exc, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (getattr(exc, "strerror", None) or type(exc).__name__).lower()
