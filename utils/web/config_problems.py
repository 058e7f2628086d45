"""Findings about the two files as a form shows them: each at the field that it is about."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from utils.keys import masked
from utils.problems import Problem
from utils.registry.editing import Section, Written

_LABELS = {"providers": re.compile(r"^provider `[^`]*`: "), "bots": re.compile(r"^bot `[^`]*`: ")}
"""How the findings about an entry begin."""
_DO = frozenset(
    ("write", "give", "keep", "put", "set", "remove", "take", "name", "add", "change", "use", "look", "try")
)
_HINT = " Did you mean "


def problem_json(problem: Problem, keys: frozenset[str], section: Section | None = None) -> dict[str, Any]:
    """One finding; beside an entry of this section it need not say which entry that is."""
    message = masked(problem.message, keys)
    message = _LABELS[section].sub("", message, count=1) if section else message
    return {
        "field": problem.field,
        "message": message,
        "severity": problem.severity,
        "fix": fix_in(message),
        "line": problem.line or None,
        "file": problem.file or None,
    }


def fix_in(message: str) -> str | None:
    """The part of a sentence that says what to write instead, where it has one."""
    _, hint, name = message.partition(_HINT)
    if hint:
        return (hint + name).strip()
    _, semicolon, fix = message.partition("; ")
    return f"{fix[:1].upper()}{fix[1:]}" if semicolon and fix.partition(" ")[0] in _DO else None


def of_entry(problems: Iterable[Problem], entries: Sequence[Written], file: str, entry: Written) -> list[Problem]:
    """Those that stand on the lines of this entry."""
    following = min((each.line for each in entries if each.line > entry.line), default=None)
    return [
        problem
        for problem in problems
        if problem.file == file and problem.line >= entry.line and (following is None or problem.line < following)
    ]
