"""How an answer is paced."""

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
