"""What /usage/attempts tells: single answers with all of their attempts, typed."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..server import Server


@dataclass(frozen=True)
class Tried:
    """One attempt to get the answer."""

    provider: str
    model: str
    outcome: str
    error: str
    key: str
    variant: str
    cached: bool
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    at: float
    """When it ended, in seconds since 1970."""
    queued: float
    first_content: float | None
    seconds: float

    @property
    def who(self) -> str:
        """Who was asked."""
        return " / ".join(filter(None, [self.provider, self.model]))

    @property
    def came_to_nothing(self) -> bool:
        """Whether it failed or broke off."""
        return self.outcome in ("failed", "broken")


@dataclass(frozen=True)
class Answered:
    """One answer."""

    reference: str
    at: datetime.datetime
    bot: str
    door: str
    user: str
    cost: Decimal | None
    seconds: float
    first_content: float | None
    outcome: str
    attempts: tuple[Tried, ...]

    @property
    def errors(self) -> list[str]:
        """The classes of what failed, each once."""
        return list(dict.fromkeys(each.error for each in self.attempts if each.error))


def answers_told(server: Server, **params: str | int | None) -> tuple[list[Answered], bool]:
    """The answers, and whether these are all."""
    said = server.read("/usage/attempts", **params)
    return [_answer(each) for each in said["answers"]], bool(said["is_all"])


def _answer(said: Mapping[str, Any]) -> Answered:
    known = {name: said[name] for name in ("reference", "bot", "door", "user", "seconds", "first_content", "outcome")}
    at = datetime.datetime.fromtimestamp(said["at"], datetime.UTC).astimezone()
    return Answered(
        **known, at=at, cost=_money(said["cost"]), attempts=tuple(_tried(each) for each in said["attempts"])
    )


def _tried(said: Mapping[str, Any]) -> Tried:
    words = {name: said.get(name) or "" for name in ("provider", "model", "outcome", "error", "key", "variant")}
    numbers = {name: said.get(name) for name in ("input_tokens", "output_tokens", "first_content")}
    times = {name: said.get(name) or 0.0 for name in ("at", "queued", "seconds")}
    known: dict[str, Any] = {**words, **numbers, **times}
    return Tried(**known, cached=bool(said.get("cached")), cost=_money(said.get("cost")))


def _money(said: Any) -> Decimal | None:
    return None if said is None else Decimal(str(said))
