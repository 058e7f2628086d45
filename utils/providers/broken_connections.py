"""What connections raise becomes a class of `utils.errors`. What the vendor says is understood in `failures`."""

import errno
import socket
import ssl
from collections.abc import Iterator

from utils.errors import BrokenStream, ProviderFailure, TimedOut, Unreachable

from .connections import NotHttp
from .failures import without_secrets

FOREIGN = (OSError, RuntimeError)
"""What is raised below us. Where all connections were closed here, it is no more than a RuntimeError."""


def not_opened(exc: Exception, provider: str, key: str = "") -> ProviderFailure:
    """The failure of a question to which not even the beginning of an answer came."""
    if isinstance(exc, NotHttp) or _lateness(exc):
        return broken_off(exc, provider, key)
    why = _in_plain_words(_last_of(exc))
    return Unreachable(without_secrets(why, key) if why else _cause_of(exc, key), provider=provider)


def broken_off(exc: Exception, provider: str, key: str = "") -> ProviderFailure:
    """The failure of an answer that had begun."""
    if late := _lateness(exc):
        is_told = late.errno is None and str(late)  # in our own words, and not in the system's
        return TimedOut(str(late) if is_told else "no sign of life from the provider", provider=provider)
    return BrokenStream(f"the connection broke in the middle of the answer: {_cause_of(exc, key)}", provider=provider)


def causes_of(exc: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and so on."""
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__


def _lateness(exc: BaseException) -> TimeoutError | None:
    return next((cause for cause in causes_of(exc) if isinstance(cause, TimeoutError)), None)


def _cause_of(exc: BaseException, key: str) -> str:
    last = _last_of(exc)
    return without_secrets(": ".join(filter(None, (type(last).__name__, " ".join(str(last).split())))), key)


def _last_of(exc: BaseException) -> BaseException:
    return list(causes_of(exc))[-1]


def _in_plain_words(exc: BaseException) -> str | None:
    """Why there is no connection; None where no better words are known than those of the exception."""
    match exc:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {exc.verify_message}"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return "it does not speak https"
        case socket.gaierror():
            return "its name is not known, or there is no network"
        case ConnectionRefusedError():
            return "nothing listens there"
        case ConnectionResetError():
            return "it hung up before it answered"
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
            return "there is no way to it from here"
    return None
