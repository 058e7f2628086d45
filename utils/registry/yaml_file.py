"""A YAML file as entries that know their lines."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from utils.problems import Problem, did_you_mean, short_path

from .yaml_limits import TooMuch, refuse_too_much

_VARIABLE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_LARGEST_INTEGER_BITS = 63


Location = tuple[str | int, ...]
"""The way to a value: keys of mappings and numbers of elements."""


class Section(dict[str, Any]):
    """A YAML mapping that remembers on which line it and each of its keys stand."""

    line: int
    lines: dict[str, int]
    repeated: list[str]


class Elements(list[Any]):
    """A YAML list that remembers on which line each of its elements stands."""

    lines: list[int]


@dataclass(frozen=True)
class Entry:
    """One element of the list in the file."""

    data: Section
    file: str

    @property
    def line(self) -> int:
        """Where the entry begins."""
        return self.data.line

    def line_of(self, location: Location) -> int:
        """The line of a value inside the entry, or of the nearest thing around it."""
        line, place = self.data.line, self.data
        for step in location:
            if isinstance(place, Section) and step in place:
                line, place = place.lines[str(step)], place[str(step)]
            elif isinstance(place, Elements) and isinstance(step, int) and step < len(place):
                line, place = place.lines[step], place[step]
            else:
                break
        return line

    def repetitions(self) -> Iterator[Location]:
        """Every key that stands twice in its mapping, however deep."""
        return _repetitions(self.data)

    def problem(self, message: str, *location: str | int, warning: bool = False) -> Problem:
        """A finding in this entry."""
        field = ".".join(str(step) for step in location)
        return Problem(message, self.file, self.line_of(location), "warning" if warning else "error", field)


def read_entries(path: Path, key: str) -> tuple[list[Entry], list[Problem]]:
    """The entries of the list under `key`, and what kept others from being read."""
    file = short_path(path)
    try:
        tree = parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return [], [Problem("there is no such file.", file)]
    except (OSError, UnicodeDecodeError) as exc:
        return [], [Problem(f"the file cannot be read: {_reason(exc)}.", file)]
    except yaml.YAMLError as exc:
        return [], [_syntax_problem(exc, file)]
    if tree is None:
        return [], [Problem(f"the file is empty. It should begin with `{key}:` and a list below it.", file)]
    if not isinstance(tree, Section):
        return [], [Problem(f"the file should begin with `{key}:` and a list below it.", file, 1)]
    return _entries_of(tree, key, file)


def with_variables(
    value: Any, environ: Mapping[str, str], missing: list[tuple[str, Location]], location: Location = ()
) -> Any:
    """A copy in which `${NAME}` and `${NAME:-default}` are replaced; `$${NAME}` stands for itself.

    A variable that is not set goes to `missing`, with the place where it is wanted.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        name, default = match[1], match[2]
        found = environ.get(name) or default
        if found is None:
            missing.append((name, location))
            return match[0]
        return found

    if isinstance(value, str):
        return _VARIABLE.sub(replacement, value) if "${" in value else value
    if isinstance(value, dict):
        return {name: with_variables(inner, environ, missing, (*location, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_variables(inner, environ, missing, (*location, at)) for at, inner in enumerate(value)]
    return value


def _repetitions(value: Any, location: Location = ()) -> Iterator[Location]:
    if isinstance(value, Section):
        yield from ((*location, name) for name in value.repeated)
        for name, inner in value.items():
            yield from _repetitions(inner, (*location, name))
    elif isinstance(value, Elements):
        for at, inner in enumerate(value):
            yield from _repetitions(inner, (*location, at))


def _entries_of(tree: Section, key: str, file: str) -> tuple[list[Entry], list[Problem]]:
    problems = [
        Problem(f"`{name}` is not known here; this file holds `{key}:`.{did_you_mean(name, [key])}", file, line)
        for name, line in tree.lines.items()
        if name != key
    ]
    if key not in tree:
        return [], problems or [Problem(f"the file has no `{key}:`.", file, tree.line)]
    if key in tree.repeated:
        problems.append(Problem(f"`{key}:` stands here twice; only this one counts.", file, tree.lines[key]))
    elements = tree[key]
    if elements is None:
        return [], [*problems, Problem(f"the list under `{key}:` is empty.", file, tree.lines[key])]
    if not isinstance(elements, Elements):
        message = f"`{key}:` should be a list: each entry begins with `- `."
        return [], [*problems, Problem(message, file, tree.lines[key])]
    entries = []
    for number, (element, line) in enumerate(zip(elements, elements.lines, strict=True), start=1):
        if isinstance(element, Section):
            entries.append(Entry(element, file))
        else:
            message = f"entry {number} of `{key}:` should be a mapping such as `- name: value`."
            problems.append(Problem(message, file, line))
    return entries, problems


def parse(text: str) -> Any:
    """What the YAML says, with the lines on which it stands. Raises a `yaml.YAMLError`."""
    refuse_too_much(text, _SectionLoader)
    return yaml.load(text, Loader=_SectionLoader)  # noqa: S506  # a SafeLoader that remembers lines


class _SectionLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C where it is built in
    """A safe loader whose mappings and lists know their lines."""

    # `api_version: 2024-10-21` and `version: 2026-01-31` are meant as text.
    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value; its text where PyYAML raises whatever Python does with it, as for `!!int many`."""
        try:
            value = super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return str(node.value)
        is_usable = not isinstance(value, int) or value.bit_length() <= _LARGEST_INTEGER_BITS
        return value if is_usable else str(node.value)


def _construct_section(loader: Any, node: yaml.MappingNode) -> Any:
    section = Section()
    section.line = node.start_mark.line + 1
    section.lines, section.repeated = {}, []
    yield section
    own = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    loader.flatten_mapping(node)
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key should be a plain word", key.start_mark)
        section[key.value] = loader.construct_object(value, deep=True)
        section.lines[key.value] = key.start_mark.line + 1
    section.repeated += [name for name in section if own.count(name) > 1]


def _construct_elements(loader: Any, node: yaml.SequenceNode) -> Any:
    elements = Elements()
    yield elements
    elements += (loader.construct_object(element, deep=True) for element in node.value)
    elements.lines = [element.start_mark.line + 1 for element in node.value]


_SectionLoader.add_constructor("tag:yaml.org,2002:map", _construct_section)
_SectionLoader.add_constructor("tag:yaml.org,2002:seq", _construct_elements)


def _syntax_problem(exc: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(exc, "problem_mark", None)
    what = getattr(exc, "problem", None) or "it holds something that is no text"
    is_layout = isinstance(exc, yaml.scanner.ScannerError | yaml.parser.ParserError)
    hint = " A wrong indent, a tab or a missing quote is the usual cause." if is_layout else ""
    refusal = "the file cannot be used" if isinstance(exc, TooMuch) else "the file is no valid YAML"
    return Problem(f"{refusal}: {what}.{hint}", file, mark.line + 1 if mark else 0)


def _reason(exc: Exception) -> str:
    if isinstance(exc, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (getattr(exc, "strerror", None) or type(exc).__name__).lower()
