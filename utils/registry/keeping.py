"""What of the last good version of a file stays in force when a file is read again."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from utils.problems import Problem

from .yaml_file import Entry

STAYS = "The last good version stays in force."


def saying_that_it_stays(problems: Iterable[Problem]) -> list[Problem]:
    """The findings; those that are errors say that nothing has changed by them."""
    return [
        replace(problem, message=f"{problem.message} {STAYS}") if problem.severity == "error" else problem
        for problem in problems
    ]


def is_unreadable(entries: Collection[Entry], problems: Iterable[Problem]) -> bool:
    """Whether the file says nothing at all; one that says that there are no entries is no such file."""
    return not entries and any(problem.severity == "error" for problem in problems)


def are_some_unnamed(entries: Iterable[Entry], problems: Iterable[Problem], key: str) -> bool:
    """Whether there is something in the file of which nobody can tell whose it is."""
    return any(problem.severity == "error" for problem in problems) or any(
        name_in(entry, key) is None for entry in entries
    )


def name_in(entry: Entry, key: str) -> str | None:
    """How the entry is called, as far as that can be told."""
    name = entry.data.get(key)
    return str(name) if isinstance(name, str | int) and name != "" else None
