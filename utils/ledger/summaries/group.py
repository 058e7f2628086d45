"""One line of a summary: what the attempts of one group add up to, as numbers that a person can read."""

from collections.abc import Mapping
from typing import Any

from .intervals import around_mean, wilson
from .latencies import percentile
from .money import money
from .tables import FIRST, LASTED

Sums = Mapping[str, float]

_SHARES = (("p50", 0.5), ("p95", 0.95))


def told(sums: Sums, errors: Mapping[str, int], *, with_intervals: bool = False) -> dict[str, Any]:
    """The line, without what tells the group from others. None stands for what is not known."""
    return {
        **{name: int(sums[name]) for name in ("requests", "attempts", "answered", "failed")},
        "error_rate": _share(sums["failed"], sums["answered"] + sums["failed"]),
        "errors": dict(sorted(errors.items(), key=lambda item: (-item[1], item[0]))),
        **{name: int(sums[name]) for name in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")},
        "cost": money(sums["cost"]),
        "unknown_cost": int(sums["unpriced"]),
        **_times("first_content", [int(sums[name]) for name in FIRST]),
        **_times("seconds", [int(sums[name]) for name in LASTED]),
        "cache_hits": int(sums["hits"]),
        "saved_tokens": int(sums["saved_input_tokens"] + sums["saved_output_tokens"]),
        "saved_cost": _saved(sums),
        **(_intervals(sums) if with_intervals else {}),
    }


def _times(name: str, counts: list[int]) -> dict[str, float | None]:
    found = {f"{name}_{word}": percentile(counts, share) for word, share in _SHARES}
    return {word: None if seconds is None else round(seconds, 3) for word, seconds in found.items()}


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None


def _saved(sums: Sums) -> str | None:
    """What the answers out of the cache would have cost at the average price of a token that was paid for."""
    tokens, saved = _tokens(sums, ""), _tokens(sums, "saved_")
    if not saved:
        return "0"
    return money(sums["cost"] * saved / tokens) if tokens and sums["priced"] else None


def _tokens(sums: Sums, prefix: str) -> float:
    return sums[f"{prefix}input_tokens"] + sums[f"{prefix}output_tokens"]


def _intervals(sums: Sums) -> dict[str, Any]:
    """What two variants are compared by."""
    priced, spoke, answered = int(sums["priced"]), int(sums["first_contents"]), sum(int(sums[name]) for name in LASTED)
    cost, first, seconds = sums["cost"] / 1e9, sums["first_content"] / 1e6, sums["seconds"] / 1e6
    return {
        "error_rate_interval": _rounded(wilson(int(sums["failed"]), int(sums["answered"] + sums["failed"]))),
        "cost_mean": _share(cost, priced),
        "cost_interval": _rounded(around_mean(cost, sums["cost_squared"], priced), 9),
        "first_content_mean": _share(first, spoke),
        "first_content_interval": _rounded(around_mean(first, sums["first_content_squared"], spoke)),
        "seconds_mean": _share(seconds, answered),
        "seconds_interval": _rounded(around_mean(seconds, sums["seconds_squared"], answered)),
    }


def _rounded(interval: tuple[float, float] | None, places: int = 6) -> list[float] | None:
    return [round(end, places) for end in interval] if interval else None
