"""Many numbers become few."""

import math
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
    """The median of the ratios of each round, for what slows one round down slows both down.

    A round in which the yardstick came to nothing has none; NaN where that were all.
    """
    ratios = [value / other for value, other in zip(values, yardstick, strict=True) if other]
    return statistics.median(ratios) if ratios else math.nan
