"""Times as people say them."""

import time
from datetime import UTC, datetime

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def ago(at: float, now: float | None = None) -> str:
    """How long ago it was, in the largest unit of which there is one."""
    passed = max(0.0, (time.time() if now is None else now) - at)
    for seconds, unit in _UNITS:
        if passed >= seconds:
            count = int(passed // seconds)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def moment(at: float) -> str:
    """The day and the time, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
