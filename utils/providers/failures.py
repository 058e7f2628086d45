"""What a vendor reports becomes a class of `utils.errors`: the one place where its words are understood.

What the person in the chat then reads is decided in `utils.poe.sentences`.
"""

import json
import re
from contextlib import suppress

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
)

from .waits import wait_said

_WORDS: tuple[tuple[type[ProviderFailure], str], ...] = (
    (
        QuotaExhausted,
        # Not just "billing": Groq's and Google's ordinary rate limits also end with a link to it.
        r"insufficient_quota|billing_(error|hard_limit|not_active)|enable billing|credit.balance|spend(ing)?.limit"
        r"|usage_limit_exceeded|exceeded_current_quota|budget.(has been )?exceeded|insufficient (balance|credits)"
        r"|n't have any credits|insufficient_credits|credits? (have |has )?(expired|exhausted|used up)"
        r"|out of credits|payment_required|requires a subscription|PerDay|credit.?limit|api usage limits"
        r"|call volume quota|calls / month|key limit exceeded",
    ),
    (
        ContextTooLong,
        r"context_length_exceeded|maximum (context|model|prompt) length|reduce the length of the messages"
        r"|input token count|number of tokens allowed|prompt is too long|input is too long"
        r"|(input|request|message)s? (is )?too large for"
        r"|context.?window|context limit|available context size|exceed_context_size|context the overflows"
        r"|context length of only|exceeded model token limit|model_max_prompt_tokens|max_prompt_tokens_exceeded"
        r"|context length is only|(greater|longer) than the context length"
        r"|max_new_tokens\W{1,3}must be <=|must have less than [0-9]+ tokens"
        # With what follows there they are rate limits, of Bedrock and of Cerebras.
        r"|too many (input )?tokens(?!, please wait| processed)",
    ),
    (
        ContentRefused,
        r"content_filter|content.?(filtering.)?policy|content management policy|responsibleai|flagged_input|moderation"
        r"|usage (policy|policies|guidelines)|content exists risk|considered high risk|prohibited_content"
        r"|blocked by (our )?safety|safety_check",
    ),
    (
        KeyRefused,
        r"invalid_api_key|api_key_invalid|(incorrect|invalid|not valid|no) api.?(key|token)"
        r"|api.?key (you provided )?(is )?(not valid|invalid|expired)|invalid.authentication"
        r"|organization_restricted",
    ),
    (
        ModelNotFound,
        r"model_not_found|model_not_available|not supported by any provider|model.not.exist|invalid.model\b"
        r"|not a valid model|decommissioned|model identifier is invalid|unknown.model|unable to access model"
        r"|\bmodel\b.{0,80}(does not exist|not found|isn't supported|no longer available|has been removed)",
    ),
    (Overloaded, r"overloaded|over.?capacity|capacity_exceeded|loading model|currently loading|model is busy"),
    (RateLimited, r"rate.?limit|resource_exhausted|too many requests|throttl|ServiceQuotaExceeded|_quota_exceeded"),
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

_DETAIL = 500
_DETAIL_OF_A_REFUSAL = 2000
"""Which parameter was refused can stand far behind."""
_STATUS_NAMES = ("code", "status", "status_code", "http_status_code")
_ERROR_STATUS = re.compile(r"[45][0-9][0-9]")
_ECHO = re.compile(r"""(['"]input\\*['"]: ?).*""", re.DOTALL)
_CREDENTIALS = re.compile(
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=[?&]key=)[^&\s\"']+|\b(?:sk|gsk|xai|nvapi|csk)[-_][\w*-]{6,}"
    r"|\b(?:hf|r8|fw|tgp_v1)_\w{16,}|\b(?:AIza|ABSK)[\w-]{16,}|(?<=Bearer )[^\s\"'<]{6,}"
)


def from_status(
    status: int, body: object, provider: str, key: str = "", *, retry_after: float | None = None
) -> ProviderFailure:
    """The failure that a provider reports with a status and some body."""
    text = _text_of(body)
    failure = _class_for(status, text)
    length = _DETAIL_OF_A_REFUSAL if failure is RequestRejected else _DETAIL
    message = f"status {status}: {without_secrets(text, key)[:length]}"
    return failure(message, provider=provider, status=status, retry_after=retry_after)


def from_stream(body: object, provider: str, key: str = "") -> ProviderFailure:
    """The failure that a provider reports inside a stream; its code may be a status in digits."""
    text = _text_of(body)
    status = _status_in(body)
    failure = _class_for(status, text)
    message = f"an error inside the stream: {without_secrets(text, key)[:_DETAIL]}"
    return failure(message, provider=provider, status=status, retry_after=wait_said({}, text))


def without_secrets(text: str, key: str = "") -> str:
    """The text without our key and without anything that looks like one."""
    if key:
        text = text.replace(key, "***")
    return _CREDENTIALS.sub("***", text)


def _status_in(body: object) -> int | None:
    """The status that an error inside a stream names, if it is one of an error."""
    said = [str(body.get(name)) for name in _STATUS_NAMES] if isinstance(body, dict) else []
    return next((int(code) for code in said if _ERROR_STATUS.fullmatch(code)), None)


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
        return _ECHO.sub(r"\1…", " ".join(body.split()))
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
    if isinstance(body, list):
        return [_without_echo(value) for value in body]
    return _unpacked(body) if isinstance(body, str) else body


def _unpacked(text: str) -> object:
    """What a text holds that is JSON itself, as where one gateway quotes the error of another; else the text."""
    if text.startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            return _without_echo(json.loads(text))
    return _ECHO.sub(r"\1…", text)
