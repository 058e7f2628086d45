"""What was tried for one answer, and what came of it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import structlog

from utils.chat import Origin, Usage

_log = structlog.get_logger("utils.routing")

Outcome = Literal["answered", "failed", "broken", "cancelled", "outrun"]
"""`broken` failed after its first word; `outrun` was slower than another that was asked at the same time."""


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
    first_content: float | None = None
    """From the request to its first content."""
    seconds: float = 0.0
    """From the request to its end."""
    pieces: int = 0
    usage: Usage | None = None
    answered_by: str | None = None
    """The model that says it has answered."""

    def told(self) -> dict[str, Any]:
        """What anybody may know of it: neither words nor keys."""
        said = {
            "target": f"{self.provider}:{self.model}",
            "outcome": self.outcome,
            "error": self.error,
            "queued": round(self.queued, 3) or None,
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

    def log(self) -> None:
        """One event for the whole answer."""
        log = _log.info if all(each.outcome == "answered" for each in self.tried) else _log.warning
        log(
            "answer.route",
            bot=self.origin.bot,
            door=self.origin.door,
            paused=round(self.paused, 3),
            attempts=[_told(each) for each in self.tried],
        )


def _told(tried: Tried) -> dict[str, object]:
    usage = tried.usage
    said = {
        "target": f"{tried.provider}:{tried.model}",
        "key": tried.key,
        "variant": tried.variant,
        "outcome": tried.outcome,
        "error": tried.error,
        "queued": round(tried.queued, 3) or None,
        "first_content": None if tried.first_content is None else round(tried.first_content, 3),
        "seconds": round(tried.seconds, 3),
        "pieces": tried.pieces,
        "tokens": f"{usage.input_tokens}+{usage.output_tokens}" if usage else None,
    }
    return {name: value for name, value in said.items() if value is not None}
