"""How an answer is paced, and the limits of the protocol that it must not reach."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """When words are sent on, and what is sent while there are none. Times in seconds."""

    flush: float = 0.0
    """How long words may be gathered; the first ones go at once. 0: whatever one read brings."""
    first_content: float = 0.0
    """After how long without a word a status line is shown; 0: never."""
    status_every: float = 5.0
    """How often the status line is renewed while there is nothing to show."""
    keep_alive: float = 10.0
    """After how long a silence in the middle what was said is said again; Poe drops answers that stand still."""


UNPACED = Pace()
"""For bots of others: as they say it, so it is sent."""


@dataclass(frozen=True)
class Limits:
    """Poe's limits for one answer, less what it takes to end it with a sentence."""

    events: int = 9_990
    characters: int = 511_000
    seconds: float = 3_590.0
    crowded: int = 9_000
    """From this many events on, words are gathered for longer, so that the rest lasts."""
    crowded_flush: float = 2.0


POES_LIMITS = Limits()


@dataclass(frozen=True)
class Words:
    """What the person reads besides the answer, in their language."""

    still_working: Callable[[int], str]
    """The status line after so many seconds."""
    too_long: str
    time_is_up: str
