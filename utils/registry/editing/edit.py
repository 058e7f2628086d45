"""Changes of the two files: shown, then written at once, or refused with the files as they were."""

import difflib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import yaml

from utils.errors import EditRefused
from utils.problems import Problem, short_path

from ..yaml_file import parse, read_entries
from .change import KINDS, Change, Data, Remove, Section, name_of
from .field_paths import plain
from .findings import Examine, changed_lines, errors_among, examine_registries, new_errors, problems_in
from .lock import locked
from .stored import read_text, version_of, without_mark, write_text

Texts = dict[Section, str | None]


def names_in(path: Path, section: Section) -> list[str]:
    """The names of the entries in the file, in their order; none where it cannot be read."""
    entries, _ = read_entries(path, section)
    return [name for entry in entries if (name := name_of(entry.data, section))]


def refuse_unreadable(path: Path, section: Section) -> None:
    """Raises `EditRefused`, with the line, where the file holds no list of entries. One that is not there is empty."""
    _tree(without_mark(read_text(path) or "")[1], section, short_path(path))


class Edit:
    """Some changes of a file of providers and of one of bots, to be made together.

    They are made to the files as they are when `preview` or `save` is called; `examine` says what is wrong with two
    files, by default what the registries find. With `versions`, only to files that are what they were.
    """

    def __init__(
        self,
        providers: Path,
        bots: Path,
        changes: Sequence[Change],
        examine: Examine = examine_registries,
        versions: Mapping[Section, str] = MappingProxyType({}),
    ) -> None:
        self.paths: Mapping[Section, Path] = {"providers": providers, "bots": bots}
        self.changes = tuple(changes)
        self.texts: Texts = {}
        """The texts with the changes, also where these were refused for what the texts would say then."""
        self.problems: list[Problem] = []
        """What is wrong with them, warnings too."""
        self._examine = examine
        self._versions = versions
        self._seen: tuple[Texts, Texts] | None = None
        self._old: Texts = {}

    def preview(self) -> str:
        """What `save` would change, as a unified diff. Raises `EditRefused` as `save` would."""
        self._made(self._read())
        return self.difference

    @property
    def difference(self) -> str:
        """The unified diff of what was looked at last, also where it was refused."""
        return "".join(
            self._difference(section, self._old[section], text)
            for section in self.paths
            if (text := self.texts.get(section)) is not None
        )

    def save(self, wait_seconds: float = 10) -> None:
        """The changes are in the files, or `EditRefused` is raised and the files are as they were."""
        targets = {path.resolve() for path in self.paths.values()}
        with ExitStack() as stack:
            for target in sorted(targets):
                stack.enter_context(locked(target, wait_seconds))
            old = self._read()
            new = self._made(old)
            for section, path in self.paths.items():
                text = new[section]
                if text is not None and text != old[section]:
                    # Editors know nothing of the lock.
                    if read_text(path) != old[section]:
                        raise EditRefused(f"{short_path(path)} was changed meanwhile; try again.", reason="busy")
                    write_text(path, text)

    def _read(self) -> Texts:
        texts = {section: read_text(path) for section, path in self.paths.items()}
        for section, version in self._versions.items():
            if version_of(texts[section]) != version:
                file = short_path(self.paths[section])
                raise EditRefused(f"{file} has changed since you looked at it; look again.", reason="changed")
        return texts

    def _made(self, old: Texts) -> Texts:
        if self._seen and self._seen[0] == old:
            return self._seen[1]
        new = dict(old)
        for change in self.changes:
            new[change.section] = self._changed(change, new[change.section])
        self._old, self.texts = old, new
        self._refuse_what_is_needed(new)
        self._refuse_mistakes(old, new)
        self._seen = old, new
        return new

    def _changed(self, change: Change, text: str | None) -> str:
        file = short_path(self.paths[change.section])
        mark, old = without_mark(text or "")
        tree = _tree(old, change.section, file)
        entries = _entries(tree, change.section)
        try:
            new = change.of_text(old, entries)
            wanted = change.of_data(entries)
        except EditRefused as exc:
            raise EditRefused(f"{file}: {exc}", exc.findings, reason=exc.reason) from exc
        except (IndexError, KeyError, TypeError, ValueError) as exc:
            raise _by_hand(file, change) from exc
        # Whatever else is in the file has to mean what it meant.
        if not _same(_tree(new, change.section, file, _by_hand(file, change)), {**tree, change.section: wanted}):
            raise _by_hand(file, change)
        return mark + new

    def _refuse_what_is_needed(self, new: Texts) -> None:
        for change in self.changes:
            if not isinstance(change, Remove) or change.section != "providers" or change.force:
                continue
            tree = _tree(without_mark(new["bots"] or "")[1], "bots", short_path(self.paths["bots"]))
            bots = _entries(tree, "bots")
            users = [name_of(bot, "bots") for bot in bots if change.name in set(_providers_of(bot))]
            if users:
                raise EditRefused(
                    f"provider `{change.name}` is needed by {', '.join(users)}; give them another one first.",
                    [Problem(f"bot `{user}` uses provider `{change.name}`.") for user in users],
                    reason="in_use",
                )

    def _refuse_mistakes(self, old: Texts, new: Texts) -> None:
        self.problems = problems_in(new, self.paths, self._examine)
        before = errors_among(problems_in(old, self.paths, self._examine))
        after = errors_among(self.problems)
        found = [error for error in new_errors(before, after) if not self._was_meant(error)]
        if len(after) <= len(before):
            # An entry with one mistake less may show the next one: that stood there before, too.
            found = [error for error in found if self._is_on_a_changed_line(error, old, new)]
        if found:
            raise EditRefused("the change would bring a mistake into the configuration.", found)

    def _was_meant(self, error: Problem) -> bool:
        forced = any(isinstance(change, Remove) and change.force for change in self.changes)
        return forced and error.file == short_path(self.paths["bots"])

    def _is_on_a_changed_line(self, error: Problem, old: Texts, new: Texts) -> bool:
        return any(
            error.line in changed_lines(old[section] or "", new[section] or "")
            for section, path in self.paths.items()
            if short_path(path) == error.file
        )

    def _difference(self, section: Section, old: str | None, new: str | None) -> str:
        name = short_path(self.paths[section])
        lines = difflib.unified_diff(
            (old or "").splitlines(keepends=True), (new or "").splitlines(keepends=True), name, name
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _tree(text: str, section: Section, file: str, otherwise: EditRefused | None = None) -> dict[str, Any]:
    try:
        tree = plain(parse(text))
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else file
        raise otherwise or EditRefused(f"{where}: the file is no valid YAML; `check` says more.") from exc
    if tree is None:
        return {}
    if not isinstance(tree, dict) or not isinstance(tree.get(section) or [], list):
        raise otherwise or EditRefused(f"{file}: the file should begin with `{section}:` and a list below it.")
    return tree


def _entries(tree: Mapping[str, Any], section: Section) -> Data:
    return cast("Data", tree.get(section) or [])


def _by_hand(file: str, change: Change) -> EditRefused:
    what = f"{KINDS[change.section]} `{change.name}`"
    return EditRefused(f"{file}: {what} is written in a way that can only be changed by hand.", reason="shared")


def _providers_of(bot: Any) -> list[str]:
    if not isinstance(bot, dict):
        return []
    targets = [bot.get("provider"), *_listed(bot.get("fallbacks")), *_listed(bot.get("targets"))]
    names = (target.get("target") if isinstance(target, dict) else target for target in targets)
    return [str(name).partition(":")[0] for name in names if name]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and (one == other or one != one)  # a NaN is not itself
