"""Who asks just now, for questions that do not say it themselves: those of bots in Python to a provider."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from utils.chat import Origin

_asker: ContextVar[Origin | None] = ContextVar("asker", default=None)


@contextmanager
def asked_from(origin: Origin) -> Iterator[None]:
    """Inside of it, and in the tasks that are started there, this is where questions come from."""
    before = _asker.set(origin)
    try:
        yield
    finally:
        _asker.reset(before)


def origin_of_this_request() -> Origin | None:
    """Where the question comes from that is being answered; None where none is."""
    return _asker.get()
