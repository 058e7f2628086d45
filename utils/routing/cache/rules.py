"""What an owner says of a bot's cache: how long an answer is kept, and who shares it."""

from dataclasses import dataclass
from typing import Literal

from utils.registry.times import seconds_of

Scope = Literal["bot", "user", "conversation"]


@dataclass(frozen=True)
class CacheRules:
    """How long an answer is good, and among whose questions it is looked for."""

    ttl_seconds: float
    scope: Scope = "user"


def parse_ttl(value: str | float) -> float:
    """A time like `30s`, `10m`, `1h`, `2 days` or plain seconds, in seconds. Raises a ValueError for anything else."""
    seconds = seconds_of(value)
    if seconds is None:
        raise ValueError(
            f"{value!r} is no time for a cache: write a number above 0 with s, m, h or d behind it, like 30s, 10m, 1h "
            "or 2 days; a number alone means seconds"
        )
    return seconds
