"""Plots that are read at a glance, as Vega-Lite takes them. Names are data in them, never markup.

They are plain dictionaries: Altair would make the same ones, and make every page wait for its import.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .measures import Measure
from .series import OTHERS, Point

Plot = dict[str, Any]

COLOURS = ("#5b5bd6", "#12a594", "#f76b15", "#e54666", "#ffba18")
GREY = "#8e8c99"
_PHASES = {"in the queue": GREY, "waiting": "#a7a7ee", "answering": COLOURS[0], "in vain": COLOURS[3]}
_DAY = {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate"}


def over_time(points: Sequence[Point], groups: Sequence[str], measure: Measure) -> Plot:
    """Bars on top of each other for what adds up, else a line for each group."""
    names = [*groups, *([OTHERS] if any(point.group == OTHERS for point in points) else [])]
    colours = [GREY if name == OTHERS else COLOURS[number % len(COLOURS)] for number, name in enumerate(names)]
    rows = [
        {"day": point.day, "group": point.group, "value": point.value, "rank": names.index(point.group)}
        for point in points
    ]
    columns = _columns(names)
    return {
        "height": 320 + 20 * -(-len(names) // columns),
        "data": {"values": rows},
        "mark": {"type": "bar"} if measure.adds_up else {"type": "line", "point": {"size": 30}},
        "encoding": {
            "x": {
                **_DAY,
                # So a day stands below the middle of its bar, and not where the one before it ends.
                "type": "ordinal" if measure.adds_up else "temporal",
                "title": None,
                "axis": {"format": "%-d %b", "labelOverlap": True, "labelAngle": 0, "grid": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": measure.axis,
                "axis": {"format": _axis_format(measure, _highest(points, adds_up=measure.adds_up)), "tickCount": 5},
            },
            "color": _colour("group", names, colours, columns=columns),
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [
                {**_DAY, "title": "Day", "format": "%-d %B %Y"},
                {"field": "group", "type": "nominal", "title": "Of"},
                {"field": "value", "type": "quantitative", "title": measure.title, "format": measure.exactly},
            ],
        },
    }


def side_by_side(groups: Mapping[str, float], measure: Measure) -> Plot:
    """A bar for each group, the longest on top."""
    rows = [{"group": name, "value": value} for name, value in groups.items()]
    return {
        "height": 30 * len(rows) + 70,
        "data": {"values": rows},
        "mark": {"type": "bar", "height": 16, "cornerRadiusEnd": 3, "color": COLOURS[0]},
        "encoding": {
            "y": {
                "field": "group",
                "type": "nominal",
                "sort": list(groups),
                "title": None,
                "axis": {"labelLimit": 150, "ticks": False, "domain": False},
            },
            "x": {
                "field": "value",
                "type": "quantitative",
                "title": measure.axis,
                "axis": {"format": _axis_format(measure, max(groups.values(), default=0)), "tickCount": 4},
            },
            "tooltip": [
                {"field": "group", "type": "nominal", "title": "Of"},
                {"field": "value", "type": "quantitative", "title": measure.title, "format": measure.exactly},
            ],
        },
    }


def intervals(rows: Sequence[Mapping[str, Any]], axis: str, number_format: str) -> Plot:
    """A dot for what was seen, and a line within which the true value lies."""
    names = [row["variant"] for row in rows]
    y = {"field": "variant", "type": "nominal", "title": None, "axis": {"ticks": False, "domain": False}}
    x: Plot = {"type": "quantitative", "title": axis, "axis": {"format": number_format, "tickCount": 4}}
    shared: Plot = {
        "y": y,
        "color": {
            **_colour("variant", names, [COLOURS[at % len(COLOURS)] for at in range(len(names))]),
            "legend": None,
        },
        "tooltip": [
            {"field": "variant", "type": "nominal", "title": "Variant"},
            {"field": "words", "type": "nominal", "title": "Seen"},
            {"field": "range", "type": "nominal", "title": "In truth (95%)"},
        ],
    }
    line = {**shared, "x": {**x, "field": "low", "scale": {"zero": False}}, "x2": {"field": "high"}}
    return {
        "height": 34 * len(rows) + 80,
        "data": {"values": list(rows)},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.45}, "encoding": line},
            {
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                "encoding": {**shared, "x": {**x, "field": "value"}},
            },
        ],
    }


def trace(rows: Sequence[Mapping[str, Any]]) -> Plot:
    """What happened when, attempt by attempt."""
    numbers = list(dict.fromkeys(row["number"] for row in rows))
    there = [phase for phase in _PHASES if any(row["phase"] == phase for row in rows)]
    return {
        "height": 32 * len(numbers) + 130,
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "height": 14, "cornerRadius": 3},
        "encoding": {
            "x": {
                "field": "begin",
                "type": "quantitative",
                "title": "Seconds since the question",
                "scale": {"domain": [0, max(row["end"] for row in rows)], "nice": False},
                "axis": {"tickCount": 6, "format": ",~r"},
            },
            "x2": {"field": "end"},
            "y": {
                "field": "number",
                "type": "ordinal",
                "sort": numbers,
                "title": None,
                "axis": {"ticks": False, "domain": False, "labelAngle": 0},
            },
            "color": _colour("phase", there, [_PHASES[phase] for phase in there], columns=3),
            "tooltip": [
                {"field": "attempt", "type": "nominal", "title": "Attempt"},
                {"field": "phase", "type": "nominal", "title": "What"},
                {"field": "took", "type": "nominal", "title": "How long"},
            ],
        },
    }


def _colour(field: str, names: Sequence[str], colours: Sequence[str], columns: int = 2) -> Plot:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "sort": list(names),
        "scale": {"domain": list(names), "range": list(colours)},
        "legend": {"orient": "top", "columns": columns, "labelLimit": 300, "offset": 4} if len(names) > 1 else None,
    }


def _columns(names: Sequence[str]) -> int:
    """How many names stand side by side above a plot, also where it is as narrow as a phone."""
    longest = max(map(len, names), default=0)
    return 3 if longest < 14 else 2 if longest < 20 else 1


def _highest(points: Sequence[Point], *, adds_up: bool) -> float:
    """How far up the plot goes."""
    tops: dict[str, float] = {}
    for point in points:
        tops[point.day] = tops.get(point.day, 0) + point.value if adds_up else max(tops.get(point.day, 0), point.value)
    return max(tops.values(), default=0)


def _axis_format(measure: Measure, highest: float) -> str:
    """As many digits as tell the steps of the axis apart."""
    step = highest / 5
    digits = 0 if step >= 1 or not step else math.ceil(-math.log10(step))
    cents = max(2, digits) if digits else 0
    return measure.format.format(digits=digits, cents=cents, fewer=max(0, digits - 2))
