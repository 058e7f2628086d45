"""How long something took, many times over: counts in buckets that grow with the time, and percentiles out of them."""

from bisect import bisect_left
from collections.abc import Sequence

BOUNDS = tuple(0.05 * 2 ** (step / 2) for step in range(28))
"""The upper end of each bucket, in seconds: from 50 ms to 9½ minutes. What took longer has a bucket of its own."""

BUCKETS = len(BOUNDS) + 1


def bucket_of(seconds: float) -> int:
    """The number of the bucket for this time."""
    return bisect_left(BOUNDS, seconds)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """The time that this share of them does not exceed, in seconds; None when there are none.

    Within a bucket they are taken to be spread evenly, so it is a sixth off at most.
    """
    wanted, before = share * sum(counts), 0
    for bucket, count in enumerate(counts):
        if count and before + count >= wanted:
            if bucket == len(BOUNDS):
                return BOUNDS[-1]
            low = BOUNDS[bucket - 1] if bucket else 0.0
            return low + (BOUNDS[bucket] - low) * (wanted - before) / count
        before += count
    return None
