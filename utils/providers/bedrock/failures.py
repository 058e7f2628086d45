"""What AWS and botocore report becomes a class of `utils.errors`: the one place where they are understood."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import aiohttp

from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    NotAStream,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.keys import masked

_BY_CODE: Mapping[str, type[ProviderFailure]] = {
    **dict.fromkeys(("throttling", "toomanyrequests", "requestlimitexceeded", "slowdown"), RateLimited),
    "servicequotaexceeded": QuotaExhausted,
    **dict.fromkeys(("serviceunavailable", "internalserver", "internalfailure", "internalerror"), Overloaded),
    **dict.fromkeys(("modelnotready", "modelerror"), Overloaded),
    "modelstreamerror": BrokenStream,
    **dict.fromkeys(("modeltimeout", "requesttimeout"), TimedOut),
    "resourcenotfound": ModelNotFound,
    **dict.fromkeys(("accessdenied", "unrecognizedclient", "invalidsignature", "signaturedoesnotmatch"), KeyRefused),
    **dict.fromkeys(("expiredtoken", "invalidclienttokenid", "incompletesignature", "optinrequired"), KeyRefused),
    **dict.fromkeys(("missingauthenticationtoken", "invalidaccesskeyid", "regiondisabled"), KeyRefused),
    "validation": RequestRejected,
}
"""By the code without `Exception`, in small letters: inside a stream it begins with one."""

_BY_WORDS: tuple[tuple[type[ProviderFailure], re.Pattern[str]], ...] = tuple(
    (failure, re.compile(words, re.IGNORECASE))
    for failure, words in (
        # Said with the code of a refused key or of a bad request; neither says what is wrong.
        (ModelNotFound, r"access to the model|model access|agreement|identifier is invalid|on-demand throughput"),
        (ModelNotFound, r"end of its life|not supported in this region|model .{0,80}(not found|not supported)"),
        (ContextTooLong, r"(input|prompt) is too long|too many (input )?tokens(?!, please)|maximum (context|tokens)"),
        (ContextTooLong, r"context (length|window)|exceeds? the (maximum|limit).{0,40}tokens"),
        (ContentRefused, r"content (filter|polic)|usage polic|blocked by"),
    )
)
_BY_STATUS: Mapping[int, type[ProviderFailure]] = {
    # We follow no redirect: at this address nothing answers.
    **dict.fromkeys((301, 302, 303, 307, 308), ModelNotFound),
    401: KeyRefused,
    403: KeyRefused,
    404: ModelNotFound,
    408: TimedOut,
    413: ContextTooLong,
    429: RateLimited,
}

_CREDENTIALS = "AWS_ACCESS_KEY_ID or AWS_BEARER_TOKEN_BEDROCK"
_DETAIL = 500
_LONGEST_RETRY_AFTER = 86_400


Row = tuple[type[Exception] | tuple[type[Exception], ...], type[ProviderFailure], str]


@cache
def _by_exception() -> tuple[Row, ...]:
    """What each exception means; of several that fit, the first."""
    from botocore import exceptions as aws
    from botocore.eventstream import ParserError
    from botocore.parsers import ResponseParserError

    return (
        (aws.NoRegionError, RequestRejected, "no region is known; `settings: {region: …}` of the entry names one"),
        (aws.ProfileNotFound, KeyRefused, "the AWS configuration has no such profile"),
        (aws.PartialCredentialsError, KeyRefused, "half of the AWS credentials is missing"),
        ((aws.SSOError, aws.LoginError, aws.TokenRetrievalError), KeyRefused, "the AWS login has run out"),
        (aws.CredentialRetrievalError, KeyRefused, "the AWS credentials cannot be fetched"),
        # Its own words repeat what was sent.
        (aws.ParamValidationError, RequestRejected, "this cannot be sent: it has not the form that Bedrock asks for"),
        ((aws.ReadTimeoutError, aws.ConnectTimeoutError), TimedOut, "no sign of life from the provider"),
        ((aws.ConnectionClosedError, aws.IncompleteReadError), BrokenStream, "the connection broke"),
        (aws.ConnectionError, Unreachable, "no connection"),
        (aws.InvalidRegionError, RequestRejected, "the region or the address is none"),
        ((ParserError, aws.ResponseStreamingError), BrokenStream, "the stream is damaged"),
        (ResponseParserError, NotAStream, "what came is no answer of AWS"),
        ((aiohttp.ClientError, aws.HTTPClientError), BrokenStream, "the connection broke in the middle of the answer"),
        (RuntimeError, BrokenStream, "the connection was closed here in the middle of the answer"),
        (TimeoutError, TimedOut, "no sign of life from the provider"),
    )


@cache
def foreign() -> tuple[type[Exception], ...]:
    """What is raised below us. A stream that is read after its connection was closed here raises a RuntimeError."""
    from botocore.eventstream import ParserError
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    of_botocore = (BotoCoreError, ClientError, ParserError, ResponseParserError)
    return (*of_botocore, aiohttp.ClientError, RuntimeError, TimeoutError)


def failure_from(exc: Exception, provider: str, secrets: Iterable[str] = ()) -> ProviderFailure:
    """The failure behind an exception of botocore or of what it stands on."""
    from botocore.exceptions import ClientError, NoCredentialsError

    if isinstance(exc, ClientError):
        return _reported(exc, provider, secrets)
    if isinstance(exc, NoCredentialsError):
        return KeyMissing(_CREDENTIALS, provider=provider)
    for kinds, failure, sentence in _by_exception():
        if isinstance(exc, kinds):
            return failure(sentence, provider=provider)
    return ProviderFailure(f"botocore reports {type(exc).__name__}", provider=provider)


def _reported(exc: Any, provider: str, secrets: Iterable[str]) -> ProviderFailure:
    from botocore.exceptions import EventStreamError

    error, meta = exc.response.get("Error", {}), exc.response.get("ResponseMetadata", {})
    code, status = str(error.get("Code", "")), meta.get("HTTPStatusCode")
    # Behind the first paragraph a refused signature repeats the headers, the session's token among them.
    text = " ".join(str(error.get("Message", "")).strip().split("\n\n")[0].split())
    where = "an error inside the stream" if isinstance(exc, EventStreamError) else f"status {status}"
    message = f"{where}: {code}: {masked(text, filter(None, secrets))[:_DETAIL]}"
    failure = _class_for(code, text, status)
    return failure(message, provider=provider, status=status, retry_after=_retry_after(meta))


def _class_for(code: str, text: str, status: int | None) -> type[ProviderFailure]:
    known = _BY_CODE.get(re.sub(r"exception$", "", code.lower()))
    if known in (None, RequestRejected, KeyRefused):
        for failure, words in _BY_WORDS:
            if words.search(text):
                return failure
    if known is not None:
        return known
    if status is None or status < 300:
        return BrokenStream
    return Overloaded if status >= 500 else _BY_STATUS.get(status, RequestRejected)


def _retry_after(meta: Mapping[str, Any]) -> float | None:
    try:
        seconds = float(meta.get("HTTPHeaders", {}).get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < _LONGEST_RETRY_AFTER else None
