"""One question at a time over one connection, with a stopwatch. Blocking, for nothing else runs beside it."""

import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .wire import FIRST_TOKEN, Question, is_whole

_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Timed:
    """A response, and when its first token was there. Times are on the clock of `time.perf_counter`."""

    response: bytes
    sent_at: float
    first_token_at: float | None
    """None when there was no token."""


class Client:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def ask(self, question: Question) -> Timed:
        """The response to the question, when it has ended."""
        request = question.request()
        sent_at = time.perf_counter()
        self._socket.sendall(request)
        response, first_token_at = b"", None
        while received := self._socket.recv(65536):
            response += received
            if first_token_at is None and FIRST_TOKEN in response:
                first_token_at = time.perf_counter()
            if is_whole(response):
                break
        return Timed(response, sent_at, first_token_at)


def is_healthy(port: int) -> bool:
    """Whether /health says 200."""
    try:
        return _get(port, "/health").startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def times_asked(port: int) -> int:
    """How often a replaying upstream has been asked."""
    return int(_get(port, "/").rpartition(b"\r\n")[2])


def _get(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        return connection.recv(4096)
