"""Poe's limits for one answer."""

from dataclasses import dataclass


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
