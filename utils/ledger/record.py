"""One attempt to get an answer, as it is remembered. No text is in it."""

import time
from decimal import Decimal
from typing import Literal

import msgspec

from .names import NAMES

Outcome = Literal["answered", "failed", "broken", "refused", "cancelled", "outrun"]
CostSource = Literal["provider", "yaml", "genai-prices", "cache", "unknown"]

SERVER_DIED = "ServerDied"
"""The error of an attempt whose server was killed: nobody knows how far it came, or what it has cost."""


def new_id() -> str:
    """A name for an attempt that no other has."""
    return NAMES.next()


class UsageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked whom, what came of it, and what it has cost. Written once, never changed."""

    id: str = msgspec.field(default_factory=new_id)
    """So that a record that is written twice counts once."""
    at: float = msgspec.field(default_factory=time.time)
    """When it ended, in seconds since 1970."""
    door: str = ""
    bot: str = ""
    user: str = ""
    """Hashed, unless the owner wants the ids as they are."""
    conversation: str = ""
    message: str = ""
    reference: str = ""
    """What the person sees of an error, and the log has too."""
    provider: str = ""
    model: str = ""
    """The model that was asked."""
    answered_by: str = ""
    """The model that has answered, by its own word."""
    variant: str = ""
    key: str = ""
    """The label of the key."""
    attempt: int = 1
    outcome: Outcome = "answered"
    error: str = ""
    """The class of the failure."""
    cached: bool = False
    """Whether the answer came from the cache."""
    input_tokens: int | None = None
    """None where nobody has counted."""
    output_tokens: int | None = None
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost: Decimal | None = None
    """In US dollars; None where it is not known, which is not the same as nothing."""
    cost_source: CostSource = "unknown"
    queued: float = 0.0
    """Seconds in the queue of the provider."""
    first_content: float | None = None
    """Seconds from the request to its first content."""
    seconds: float = 0.0
    """Seconds from the request to its end."""

    @property
    def cost_is_unknown(self) -> bool:
        """Whether it has cost something, and nobody knows what."""
        if self.cost is not None and self.cost.is_finite():
            return False
        # Who has said nothing asks no money, as far as anybody knows; of whom the server has died, nobody knows it.
        return self.first_content is not None or self.output_tokens is not None or self.error == SERVER_DIED
