"""The head of a response, and its body while it comes."""

import asyncio
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from .packed import OTHER_PACKINGS, PACKINGS, Packed
from .response import NotHttp

if TYPE_CHECKING:
    from .connection import Connection

_LONGEST_HEAD = 128 * 1024
_MOST_UNREAD = 128 * 1024
"""So much may wait until it is read: what has arrived meanwhile leaves as one piece."""


class DirectResponse:
    """A `Response`. Fed by its connection, whose parser calls what begins with `on_`."""

    __slots__ = (
        "_clock",
        "_connection",
        "_failure",
        "_loop",
        "_packed",
        "_parts",
        "_silence",
        "_since",
        "_unread",
        "_waiting",
        "can_be_followed",
        "headers",
        "is_complete",
        "on_body",
        "status",
    )

    def __init__(self, connection: "Connection", silence: float) -> None:
        """`silence` is how long the provider may go without a sign of life, in seconds."""
        self.status = 0
        """0 until the head is there."""
        self.headers: dict[str, str] = {}
        self.is_complete = False
        self.can_be_followed = False
        """Whether the provider keeps the connection for the next question."""
        self._connection: Connection | None = connection
        self._parts: list[bytes] = []
        self.on_body: Callable[[bytes], None] = self._parts.append
        self._unread = 0
        self._packed: Packed | None = None
        self._failure: OSError | None = None
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._since = 0.0
        self._silence = silence
        # One timer for all: to set one anew for each read takes longer than the read.
        self._clock = self._loop.call_later(silence, self._look_at_the_clock)

    async def head(self) -> None:
        """Return when `status` and `headers` are there. Raises an OSError where they do not come."""
        while not self.status:
            await self._news()
        packing = self.headers.get("content-encoding", "").lower()
        if packing in PACKINGS:
            self._packed = Packed()
        elif packing in OTHER_PACKINGS:  # whatever else stands there is a mistake, and nothing is packed
            raise NotHttp(f"the answer is packed as {packing!r}, for which nobody has asked")

    async def read(self) -> bytes:
        """All that has come since the last time; see `Response`."""
        while not self._parts:
            if self._packed is not None and (data := _unpacked(self._packed)):
                return data
            if self.is_complete:
                return b""
            await self._news()
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        if self._unread > _MOST_UNREAD and self._connection is not None:
            self._connection.go_on_reading()
        self._unread = 0
        return data if self._packed is None else _unpacked(self._packed, data) or await self.read()

    def close(self) -> None:
        """Be done with it; see `Response`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._clock.cancel()
            connection.is_done_with(self)

    def came(self, size: int) -> bool:
        """So many bytes have come. Whether more should wait until these are read."""
        self._unread += size
        self._wake()
        if not self.status and self._unread > _LONGEST_HEAD:
            raise NotHttp("the head of the response has no end")
        return self._unread > _MOST_UNREAD

    def is_sent_for(self) -> None:
        """All of the question is on its way: from now on the provider is waited for."""
        self._since = self._loop.time()

    def ended(self, failure: OSError | None) -> None:
        """The connection is at its end, and why, where that is known."""
        if failure is None and self._ends_with_the_connection:
            self.is_complete = True
        self.failed(failure or ConnectionResetError("the connection was closed before the end"))

    def failed(self, failure: OSError) -> None:
        """No more will come."""
        if not self.is_complete:
            self._failure = failure
        self._wake()

    def on_message_begin(self) -> None:
        """The first byte of a response."""
        if self.is_complete:
            raise NotHttp("there is a second response to one question")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head."""
        self.headers.setdefault(_small(name), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """The end of the head."""
        status = self._connection.status if self._connection is not None else 0
        if status < 200:
            self.headers.clear()  # it only announces another one
        else:
            self.status = status

    def on_message_complete(self) -> None:
        """The end of the body."""
        if self.status and self._connection is not None:
            self.is_complete = True
            self.can_be_followed = self._connection.is_kept_alive

    @property
    def _ends_with_the_connection(self) -> bool:
        """Whether the end of the connection is the only one that the body has."""
        is_chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        return self.status > 0 and not is_chunked and "content-length" not in self.headers

    def _news(self) -> "asyncio.Future[None]":
        """Done when something has come. Raises why nothing will."""
        if self._failure is not None:
            raise self._failure
        self._since = self._loop.time()
        self._waiting = self._loop.create_future()
        return self._waiting

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _look_at_the_clock(self) -> None:
        now = self._loop.time()
        is_sent = self._connection is not None and not self._connection.is_sending
        due = (self._since if is_sent and self._waiting is not None else now) + self._silence
        if due > now:
            self._clock = self._loop.call_at(due, self._look_at_the_clock)
        else:
            self.failed(TimeoutError(f"nothing came for {self._silence:g} seconds"))


@lru_cache
def _small(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _unpacked(packed: Packed, data: bytes = b"") -> bytes:
    try:
        return packed.next(data)
    except zlib.error as exc:
        raise NotHttp(f"the answer cannot be unpacked: {exc}") from exc
