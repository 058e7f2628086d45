"""What a person in the chat reads when something failed: one row for each class of error, in their language."""

from collections.abc import Mapping
from typing import Any, TypeVar

import fastapi_poe as fp

from utils.errors import (
    BotError,
    BotErrorNoRetry,
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
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
from utils.ledger.budgets import BudgetHeld, BudgetSpent, BudgetUnknown, ProviderBudgetSpent
from utils.routing.gate import Busy
from utils.routing.rate_limit import TooManyQuestions

from .words import Text, say

_Known = TypeVar("_Known")

TEXTS: Mapping[type[BaseException], Text] = {
    RateLimited: Text.RATE_LIMITED,
    Overloaded: Text.OVERLOADED,
    Busy: Text.BUSY,
    Unreachable: Text.UNREACHABLE,
    TimedOut: Text.TIMED_OUT,
    BrokenStream: Text.BROKEN_STREAM,
    EmptyAnswer: Text.EMPTY_ANSWER,
    NotAStream: Text.NOT_A_STREAM,
    KeyMissing: Text.KEY_MISSING,
    KeyRefused: Text.KEY_REFUSED,
    QuotaExhausted: Text.QUOTA_EXHAUSTED,
    ModelNotFound: Text.MODEL_NOT_FOUND,
    ContextTooLong: Text.CONTEXT_TOO_LONG,
    ContentRefused: Text.CONTENT_REFUSED,
    RequestRejected: Text.REQUEST_REJECTED,
    ProviderFailure: Text.PROVIDER_FAILURE,
    TooManyQuestions: Text.TOO_MANY_QUESTIONS,
    BudgetSpent: Text.BUDGET_SPENT,
    ProviderBudgetSpent: Text.BUDGET_SPENT,
    BudgetHeld: Text.BUSY,
    BudgetUnknown: Text.BUDGET_UNKNOWN,
    fp.InsufficientFundError: Text.NOT_ENOUGH_POINTS,
}
"""For errors that do not know of this room. One that is raised in here names its own as `text_key`."""

_ERROR_TYPES: Mapping[type[BaseException], str] = {
    ContextTooLong: "user_message_too_long",
    ContentRefused: "user_caused_error",
    TooManyQuestions: "user_caused_error",
    fp.InsufficientFundError: "insufficient_fund",
}
"""Poe's word for the kind of error. One that is raised in this room may name its own as `error_type`."""


class NothingAsked(BotErrorNoRetry):
    """The query holds no message."""

    text_key = Text.NOTHING_ASKED
    error_type = "user_caused_error"


class ShuttingDown(BotError):
    """The server goes; another one will answer in a moment."""

    text_key = Text.SHUTTING_DOWN


def error_event(
    exc: BaseException, reference: str, *, answer_has_begun: bool = False, language: str = "en"
) -> dict[str, Any]:
    """The data of the `error` event for this exception. What the exception itself says stays in the log."""
    sentence = sentence_for(exc, language)
    event: dict[str, Any] = {
        "text": say(Text.WITH_REFERENCE, language, sentence=sentence, reference=reference),
        "allow_retry": isinstance(exc, BotError) and exc.allow_retry and not answer_has_begun,
    }
    error_type = _known_of(exc, "error_type", _ERROR_TYPES)
    return event if error_type is None else {**event, "error_type": error_type}


def sentence_for(exc: BaseException, language: str = "en") -> str:
    """The sentence for this exception, in plain words and without a reference."""
    text = _known_of(exc, "text_key", TEXTS)
    if text is not None:
        # What the words leave open is an attribute of the error: `{variable}` is `KeyMissing.variable`.
        return say(text, language, **vars(exc))
    # A bot's author writes the message of a plain BotError for the person who asks.
    return (str(exc) if isinstance(exc, BotError) else "") or say(Text.UNEXPECTED, language)


def _known_of(exc: BaseException, attribute: str, rows: Mapping[type[BaseException], _Known]) -> _Known | None:
    """What one of our errors says of itself, or the row of the nearest class."""
    own: _Known | None = getattr(exc, attribute, None) if isinstance(exc, BotError) else None
    return own or next((rows[cls] for cls in type(exc).__mro__ if cls in rows), None)
