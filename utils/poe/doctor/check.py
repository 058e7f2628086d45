"""One rule of the protocol, and how it is tried."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from .patient import Patient

Verdict = Literal["pass", "fail", "warning", "skipped"]
Severity = Literal["fail", "warning"]


class Violation(Exception):
    """The rule does not hold; the message says what was seen instead."""


class Skipped(Exception):
    """The rule cannot be tried; the message says why."""


@dataclass(frozen=True)
class Check:
    """A row of the table of checks."""

    name: str
    rule: str
    """What a correct bot server does, in a sentence."""
    run: Callable[[Patient], Awaitable[None]]
    """Returns when the rule holds, raises `Violation` or `Skipped` when it does not or cannot be tried."""
    severity: Severity = "fail"
    """What it is when the rule does not hold."""
    needs_key: bool = False
    """Whether it can only be tried on a bot that has an access key."""


@dataclass(frozen=True)
class Result:
    """What a check found."""

    name: str
    rule: str
    verdict: Verdict
    detail: str = ""


def expect(holds: bool, otherwise: str) -> None:
    """Raises `Violation` with this sentence unless it holds."""
    if not holds:
        raise Violation(otherwise)
