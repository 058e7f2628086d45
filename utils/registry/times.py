"""Times as people write them: `30s`, `5m`, `2 days`."""

import math
import re


def seconds_of(value: str | float) -> float | None:
    """The time in seconds, a number alone being seconds; None for what is no time above 0."""
    match = None if isinstance(value, bool) else _TIME.fullmatch(str(value))
    seconds = float(match["number"]) * _UNITS.get(match["unit"].lower(), math.nan) if match else math.nan
    return seconds if 0 < seconds < math.inf else None


_TIME = re.compile(r"\s*(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[A-Za-z]*)\s*")

_UNITS = {
    name: seconds
    for names, seconds in (
        (("", "s", "sec", "secs", "second", "seconds"), 1),
        (("m", "min", "mins", "minute", "minutes"), 60),
        (("h", "hour", "hours"), 3600),
        (("d", "day", "days"), 86400),
        (("w", "week", "weeks"), 604800),
    )
    for name in names
}
