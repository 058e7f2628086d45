"""How sure one can be of a share or an average, after so many times."""

import math

Interval = tuple[float, float]

_Z = 1.959964
"""95 of 100 times, what is normally distributed lies within so many standard deviations."""

WILSON = "Wilson score, 95%"
NORMAL = "normal approximation from mean and variance, 95%, from 30 values on"
_FEW = 30


def wilson(hits: int, of: int) -> Interval | None:
    """Between what the true share lies, most probably. It holds for few and for shares near 0 and 1, too."""
    if of <= 0:
        return None
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def around_mean(total: float, squares: float, of: int) -> Interval | None:
    """Between what the true average lies, most probably; None where there are too few to say."""
    if of < _FEW:
        return None
    mean = total / of
    variance = max(0.0, squares - of * mean * mean) / (of - 1)
    half = _Z * math.sqrt(variance / of)
    return max(0.0, mean - half), mean + half
