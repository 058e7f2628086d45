"""What /usage tells: the sums of a group, typed, and the questions that are asked for them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..server import Server
from .period import Period

BY = {"bot": "Bot", "provider": "Provider", "model": "Model", "user": "Person"}
"""What answers can be told apart by."""

_NOBODY = {"bot": "no bot, a model", "user": "not known"}
_PARTS = {"model": ("provider", "model")}
_AT_ONCE = 6


Where = tuple[tuple[str, str], ...]
"""Fields and their values, which leave only what has them all."""


@dataclass(frozen=True)
class Sums:
    """What the answers of one group add up to. None where it is not known."""

    requests: int = 0
    answered: int = 0
    failed: int = 0
    error_rate: float | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: Decimal = Decimal(0)
    unknown_cost: int = 0
    """How many attempts have a cost that nobody knows."""
    first_content_p50: float | None = None
    first_content_p95: float | None = None
    seconds_p50: float | None = None
    seconds_p95: float | None = None
    cache_hits: int = 0
    saved_tokens: int = 0
    saved_cost: Decimal | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Sums":
        """From JSON."""
        known = {name: said[name] for name in cls.__dataclass_fields__ if said.get(name) is not None}
        for name in ("cost", "saved_cost"):
            if name in known:
                known[name] = Decimal(str(known[name]))
        return cls(**known)

    @property
    def tokens(self) -> int:
        """Those sent and those answered."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True)
class Group:
    """One bot, provider, model, person or day."""

    name: str
    where: Where
    """What finds it again."""
    sums: Sums


@dataclass(frozen=True)
class Told:
    """The answer to one question."""

    groups: Sequence[Group]
    total: Sums


@dataclass(frozen=True)
class Question:
    """What is asked: of which days, told apart by what, and of whom only."""

    period: Period
    by: str = "day"
    only: Where = ()

    @property
    def params(self) -> dict[str, str]:
        """As /usage takes it."""
        return {"by": self.by, **self.period.params, **dict(self.only)}


def told(server: Server, question: Question) -> Told:
    """The sums."""
    said = server.read("/usage", **question.params)
    return Told([_group(question.by, each) for each in said["groups"]], Sums.of(said["total"]))


def all_told(server: Server, questions: Sequence[Question]) -> list[Told]:
    """The answers to several questions, which are asked at the same time."""
    if not questions:
        return []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(lambda question: told(server, question), questions))


def _group(by: str, said: Mapping[str, Any]) -> Group:
    where = tuple((name, str(said[name])) for name in _PARTS.get(by, (by,)))
    return Group(" / ".join(value for _, value in where if value) or _NOBODY.get(by, "none"), where, Sums.of(said))
