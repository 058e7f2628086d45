"""What a failure of a provider means to its owner, and which variable or field puts it right."""

from collections.abc import Callable

from utils.errors import (
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
from utils.registry import ProviderConfig


def what_happened(failure: ProviderFailure) -> str:
    """In plain words, with what the provider said, which is free of secrets."""
    words, _ = _row(failure)
    said = str(failure).rstrip(".")
    return f"{words} ({said})." if said else f"{words}."


def what_to_do(failure: ProviderFailure, config: ProviderConfig) -> str:
    """The variable to set or the field to change in the provider's entry."""
    return _row(failure)[1](config)


def _row(failure: ProviderFailure) -> tuple[str, Callable[[ProviderConfig], str]]:
    return next(((words, fix) for kind, words, fix in _TABLE if isinstance(failure, kind)), _ANYTHING_ELSE)


def _variable(config: ProviderConfig) -> str:
    return " or ".join(config.api_key_env) or "the variable that `api_key_env` should name"


def _address(config: ProviderConfig) -> str:
    return f"`api_base` ({config.public_address})" if config.api_base else "the region among its `settings`"


_TABLE: tuple[tuple[type[ProviderFailure], str, Callable[[ProviderConfig], str]], ...] = (
    (KeyMissing, "there is no key", lambda config: f"Set {_variable(config)}."),
    (KeyRefused, "it does not accept the key", lambda config: f"Put a valid key into {_variable(config)}."),
    (QuotaExhausted, "the account there is empty", lambda config: "Add credit there, or use a key of another account."),
    (
        ModelNotFound,
        "it does not serve the model",
        lambda config: (
            f"Change `default_model` ({config.model}); `python config_manager.py models {config.name} --live` lists"
            f" its models. Or {_address(config)} is wrong."
        ),
    ),
    (RateLimited, "it wants us to wait", lambda config: "Wait a little and try again."),
    (Overloaded, "it is too busy, or broken on its side", lambda config: "Try again later."),
    (Unreachable, "no connection could be made", lambda config: f"Check {_address(config)}, and that it is running."),
    (
        TimedOut,
        "it was silent for too long",
        lambda config: f"Check {_address(config)}, or raise `timeout` ({config.timeout:g} seconds).",
    ),
    (NotAStream, "what answers there is no such API", lambda config: f"Check {_address(config)}: the path, too."),
    (EmptyAnswer, "the answer had no word in it", lambda config: f"Try another model than {config.model}."),
    (BrokenStream, "the answer stopped before its end", lambda config: "Try again."),
    (ContextTooLong, "the question was too long for it", lambda config: "Look at its `additional_params`."),
    (ContentRefused, "its content policy declined", lambda config: "Try another model as `default_model`."),
    (
        RequestRejected,
        "it does not understand what was sent",
        lambda config: "Look at `additional_params`, `headers` and `profile` of its entry.",
    ),
)
_ANYTHING_ELSE: tuple[str, Callable[[ProviderConfig], str]] = (
    "it gave no answer",
    lambda config: "Run `python config_manager.py check`.",
)
