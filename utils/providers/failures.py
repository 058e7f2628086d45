"""What a vendor reports becomes a class of `utils.errors`: the one place where foreign errors are understood.

What the person in the chat then reads is decided in `utils.poe.sentences`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import openai

from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)

_WORDS: tuple[tuple[type[ProviderFailure], str], ...] = (
    (
        QuotaExhausted,
        r"insufficient_quota|billing|credit_balance|spend_limit|usage_limit_exceeded|exceeded_current_quota"
        r"|insufficient balance|payment_required|PerDay",
    ),
    (
        ContextTooLong,
        r"context_length_exceeded|maximum context length|reduce the length of the messages|input token count"
        r"|number of tokens allowed|prompt is too long|input is too long|too many (input )?tokens|context window",
    ),
    (
        ContentRefused,
        r"content_filter|content_policy|content management policy|responsibleai|flagged_input|moderation",
    ),
    (
        KeyRefused,
        r"invalid_api_key|api_key_invalid|(incorrect|invalid|not valid|no) api.?key|api.?key (is )?(not valid|invalid)",
    ),
    (
        ModelNotFound,
        r"model_not_found|not supported by any provider|model .{0,80}(does not exist|not found|isn't supported)",
    ),
    (RateLimited, r"rate_limit|rate limit|resource_exhausted|too many requests|throttl"),
    (Overloaded, r"overloaded|over capacity|capacity_exceeded|engine_overloaded|loading model"),
)
_BY_WORDS = tuple((failure, re.compile(words, re.IGNORECASE)) for failure, words in _WORDS)

_BY_STATUS: dict[int, type[ProviderFailure]] = {
    400: RequestRejected,
    401: KeyRefused,
    402: QuotaExhausted,
    403: KeyRefused,
    404: ModelNotFound,
    408: TimedOut,
    409: Overloaded,
    413: ContextTooLong,
    422: RequestRejected,
    424: Overloaded,
    429: RateLimited,
    498: Overloaded,
    504: TimedOut,
    524: TimedOut,
}
_TRUSTED_STATUSES = frozenset((401, 402))
"""Statuses whose meaning no wording can change."""

_DETAIL = 500
_CREDENTIALS = re.compile(
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=[?&]key=)[^&\s\"']+|\b(?:sk|gsk|xai|nvapi|csk)[-_][\w*-]{6,}"
)


def failure_from(exc: Exception, provider: str, key: str = "") -> ProviderFailure:
    """The failure behind an exception of the openai client or of its HTTP library."""
    if isinstance(exc, openai.APIStatusError):
        return from_status(exc.status_code, exc.body, provider, key, retry_after=_retry_after(exc.response.headers))
    message = without_secrets(_cause_of(exc), key)
    if any(isinstance(cause, TimeoutError) for cause in _chain(exc)):
        return TimedOut(f"no sign of life from the provider: {message}", provider=provider)
    if isinstance(exc, openai.APIConnectionError):
        return Unreachable(f"no connection: {message}", provider=provider)
    if isinstance(exc, httpx2.TimeoutException):
        return TimedOut("silence in the middle of the answer", provider=provider)
    if isinstance(exc, httpx2.HTTPError | httpx2.StreamError):
        return BrokenStream(f"the connection broke in the middle of the answer: {message}", provider=provider)
    return ProviderFailure(message, provider=provider)


def from_status(
    status: int, body: object, provider: str, key: str = "", *, retry_after: float | None = None
) -> ProviderFailure:
    """The failure that a provider reports with a status and some body."""
    text = _text_of(body)
    failure = _class_for(status, text)
    message = f"status {status}: {without_secrets(text, key)[:_DETAIL]}"
    return failure(message, provider=provider, status=status, retry_after=retry_after)


def from_stream(body: object, provider: str, key: str = "") -> ProviderFailure:
    """The failure that a provider reports inside a stream; its code may be a status in digits."""
    code = body.get("code") if isinstance(body, dict) else None
    status = int(code) if isinstance(code, int | str) and str(code).isdecimal() and 400 <= int(code) < 600 else None
    text = _text_of(body)
    failure = _class_for(status, text)
    message = f"an error inside the stream: {without_secrets(text, key)[:_DETAIL]}"
    return failure(message, provider=provider, status=status)


def without_secrets(text: str, key: str = "") -> str:
    """The text without our key and without anything that looks like one."""
    if key:
        text = text.replace(key, "***")
    return _CREDENTIALS.sub("***", text)


def _class_for(status: int | None, text: str) -> type[ProviderFailure]:
    if status in _TRUSTED_STATUSES:
        return _BY_STATUS[status]
    for failure, words in _BY_WORDS:
        if words.search(text):
            return failure
    if status is None:
        return BrokenStream
    if status >= 500:
        return _BY_STATUS.get(status, Overloaded)
    return _BY_STATUS.get(status, RequestRejected)


def _text_of(body: object) -> str:
    """The body as one line: as JSON, so that codes and types can be searched in it as well as messages."""
    if isinstance(body, str):
        return " ".join(body.split())
    if body is None:
        return ""
    try:
        return json.dumps(body, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(body)


def _retry_after(headers: Any) -> float | None:
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if 0 <= seconds < 86_400:
            return seconds
    return None


def _cause_of(exc: BaseException) -> str:
    last = list(_chain(exc))[-1]
    return f"{type(last).__name__}: {last}" if str(last) else type(last).__name__


def _chain(exc: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__
