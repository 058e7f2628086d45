"""When Poe called which bot, and what it complained of: kept in memory, for as long as the server runs."""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TYPES = ("query", "settings", "report_error", "report_reaction", "report_feedback")
_OTHER = "other"
_MOST_ERRORS = 20
_LONGEST_ERROR = 2_000


@dataclass
class BotCalls:
    """What has come for one bot. Times are seconds since 1970."""

    last_at: float | None = None
    last_type: str | None = None
    by_type: Counter[str] = field(default_factory=Counter)
    errors: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=_MOST_ERRORS))
    """The latest errors that Poe reported, in its own words."""


class Calls:
    """Counts whatever is let in."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._bots: dict[str, BotCalls] = {}

    def add(self, bot: str, said: Any) -> None:
        """A request to the bot, as it came."""
        calls = self._bots.setdefault(bot, BotCalls())
        kind = said["type"] if said["type"] in TYPES else _OTHER
        calls.last_at, calls.last_type = self._now(), kind
        calls.by_type[kind] += 1
        if kind == "report_error":
            message = said.get("message")
            calls.errors.append((calls.last_at, message[:_LONGEST_ERROR] if isinstance(message, str) else ""))

    def of(self, bot: str) -> BotCalls:
        """What has come for the bot."""
        return self._bots.get(bot) or BotCalls()
