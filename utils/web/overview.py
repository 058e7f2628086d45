"""What the server shows of itself. Nothing secret is ever put into it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from utils.providers.takes import Takes
from utils.routing.board import LaneState


@dataclass(frozen=True)
class BotOffers:
    """What may be asked of a bot, and who answers for it. A bot in Python is asked by Poe only, and offers nothing."""

    takes: Takes = field(default_factory=Takes)
    models: tuple[str, ...] = ()
    """Those that may be chosen, its own first, as `provider:model`."""
    targets: "tuple[TargetCard, ...]" = ()


@dataclass(frozen=True)
class BotCard:
    """A bot, as others may see it."""

    name: str
    description: str
    provider: str | None
    model: str | None
    path: str
    why_not_ready: str | None
    access_key_names: tuple[str, ...] = ()
    """The variables in which its Poe access key may stand; the first one set counts."""
    why_shut: str | None = None
    """Why none of its targets is asked now, when none is."""
    offers: Callable[[], BotOffers] = BotOffers
    """Looked up only where it is shown."""


@dataclass(frozen=True)
class ProviderCard:
    """A provider, as others may see it."""

    name: str
    api_base: str
    default_model: str | None
    models: tuple[str, ...]
    why_not_ready: str | None


@dataclass(frozen=True)
class TargetCard:
    """A model at a provider with one of its keys, and how it fares. Times in seconds; None where nothing is known."""

    target: str
    state: str
    reason: str
    shut_for: float | None
    in_flight: int
    attempts: int
    success_rate: float | None
    """Of the attempts that came to an end, but for those that nobody wanted any more."""
    first_content_p50: float | None
    first_content_p95: float | None
    key: str | None
    """The name of the key: for the owner only."""


@dataclass(frozen=True)
class Overview:
    """The state of the server at one moment."""

    version: str
    bots: tuple[BotCard, ...]
    providers: tuple[ProviderCard, ...]
    problems: tuple[str, ...]
    has_errors: bool
    environment: Mapping[str, Any]
    targets: Callable[[], tuple[TargetCard, ...]] = tuple
    """How everyone fares who is asked; looked up only where it is shown."""

    @property
    def status(self) -> Literal["ok", "degraded", "error"]:
        """`degraded` when something was left out or has to be looked after, `error` when there is no bot at all."""
        if not self.bots:
            return "error"
        return "degraded" if self.has_errors else "ok"


def target_card(lane: LaneState) -> TargetCard:
    """The lane, as it is shown."""
    health = lane.health
    ended = health.successes + sum(health.failures.values())
    return TargetCard(
        target=lane.target,
        state=lane.state,
        reason=lane.reason,
        shut_for=_rounded(lane.shut_for),
        in_flight=health.in_flight,
        attempts=health.attempts,
        success_rate=_rounded(health.successes / ended) if ended else None,
        first_content_p50=_rounded(health.first_content_p50),
        first_content_p95=_rounded(health.first_content_p95),
        key=lane.key,
    )


def public(card: TargetCard) -> dict[str, Any]:
    """What anybody may see of it."""
    return {name: value for name, value in vars(card).items() if name != "key"}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
