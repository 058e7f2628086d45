"""What a person in the chat reads when something failed: one row for each class of error."""

from collections.abc import Mapping
from typing import Any

import fastapi_poe as fp

from utils.errors import (
    BotError,
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

SENTENCES: Mapping[type[ProviderFailure], str] = {
    RateLimited: "The model is getting too many requests right now. Please try again in a moment.",
    Overloaded: "The model is overloaded right now. Please try again in a moment.",
    Unreachable: "The model cannot be reached right now. Please try again in a moment.",
    TimedOut: "The model took too long to answer. Please try again.",
    BrokenStream: "The answer was cut off before its end. Please try again.",
    EmptyAnswer: "The model gave an empty answer. Please try again or ask in other words.",
    NotAStream: "The model's server sent something that is no answer. Please try again later.",
    KeyMissing: "This bot is not set up yet: {variable} is missing on the server.",
    KeyRefused: "This bot is not set up correctly: the model's provider does not accept the server's key.",
    QuotaExhausted: "This bot has used up its credit at the model's provider. Its owner needs to top it up.",
    ModelNotFound: "This bot is not set up correctly: the model's provider does not offer its model.",
    ContextTooLong: "This conversation is too long for the model. Please shorten your message or start a new chat.",
    ContentRefused: "The model's provider declined to answer this. Please ask in another way.",
    RequestRejected: "This bot is not set up correctly: the model's provider did not accept its request.",
    ProviderFailure: "The model could not answer. Please try again.",
}
UNEXPECTED = "Something went wrong on this bot's server."
SHUTTING_DOWN = "This bot's server is restarting. Please try again in a moment."
NOTHING_ASKED = "There is no message to answer."

_ERROR_TYPES: Mapping[type[Exception], str] = {
    ContextTooLong: "user_message_too_long",
    ContentRefused: "user_caused_error",
    fp.InsufficientFundError: "insufficient_fund",
}


def error_event(exc: BaseException, reference: str, *, answer_has_begun: bool = False) -> dict[str, Any]:
    """The data of the `error` event for this exception. What the exception itself says stays in the log."""
    retry = isinstance(exc, BotError) and exc.allow_retry and not answer_has_begun
    event: dict[str, Any] = {"text": f"{sentence_for(exc)} (Reference: {reference})", "allow_retry": retry}
    error_type = _nearest(exc, _ERROR_TYPES)
    return event if error_type is None else {**event, "error_type": error_type}


def sentence_for(exc: BaseException) -> str:
    """The sentence for this exception, in plain words and without a reference."""
    if isinstance(exc, ProviderFailure):
        return (_nearest(exc, SENTENCES) or UNEXPECTED).format(variable=getattr(exc, "variable", ""))
    # A bot's author writes the message of a plain BotError for the person who asks.
    return str(exc) or UNEXPECTED if isinstance(exc, BotError) else UNEXPECTED


def _nearest(exc: BaseException, table: Mapping[Any, str]) -> str | None:
    return next((table[cls] for cls in type(exc).__mro__ if cls in table), None)
