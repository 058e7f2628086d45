"""What is wrong with the configuration, said so that its owner can fix it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One finding. An error leaves its entry out; a warning only says so."""

    message: str
    file: str = ""
    line: int = 0
    severity: Literal["error", "warning"] = "error"
    field: str = ""
    """Where in its entry, such as `models.0.price`; empty where it is about the entry as a whole."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.message}" if where else self.message


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean …?` with the nearest known name, or nothing when none is near."""
    near = nearest(name, known)
    return f" Did you mean `{near}`?" if near else ""


def short_path(path: Path) -> str:
    """The path as a person here would type it: relative to the working folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return path.name
