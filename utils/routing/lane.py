"""Who can be asked: a target is a model at a provider, and a lane is one way to it, with one of the keys."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from utils.chat import ChatProvider, ChatRequest, Delta

from .breaker import Breaker
from .gate import Gate
from .health import LaneHealth


@dataclass
class Lane:
    """A model at a provider with one key, and what is known of how it fares. Outlives a change of the files."""

    provider: str
    model: str | None
    key: str | None = None
    """The label of the key; None leaves it to the provider."""
    breaker: Breaker = field(default_factory=lambda: Breaker(monotonic))
    health: LaneHealth = field(default_factory=lambda: LaneHealth(monotonic))
    gate: Gate | None = None
    """How many may be answered at a time."""

    @property
    def is_full(self) -> bool:
        """Whether one more would have to wait."""
        return self.gate is not None and self.gate.is_full


@dataclass(frozen=True)
class Target:
    """A model at a provider, as one bot uses it."""

    provider: ChatProvider
    name: str
    """The provider's name."""
    model: str | None
    lanes: Callable[[], Sequence[Lane]]
    """The ways to it, the one that is best now first."""
    weight: float = 1.0
    label: str = ""
    """By what name a split and the records speak of it."""
    context: int | None = None
    """How many tokens it can read; None means unknown."""
    accepts_prefill: bool = False
    """Whether it goes on where an answer that it is given has stopped."""
    price: "Callable[[int, int], float | None] | None" = None
    """What so many tokens in and out would cost there, in US dollars; None where nobody knows."""

    def ask(self, lane: Lane, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer on this lane, whichever model the request names."""
        return self.provider.stream(msgspec.structs.replace(request, model=self.model, key=lane.key))
