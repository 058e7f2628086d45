"""What a vendor reports becomes a class of `utils.errors`: the one place where foreign errors are understood.

What the person in the chat then reads is decided in `utils.poe.sentences`.
"""

import json
import re
from collections.abc import Iterator, Mapping

import aiohttp
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
        # Not just "billing": Groq's and Google's ordinary rate limits also end with a link to it.
        r"insufficient_quota|billing_(error|hard_limit|not_active)|enable billing|credit.balance|spend(ing)?.limit"
        r"|usage_limit_exceeded|exceeded_current_quota|budget.(has been )?exceeded|insufficient (balance|credits)"
        r"|n't have any credits|payment_required|PerDay",
    ),
    (
        ContextTooLong,
        r"context_length_exceeded|maximum context length|reduce the length of the messages|input token count"
        r"|number of tokens allowed|prompt is too long|input is too long|context window"
        r"|too many (input )?tokens(?!, please wait)",  # with that, it is Bedrock's rate limit
    ),
    (
        ContentRefused,
        r"content_filter|content_policy|content management policy|responsibleai|flagged_input|moderation"
        r"|usage (policy|policies|guidelines)|content exists risk",
    ),
    (
        KeyRefused,
        r"invalid_api_key|api_key_invalid|(incorrect|invalid|not valid|no) api.?key|api.?key (is )?(not valid|invalid)",
    ),
    (
        ModelNotFound,
        r"model_not_found|not supported by any provider|model.not.exist|invalid.model|not a valid model|decommissioned"
        r"|model .{0,80}(does not exist|not found|isn't supported)",
    ),
    (RateLimited, r"rate_limit|rate limit|resource_exhausted|too many requests|throttl"),
    (Overloaded, r"overloaded|over capacity|capacity_exceeded|engine_overloaded|loading model"),
)
_BY_WORDS = tuple((failure, re.compile(words, re.IGNORECASE)) for failure, words in _WORDS)

_BY_STATUS: dict[int, type[ProviderFailure]] = {
    # We follow no redirect: at this `api_base` nothing answers.
    **dict.fromkeys((301, 302, 303, 307, 308, 405), ModelNotFound),
    400: RequestRejected,
    401: KeyRefused,
    402: QuotaExhausted,
    403: KeyRefused,
    404: ModelNotFound,
    408: TimedOut,
    409: Overloaded,
    410: ModelNotFound,
    413: ContextTooLong,
    422: RequestRejected,
    424: Overloaded,
    429: RateLimited,
    498: Overloaded,
    499: Overloaded,
    504: TimedOut,
    524: TimedOut,
}
_TRUSTED_STATUSES = frozenset((401, 402, 413))
"""Statuses whose meaning no wording can change."""

FOREIGN = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, RuntimeError)
"""What is raised below us. The SDK's aiohttp transport lets some errors of aiohttp through as they are, and one
that is read after its connection was closed here raises no more than a RuntimeError."""

_DETAIL = 500
_ERROR_STATUS = re.compile(r"[45][0-9][0-9]")
_RETRY_DELAY = re.compile(r'"retryDelay": "([0-9.]+)s"')
_CREDENTIALS = re.compile(
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=[?&]key=)[^&\s\"']+|\b(?:sk|gsk|xai|nvapi|csk)[-_][\w*-]{6,}"
)


def failure_from(exc: Exception, provider: str, key: str = "") -> ProviderFailure:
    """The failure behind an exception of the openai client or of its HTTP library."""
    if isinstance(exc, openai.APIStatusError):
        retry_after = _retry_after(exc.response.headers, _text_of(exc.body))
        return from_status(exc.status_code, exc.body, provider, key, retry_after=retry_after)
    message = without_secrets(_cause_of(exc), key)
    if any(isinstance(cause, TimeoutError) for cause in _chain(exc)):
        return TimedOut(f"no sign of life from the provider: {message}", provider=provider)
    if isinstance(exc, openai.APIConnectionError):
        return Unreachable(f"no connection: {message}", provider=provider)
    if isinstance(exc, httpx2.HTTPError | httpx2.StreamError | aiohttp.ClientError | RuntimeError):
        return BrokenStream(f"the connection broke in the middle of the answer: {message}", provider=provider)
    return ProviderFailure(message, provider=provider)


def was_never_sent(exc: Exception) -> bool:
    """Whether the connection was gone before anything was written to it, so that nobody has seen the request."""
    return any(isinstance(cause, aiohttp.ClientConnectionResetError) for cause in _chain(exc))


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
    code = str(body.get("code")) if isinstance(body, dict) else ""
    status = int(code) if _ERROR_STATUS.fullmatch(code) else None
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
        return json.dumps(_without_echo(body), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""


def _without_echo(body: object) -> object:
    """The body without what validators repeat under `input`: those are words of the person who asked."""
    if isinstance(body, dict):
        return {name: _without_echo(value) for name, value in body.items() if name != "input"}
    return [_without_echo(value) for value in body] if isinstance(body, list) else body


def _retry_after(headers: Mapping[str, str], text: str) -> float | None:
    """The wait in seconds, from the headers or, as Google says it, from the body; None when it makes no sense."""
    delay = _RETRY_DELAY.search(text)
    said = (
        (headers.get("retry-after-ms", ""), 1000),
        (headers.get("retry-after", ""), 1),
        (delay[1] if delay else "", 1),
    )
    for number, unit in said:
        try:
            seconds = float(number) / unit
        except ValueError:
            continue
        if 0 <= seconds < 86_400:
            return seconds
    return None


def _cause_of(exc: BaseException) -> str:
    last = list(_chain(exc))[-1]
    return ": ".join(filter(None, (type(last).__name__, " ".join(str(last).split()))))


def _chain(exc: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__
