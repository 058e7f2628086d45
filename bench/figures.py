"""Many numbers become few."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The middle of several measurements, and how far apart they lie."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


def paired_ratio(values: Sequence[float], yardstick: Sequence[float]) -> float:
    """The median of the ratios of each round, for what slows one round down slows both down."""
    return statistics.median(value / other for value, other in zip(values, yardstick, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
