"""Who was first, who was done first and who was cheapest, where there is something to choose between."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ..chat.exchange import Details
from ..chat.numbers import dollars, seconds
from .heat import Lane


class Discipline(NamedTuple):
    """Something in which less is better."""

    title: str
    icon: str
    badge: str
    worst: str
    of: Callable[[Details], float | Decimal | None]
    in_words: Callable[..., str]


class Win(NamedTuple):
    """The best of them in one discipline, and how much worse the last one was."""

    discipline: Discipline
    lane: Lane
    best: float | Decimal
    worst: float | Decimal


DISCIPLINES = (
    Discipline("First word", ":material/bolt:", "first word", "slowest", lambda each: each.first_content, seconds),
    Discipline("Whole answer", ":material/flag:", "done first", "slowest", lambda each: each.seconds, seconds),
    Discipline("Cheapest", ":material/savings:", "cheapest", "dearest", lambda each: each.cost, dollars),
)
_CLEARLY = 1.1
"""By so much the second one has to be worse: less is an accident, and looks the same."""


def wins_of(lanes: Sequence[Lane]) -> list[Win]:
    """One for each discipline in which one is clearly better than all others. An unknown cost takes no part."""
    return [win for discipline in DISCIPLINES if (win := _win(discipline, lanes)) is not None]


def _win(discipline: Discipline, lanes: Sequence[Lane]) -> Win | None:
    known = [
        (value, lane)
        for lane in lanes
        if lane.has_answered and lane.answer.details and (value := discipline.of(lane.answer.details)) is not None
    ]
    if len(known) < 2:
        return None
    (best, lane), (second, _), *_ = sorted(known, key=lambda each: each[0])
    worst = max(value for value, _ in known)
    return Win(discipline, lane, best, worst) if float(second) >= float(best) * _CLEARLY and second > best else None
