"""Day by day: the largest groups each for itself, and the others together."""

from collections.abc import Sequence
from dataclasses import dataclass

from .measures import Measure
from .period import Period
from .sums import Group, Question, Told, Where

MOST = 5
OTHERS = "all others"
_NEARLY_NOTHING = 1e-9


@dataclass(frozen=True)
class Point:
    """One group on one day."""

    day: str
    group: str
    value: float


def largest(groups: Sequence[Group], measure: Measure) -> list[Group]:
    """Those that matter most: in what adds up the largest, else those who were asked most."""
    size = measure.of if measure.adds_up else (lambda sums: sums.requests)
    found = [group for group in groups if (size(group.sums) or 0) > 0]
    return sorted(found, key=lambda group: -(size(group.sums) or 0))[:MOST]


def questions_of(period: Period, only: Where, groups: Sequence[Group]) -> list[Question]:
    """What has to be asked: the days of each of these groups."""
    return [Question(period, "day", tuple({**dict(only), **dict(group.where)}.items())) for group in groups]


def points_of(
    period: Period, total: Told, groups: Sequence[Group], days: Sequence[Told], measure: Measure
) -> list[Point]:
    """What is to be drawn. What adds up is nothing on a day without anything; else there is no point."""
    drawn = [(group.name, _values(each, measure)) for group, each in zip(groups, days, strict=True)]
    points: list[Point] = []
    whole = _values(total, measure)
    for day in (each.isoformat() for each in period.days):
        for name, values in drawn:
            if measure.adds_up or day in values:
                points.append(Point(day, name, values.get(day, 0)))
        rest = whole.get(day, 0) - sum(values.get(day, 0) for _, values in drawn)
        if measure.adds_up and rest > _NEARLY_NOTHING:
            points.append(Point(day, OTHERS, rest))
    return points


def _values(told: Told, measure: Measure) -> dict[str, float]:
    return {group.name: value for group in told.groups if (value := measure.of(group.sums)) is not None}
