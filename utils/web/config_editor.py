"""The two files as the console sees and changes them: read, compared, refused or saved. Nothing here knows of HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from utils.errors import EditRefused
from utils.keys import masked
from utils.problems import Problem, short_path
from utils.registry.editing import (
    NAME_KEYS,
    Add,
    Change,
    Edit,
    Examine,
    Remove,
    Revise,
    Section,
    Write,
    Written,
    as_text,
    entry_in,
    read_text,
    says,
    version_of,
    why_unwritable,
    with_all_of,
    written_in,
)

from .config_problems import of_entry, problem_json
from .config_secrets import MASK, as_json, hidden, literal_keys, restored, still_masked

SECTIONS: tuple[Section, ...] = ("bots", "providers")

_STAND_IN = "unnamed"
"""Under which an entry without a name is looked through."""


@dataclass(frozen=True)
class Wish:
    """What an entry shall be: data, or the lines of its owner."""

    entry: Mapping[str, Any] | None = None
    yaml: str | None = None


@dataclass(frozen=True)
class Result:
    """What came of a change. A `reason` says why it was not made."""

    diff: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)
    version: str | None = None
    """Of the file as it is now."""
    entry: dict[str, Any] | None = None
    """What it would be, or is now; None where it is gone or cannot be read."""
    saved: bool = False
    reason: str | None = None
    message: str = ""


@dataclass(frozen=True)
class ConfigEditor:
    """Everything in it reads files, or writes them: call it beside the event loop."""

    paths: Mapping[Section, Path]
    examine: Examine
    secrets: Callable[[], frozenset[str]]
    """What is known to be secret now."""
    why_fixed: Callable[[], str | None]
    """Why the files are nothing that can be changed here, such as on Modal."""

    def listing(self) -> dict[str, Any]:
        """Both files, with what is wrong in them."""
        problems = self.examine(self.paths["providers"], self.paths["bots"])
        return {section: self._section(section, problems) for section in SECTIONS}

    def change(
        self, section: Section, name: str | None, wish: Wish | None, version: str | None, *, save: bool
    ) -> Result:
        """Make an entry what is wished, or remove it. A `version` is that of the file which the wish is about."""
        try:
            text = read_text(self.paths[section])
        except EditRefused as exc:
            return Result(
                problems=[problem_json(Problem(str(exc)), self.secrets())], reason=exc.reason, message=str(exc)
            )
        seen = version_of(text)
        entries = written_in(text or "", section)
        keys = self._keys(entries)
        edit: Edit | None = None
        named = name or ""
        try:
            if version not in (None, seen):
                raise EditRefused(
                    f"{short_path(self.paths[section])} has changed since you looked at it; look again.",
                    reason="changed",
                )
            if save and (why := self._why_unwritable(section)):
                raise EditRefused(why, reason="unwritable")
            change = self._change(section, name, wish, entries)
            named = _name_in(change, section) or named
            edit = Edit(self.paths["providers"], self.paths["bots"], [change], self.examine, {section: seen})
            edit.preview()
            if save:
                edit.save()
        except EditRefused as exc:
            return self._refused(exc, self._outcome(edit, section, named, keys), edit, keys, section, seen)
        entry = self._outcome(edit, section, named, keys)
        return Result(
            masked(edit.difference, keys),
            entry["problems"] if entry else [],
            version_of(edit.texts[section]) if save else seen,
            entry,
            saved=save,
        )

    def _section(self, section: Section, problems: Any) -> dict[str, Any]:
        path = self.paths[section]
        try:
            text = read_text(path)
        except EditRefused:
            text = None  # why is among the problems
        entries = written_in(text or "", section)
        file, keys = short_path(path), self._keys(entries)
        mine = [(entry, of_entry(problems, entries, file, entry)) for entry in entries]
        told = {id(problem) for _, found in mine for problem in found}
        others = [problem for problem in problems if problem.file == file and id(problem) not in told]
        return {
            "file": file,
            "version": version_of(text),
            "read_only": self._why_unwritable(section),
            "problems": [problem_json(problem, keys) for problem in others],
            "entries": [self._entry(entry, section, found, keys) for entry, found in mine],
        }

    def _entry(self, entry: Written, section: Section, found: list[Problem], keys: frozenset[str]) -> dict[str, Any]:
        shown = hidden(entry.data, keys)
        return {
            "name": masked(entry.name, keys),
            "line": entry.line,
            "entry": as_json(shown),
            "yaml": _text_shown(entry, shown, keys),
            "problems": [problem_json(problem, keys, section) for problem in found],
        }

    def _keys(self, entries: list[Written]) -> frozenset[str]:
        own = (key for entry in entries for _, key in literal_keys(entry.data) if MASK not in key)
        return self.secrets() | frozenset(own)

    def _why_unwritable(self, section: Section) -> str | None:
        return self.why_fixed() or why_unwritable(self.paths[section])

    def _change(self, section: Section, name: str | None, wish: Wish | None, entries: list[Written]) -> Change:
        if wish is None:
            return Remove(section, name or "")
        now = next((entry for entry in entries if entry.name == name), None) if name is not None else None
        text, given = (None, dict(wish.entry)) if wish.entry is not None else entry_in(wish.yaml or "")
        data = self._restored(given, now, self._keys(entries))
        _refuse_keys(data, now)
        name_key = NAME_KEYS[section]
        if not str(data.get(name_key) or "").strip():
            named = {name_key: name or _STAND_IN, **{key: value for key, value in data.items() if key != name_key}}
            others = self._mistakes_in(Add(section, named) if name is None else Revise(section, name, named))
            missing = Problem(f"`{name_key}` is missing.", field=name_key)
            raise EditRefused("the entry has no name.", [missing, *others])
        if text is not None:
            return Write(section, with_all_of(text, given, data), data, instead_of=name)
        return Add(section, data) if name is None else Revise(section, name, data)

    def _mistakes_in(self, change: Change) -> Sequence[Problem]:
        edit = Edit(self.paths["providers"], self.paths["bots"], [change], self.examine)
        try:
            edit.preview()
        except EditRefused as exc:
            return exc.findings
        return ()

    def _restored(self, given: dict[str, Any], now: Written | None, keys: frozenset[str]) -> dict[str, Any]:
        if now is None:
            return given
        shown = as_json(hidden(now.data, keys))
        back = restored(given, now.data, shown)
        return dict(back)

    def _refused(
        self,
        exc: EditRefused,
        entry: dict[str, Any] | None,
        edit: Edit | None,
        keys: frozenset[str],
        section: Section,
        version: str,
    ) -> Result:
        message = masked(str(exc), keys)
        about = Problem(
            message.removeprefix(f"{short_path(self.paths[section])}: "),
            field=NAME_KEYS[section] if exc.reason == "exists" else "",
        )
        problems = [problem_json(each, keys, section) for each in exc.findings or (about,)]
        diff = masked(edit.difference, keys) if edit else ""
        return Result(diff, problems, version, entry, reason=exc.reason, message=message)

    def _outcome(self, edit: Edit | None, section: Section, name: str, keys: frozenset[str]) -> dict[str, Any] | None:
        """The entry with the change, as it is shown."""
        entries = written_in((edit and edit.texts.get(section)) or "", section)
        entry = next((each for each in entries if each.name == name), None)
        if edit is None or entry is None:
            return None
        found = of_entry(edit.problems, entries, short_path(self.paths[section]), entry)
        return self._entry(entry, section, found, keys)


def _text_shown(entry: Written, shown: Any, keys: frozenset[str]) -> str:
    text = masked(entry.text, keys)
    try:
        return text if says(text, shown) else as_text(shown)  # a key may be written with escapes
    except (EditRefused, ValueError):
        return text


def _refuse_keys(data: Mapping[str, Any], now: Written | None) -> None:
    before = frozenset(key for _, key in literal_keys(now.data)) if now else frozenset()
    found = [
        Problem(f"`{place}` {why}.", field=place)
        for location, why in still_masked(data, before)
        for place in [".".join(str(step) for step in location)]
    ]
    if found:
        raise EditRefused("a key has no place in the files.", found)


def _name_in(change: Change, section: Section) -> str:
    data = getattr(change, "data", {})
    return str(data.get(NAME_KEYS[section], ""))
