"""How long a provider wants us to wait, in each of the ways in which vendors say so."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TOO_LONG = 86_400.0
"""Nobody in a chat waits for a day: such a number is a mistake, or no use."""
_BEGINNING = 4000
_IN_THE_BODY = re.compile(r'"(?:retryDelay|retry_after(?:_seconds)?)": ?"?(-?[0-9.]+)s?"?')
_IN_WORDS = re.compile(
    r"\b(?:try(?:ing)? again|retry(?:ing)?|wait|resets?|available)(?: in| after| for| within)? (?:about )?"
    r"((?:[0-9]+(?:\.[0-9]+)? ?(?:ms|milliseconds?|d|days?|h|hours?|m|min|minutes?|s|sec|seconds?)(?![a-z]) ?)+)",
    re.IGNORECASE,
)
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|milli|[dhms])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "milli": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def wait_said(headers: Mapping[str, str], text: str) -> float | None:
    """The seconds, from the headers, else from the text of the body; None when nothing in them makes sense."""
    return next((seconds for seconds in _all_said(headers, text[:_BEGINNING]) if 0 <= seconds < _TOO_LONG), None)


def _all_said(headers: Mapping[str, str], text: str) -> Iterator[float]:
    yield _number(headers.get("retry-after-ms", "")) / 1000
    yield _number(headers.get("retry-after", ""))
    yield _until(headers.get("retry-after", ""), headers.get("date", ""))
    for said in _IN_THE_BODY.finditer(text):
        yield _number(said[1])
    for said in _IN_WORDS.finditer(text):
        yield sum(float(number) * _SECONDS[unit.lower()] for number, unit in _SPAN.findall(said[1]))


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError:
        return math.nan


def _until(moment: str, now: str) -> float:
    """The seconds to an HTTP date, by the provider's own clock where it tells; none when it has passed."""
    there = _date(moment)
    return math.nan if there is None else max((there - (_date(now) or datetime.now(UTC))).total_seconds(), 0.0)


def _date(said: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
