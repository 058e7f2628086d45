"""How long to wait before asking again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_FIRST = 0.5
_LONGEST = 8.0
_LONGEST_ORDERED = 60.0


@dataclass(frozen=True)
class Patience:
    """Pauses that double, each a little different, so that many who wait do not all come back at once."""

    first: float = _FIRST
    longest: float = _LONGEST
    chance: Callable[[], float] = random.random
    """A number from 0 to 1."""

    def pause(self, number: int, ordered: float | None = None) -> float | None:
        """The seconds before the further attempt of that number (from 1), at least those that were `ordered`.

        None when the order is to wait for longer than a person would.
        """
        own = min(self.longest, self.first * 2.0 ** (number - 1)) * (0.75 + 0.5 * self.chance())
        if ordered is None or ordered <= 0:
            return own
        return None if ordered > _LONGEST_ORDERED else max(own, ordered)
