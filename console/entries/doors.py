"""The two files, as the doors below /admin/config show and change them."""

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from ..server import Refused, Server

Section = Literal["bots", "providers"]

NAME_KEYS: dict[Section, str] = {"bots": "bot_name", "providers": "name"}
"""The field with the name of an entry."""
KINDS: dict[Section, str] = {"bots": "bot", "providers": "provider"}

_MISSING = re.compile(r"`(\w+)` is missing\b")


@dataclass(frozen=True)
class Problem:
    """Something that is wrong, or looks so."""

    field: str
    message: str
    is_error: bool

    @property
    def top_field(self) -> str:
        """The field of the entry in which it is; of what is missing, its own, wherever it was looked for."""
        missing = _MISSING.match(self.message)
        return missing[1] if missing and "." not in self.field else self.field.partition(".")[0]

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Problem":
        """From JSON."""
        return cls(said.get("field") or "", said["message"], said.get("severity") == "error")


@dataclass(frozen=True)
class Entry:
    """One entry: as data, and as its owner has written it."""

    name: str
    data: dict[str, Any]
    yaml: str
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Entry":
        """From JSON."""
        return cls(said["name"], said["entry"], said["yaml"], _problems(said))

    @property
    def errors(self) -> list[str]:
        """Why it is not served, or in force, as it is."""
        return [problem.message for problem in self.problems if problem.is_error]


@dataclass(frozen=True)
class File:
    """One of the two files."""

    name: str
    version: str
    why_fixed: str
    """Why it cannot be changed from here; empty when it can."""
    problems: tuple[Problem, ...]
    """Those that are of no entry."""
    entries: tuple[Entry, ...]

    def entry(self, name: str) -> Entry | None:
        """The entry of this name."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True)
class Outcome:
    """What came of a change, or would come of it."""

    diff: str
    problems: tuple[Problem, ...]
    entry: Entry | None
    """As it is now, or would be; None where it is gone or cannot be read."""
    is_saved: bool
    version: str
    """Of the file as it is now."""
    why_refused: str
    """Empty when it was not."""
    why_not_in_force: str = ""
    """Why what is saved is not served; empty when it is."""


def files_of(server: Server) -> dict[Section, File]:
    """Both files."""
    told = server.read("/admin/config")
    return {"bots": _file(told["bots"]), "providers": _file(told["providers"])}


def fields_of(server: Server, section: Section) -> dict[str, dict[str, Any]]:
    """What an entry may say: the schema of each field."""
    found: dict[str, dict[str, Any]] = server.read("/admin/config/schema")[section]["properties"]
    return found


def change(
    server: Server,
    section: Section,
    name: str | None,
    wish: dict[str, Any] | None,
    version: str,
    *,
    is_rehearsal: bool = False,
) -> Outcome:
    """Write the `wish` (`entry` or `yaml`) in the place of that entry, or as a new one; without a wish, remove it."""
    path = f"/admin/config/{section}" + ("" if name is None else f"/{quote(name, safe='')}")
    method = "POST" if name is None else "PUT" if wish is not None else "DELETE"
    try:
        said = server.send(method, path, wish, if_match=version, dry_run="true" if is_rehearsal else None)
    except Refused as refused:
        if not isinstance(refused.body, dict) or "saved" not in refused.body:
            raise
        said = refused.body
    return Outcome(
        diff=said["diff"],
        problems=_problems(said),
        entry=Entry.of(said["entry"]) if said.get("entry") else None,
        is_saved=said["saved"],
        version=said.get("version") or "",
        why_refused=said.get("error") or "",
        why_not_in_force=said.get("not_in_force") or "",
    )


def _file(said: dict[str, Any]) -> File:
    entries = tuple(Entry.of(each) for each in said["entries"])
    return File(said["file"], said["version"], said["read_only"] or "", _problems(said), entries)


def _problems(said: dict[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem.of(each) for each in said["problems"])
