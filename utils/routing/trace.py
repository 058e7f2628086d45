"""What was tried for one answer, and what came of it."""

import logging
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from utils.chat import Origin, Usage
from utils.ledger.record import new_id

_log = structlog.get_logger(__name__)
_STANDARD_LOG = logging.getLogger(__name__)

Outcome = Literal["answered", "failed", "broken", "refused", "cancelled", "outrun"]
"""`broken` failed after its first word; `refused` was not even asked; `outrun` was slower than another that was asked
at the same time."""


@dataclass
class Tried:
    """One attempt. Times in seconds; None where it did not come to that."""

    number: int
    provider: str
    model: str | None
    key: str | None
    variant: str | None = None
    outcome: Outcome = "cancelled"
    error: str | None = None
    """The class of the failure."""
    queued: float = 0.0
    """In the queue of the provider."""
    connected: float | None = None
    """From the request to the first sign of life, content or not."""
    first_content: float | None = None
    """From the request to its first content."""
    seconds: float = 0.0
    """From the request to its end."""
    ended_at: float = 0.0
    """When that was, in seconds since 1970."""
    pieces: int = 0
    usage: Usage | None = None
    answered_by: str | None = None
    """The model that says it has answered."""
    cached: bool = False
    """Whether nobody was asked, because the answer was there already or on its way."""
    id: str = field(default_factory=new_id, compare=False)
    """Of its record, when it begins and when it ends."""

    @property
    def pause(self) -> float | None:
        """Seconds between two pieces of a whole answer, on average; None where there were not two."""
        if self.outcome != "answered" or self.first_content is None or self.pieces < 2:
            return None
        return max(0.0, self.seconds - self.first_content) / (self.pieces - 1)

    def failed(self, failure: Exception, *, was_asked: bool) -> None:
        """It is over, and why."""
        self.outcome = "broken" if self.first_content is not None else "failed" if was_asked else "refused"
        self.error = type(failure).__name__

    def told(self) -> dict[str, Any]:
        """What anybody may know of it: neither words nor keys."""
        said = {
            "target": f"{self.provider}:{self.model}",
            "outcome": self.outcome,
            "error": self.error,
            "queued": round(self.queued, 3) or None,
            "connected": None if self.connected is None else round(self.connected, 3),
            "first_content": None if self.first_content is None else round(self.first_content, 3),
            "seconds": round(self.seconds, 3),
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass
class Trace:
    """All attempts for one answer."""

    origin: Origin
    tried: list[Tried] = field(default_factory=list)
    paused: float = 0.0
    """Seconds between attempts."""

    @property
    def has_answered(self) -> bool:
        """Whether one of those who were asked gave a whole answer."""
        return any(each.outcome == "answered" for each in self.tried)

    def log(self) -> None:
        """One event for the whole answer."""
        went_plainly = len(self.tried) == 1 and self.tried[0].outcome == "answered"
        level = logging.DEBUG if went_plainly else logging.INFO if self.has_answered else logging.WARNING
        # Asked of the standard library: to word what nobody will read costs as much as all the rest of a route.
        if not _STANDARD_LOG.isEnabledFor(level):
            return
        _log.log(
            level,
            "answer.route",
            bot=self.origin.bot,
            door=self.origin.door,
            **({"ref": self.origin.reference} if self.origin.reference else {}),
            paused=round(self.paused, 3),
            attempts=[_told(each) for each in self.tried],
        )


def _told(tried: Tried) -> dict[str, object]:
    """What anybody may know of it, and what only the owner does."""
    usage = tried.usage
    owners = {
        "key": tried.key,
        "variant": tried.variant,
        "pieces": tried.pieces,
        "tokens": f"{usage.input_tokens}+{usage.output_tokens}" if usage else None,
    }
    return {**tried.told(), **{name: value for name, value in owners.items() if value is not None}}
