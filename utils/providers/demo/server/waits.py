"""When to come back after a 429, in every way in which vendors say so."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from ..directives import Trouble
from .wire import Json


def headers_of(trouble: Trouble) -> dict[str, str]:
    """The headers in which it stands, if it stands there."""
    if trouble.wait in _IN_HEADERS:
        return _IN_HEADERS[trouble.wait](trouble.retry_after or 0)
    if trouble.wait or trouble.retry_after is None:
        return {}
    return {"retry-after": f"{trouble.retry_after:g}"}


def with_wait(error: Json, trouble: Trouble) -> Json:
    """The error with the time in it, if it stands there."""
    if write := _IN_THE_BODY.get(trouble.wait):
        return {"error": {**error["error"], **write(trouble.retry_after or 0)}}
    return error


def _date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


_IN_HEADERS: Mapping[str, Callable[[float], dict[str, str]]] = {
    "seconds": lambda seconds: {"retry-after": f"{seconds:.0f}"},
    "float": lambda seconds: {"retry-after": str(seconds)},
    "ms": lambda seconds: {"retry-after-ms": f"{seconds * 1000:.0f}"},
    "date": lambda seconds: {"retry-after": _date(seconds)},
    "zero": lambda _: {"retry-after": "0"},
    "negative": lambda _: {"retry-after": "-5"},
    "absurd": lambda _: {"retry-after": "99999999999999999999"},
}

_IN_THE_BODY: Mapping[str, Callable[[float], Json]] = {
    # Google's way.
    "body": lambda seconds: {
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}]
    },
    "words": lambda seconds: {"message": f"Rate limit reached. Please try again in {seconds * 1000:.0f}ms."},
}
