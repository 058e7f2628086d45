"""What the HTTP API says when something is not done, in the form that OpenAI's clients know.

    {"error": {"message": …, "type": …, "param": …, "code": …}}

The words are our own: what a provider says of a failure stays in the log.
"""

from collections.abc import Mapping
from json import dumps
from types import MappingProxyType
from typing import Any

from starlette.responses import JSONResponse

from utils.errors import (
    BotError,
    BrokenStream,
    ConfigError,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    NotGranted,
    Overloaded,
    PoeBotsError,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.ledger.budgets import BudgetHeld, BudgetSpent, BudgetUnknown
from utils.ledger.trouble import StoreTrouble
from utils.routing.gate import Busy
from utils.routing.rate_limit import TooManyQuestions

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Refused(PoeBotsError):
    """What was asked is not done, and `message` says why in words for whoever asked."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retries: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.retries = retries
        """Whether asking again the same way may help."""
        self.headers = dict(headers or {})

    @property
    def type(self) -> str:
        """OpenAI's word for this kind of error."""
        return _TYPES.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")

    def as_json(self, reference: str) -> dict[str, Any]:
        """The body. With the reference the owner finds the rest in the log."""
        message = f"{self.message} (reference {reference})" if self.status >= 500 else self.message
        return {"error": {"message": message, "type": self.type, "param": self.param, "code": self.code}}

    def response(self, reference: str, beside: Mapping[str, Any] = _NOTHING) -> JSONResponse:
        """The whole response. What is known of the answer that failed stands `beside` the error."""
        retrying = {} if self.retries else {"x-should-retry": "false"}
        return JSONResponse({**self.as_json(reference), **beside}, self.status, {**retrying, **self.headers})

    def frame(self, reference: str, beside: Mapping[str, Any] = _NOTHING) -> bytes:
        """The event that ends an answer which has begun."""
        said = dumps({**self.as_json(reference), **beside}, separators=(",", ":"))
        return f"data: {said}\n\n".encode("ascii")


class WrongField(Refused):
    """A field of the request cannot be understood; `param` names it."""

    def __init__(self, message: str, param: str | None = None, *, code: str | None = None) -> None:
        super().__init__(400, message, param=param, code=code)


def refusal_of(exc: BaseException) -> Refused:
    """What is said of this error. Of one that nobody expected, nothing but that it happened."""
    if isinstance(exc, Refused):
        return exc
    row = next((_ROWS[cls] for cls in type(exc).__mro__ if cls in _ROWS), _UNEXPECTED)
    status, message, code = row
    if type(exc) in _IN_THEIR_OWN_WORDS:
        message = str(exc) or message
    wait = getattr(exc, "retry_after", None) or getattr(exc, "wait_seconds", None) or _WAITS.get(type(exc))
    headers = {"retry-after": str(max(1, round(wait)))} if wait and status in (429, 503) else {}
    retries = exc.allow_retry if isinstance(exc, BotError) else isinstance(exc, StoreTrouble)
    return Refused(status, message, code=code, retries=retries or isinstance(exc, TooManyQuestions), headers=headers)


_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    429: "rate_limit_error",
}

_UNEXPECTED = (500, "Something went wrong on this server.", "internal_error")

_ROWS: Mapping[type[BaseException], tuple[int, str, str]] = {
    RateLimited: (429, "The provider gets too many requests just now. Wait a little.", "rate_limit_exceeded"),
    TooManyQuestions: (429, "You have asked a lot in a short time. Wait a little.", "rate_limit_exceeded"),
    Busy: (503, "Too many requests wait for the provider already.", "overloaded"),
    Overloaded: (503, "The provider is too busy, or broken on its side.", "overloaded"),
    Unreachable: (502, "The provider cannot be reached.", "provider_unreachable"),
    TimedOut: (504, "The provider did not answer in time.", "provider_timeout"),
    BrokenStream: (502, "The provider's answer stopped before its end.", "provider_broke_off"),
    EmptyAnswer: (502, "The provider's answer was empty.", "provider_empty_answer"),
    KeyMissing: (503, "The server has no key for the provider.", "provider_key_missing"),
    KeyRefused: (502, "The provider does not accept the server's key.", "provider_key_refused"),
    QuotaExhausted: (503, "The server's account at the provider is empty.", "provider_quota_exhausted"),
    ModelNotFound: (404, "The provider does not serve this model.", "model_not_found"),
    ContextTooLong: (400, "The messages are longer than the model can read.", "context_length_exceeded"),
    ContentRefused: (400, "The provider's content policy declined this.", "content_policy_violation"),
    RequestRejected: (400, "The provider does not accept a parameter or the form of the request.", "provider_rejected"),
    ProviderFailure: (502, "The provider has failed.", "provider_failed"),
    BudgetSpent: (429, "The budget is used up for now.", "insufficient_quota"),
    BudgetHeld: (503, "Answers that are under way may use up the budget. Ask again in a moment.", "budget_held"),
    BudgetUnknown: (503, "The budget cannot be looked up just now.", "budget_unknown"),
    NotGranted: (403, "This bot may not use that provider.", "not_granted"),
    ConfigError: (503, "The server's configuration does not allow this.", "not_configured"),
    StoreTrouble: (503, "Conversations cannot be kept or read just now.", "store_unavailable"),
    BotError: (500, "This answer failed.", "answer_failed"),
}
"""The status, the words and the code for each class of error; the nearest class counts."""

_IN_THEIR_OWN_WORDS = frozenset((TooManyQuestions,))

_WAITS: Mapping[type[BaseException], float] = {BudgetHeld: 1}
"""In seconds: so long it takes, more or less, where the error itself does not know."""
