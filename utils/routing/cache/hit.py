"""An answer that nobody was asked for, as the ledger wants to know it."""

from asyncio import get_running_loop
from collections.abc import Callable
from typing import Literal

from utils.chat import Delta, Origin, Usage


class Hit:
    """What was given of a stored answer, or of one that was on its way. Times in seconds."""

    def __init__(self) -> None:
        self.outcome: Literal["answered", "broken", "cancelled"] = "cancelled"
        self.error: str | None = None
        self.usage: Usage | None = None
        self.answered_by: str | None = None
        self.first_content: float | None = None
        self.seconds = 0.0
        self._now = get_running_loop().time
        self._begun_at = self._now()

    def saw(self, delta: Delta) -> None:
        """Take note of what is not words."""
        if self.first_content is None and delta.has_content:
            self.first_content = self._now() - self._begun_at
        self.usage = delta.usage or self.usage
        self.answered_by = delta.model or self.answered_by

    def ended(self, failure: Exception | None) -> None:
        """It was read to its end, and that is how it ended."""
        self.outcome = "answered" if failure is None else "broken"
        self.error = type(failure).__name__ if failure else None

    def over(self) -> None:
        """Nobody reads on."""
        self.seconds = self._now() - self._begun_at


RecordHit = Callable[[Origin, Hit], object]
