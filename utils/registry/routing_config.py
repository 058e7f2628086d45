"""What an entry may say about who answers, how long is waited, and what is kept."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from .spec import Spec
from .times import seconds_of

OnBreak = Literal["replace", "continue", "error"]

_SHORTEST_ROUND = 5.0


class TargetConfig(Spec):
    """One of several that may answer. Just `provider` or `provider:model` is enough."""

    target: str = Field(min_length=1)
    """`provider`, `provider:model` or an alias."""
    weight: float = Field(default=1.0, gt=0, le=1_000_000)
    """How often it is chosen, beside the others: for the strategies `random` and `least_busy`."""
    name: str | None = Field(default=None, min_length=1)
    """What a `split` and the records call it; by default as `target`."""

    @property
    def label(self) -> str:
        """What a split and the records call it."""
        return self.name or self.target

    @property
    def provider(self) -> str:
        """The provider, once the names are full ones."""
        return self.target.partition(":")[0]

    @property
    def model(self) -> str | None:
        """The model, once the names are full ones; None is the provider's own."""
        return self.target.partition(":")[2] or None


class SplitConfig(Spec):
    """An A/B test: which share of the people, or of the conversations, is answered by which target."""

    by: Literal["user", "conversation"] = "user"
    """What always gets the same variant."""
    shares: Mapping[str, float] = {}
    """How much falls to each target, by its name. They stand beside `by` as well."""

    @model_validator(mode="before")
    @classmethod
    def _shares_stand_beside(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "shares" in data:
            return data
        return {"shares": {name: share for name, share in data.items() if name != "by"}} | (
            {"by": data["by"]} if "by" in data else {}
        )

    @model_validator(mode="after")
    def _something_is_shared_out(self) -> "SplitConfig":
        if not self.shares or any(share < 0 for share in self.shares.values()) or not sum(self.shares.values()):
            raise ValueError("should give at least one target a share above 0, such as `{a: 90, b: 10, by: user}`")
        return self


class CacheConfig(Spec):
    """How long, and for whom, an answer is kept to be given again."""

    ttl: str | int
    """For how long, such as `10m` or `1h`; a plain number is seconds."""
    scope: Literal["bot", "user", "conversation"] = "user"
    """Who may be given the same answer: everybody who asks the bot, the same person, or the same conversation."""


class HealthCheck(Spec):
    """How a provider is looked after while nobody asks it anything."""

    every: str | int
    """How often, such as `5m`; a plain number is seconds."""
    by: Literal["models", "answer"] = "models"
    """What is asked: its list of models, which is free, or an answer of one token."""

    @field_validator("every", mode="after")
    @classmethod
    def _is_a_time(cls, value: str | int) -> str | int:
        if (seconds_of(value) or 0) < _SHORTEST_ROUND:
            raise ValueError("should be a time of 5 seconds or more, such as `30s`, `5m` or `1h`")
        return value

    @property
    def every_seconds(self) -> float:
        """How often, in seconds."""
        return seconds_of(self.every) or _SHORTEST_ROUND
