"""What the person reads besides the answer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Asides:
    """Status lines and endings, in the language of the person."""

    still_working: Callable[[int], str]
    """The status line after so many seconds."""
    too_long: str
    time_is_up: str
