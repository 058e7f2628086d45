"""One connection to a provider, which asks one question after the other."""

import asyncio
from typing import TYPE_CHECKING, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .direct_response import DirectResponse
from .request import Where
from .response import NotHttp

if TYPE_CHECKING:
    from .connections import Connections


_LENIENT = {
    "lenient_headers": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
"""What small servers get wrong. It is dangerous for those who pass a request on; here a response ends its way."""


class Connection(asyncio.Protocol):
    """Belongs to the `connections`, which are told when it is open, free, and gone."""

    __slots__ = ("_connections", "_is_paused", "_parser", "_response", "_transport", "free_since", "is_sending", "to")

    def __init__(self, connections: "Connections", to: Where) -> None:
        self.to = to
        self.free_since = 0.0
        """The time of the event loop at which it had nothing more to do."""
        self.is_sending = False
        """Whether the question has not yet left as a whole."""
        self._connections = connections
        self._is_paused = False
        self._response: DirectResponse | None = None

    async def ask(self, request: bytes, silence: float, longest_upload: float) -> DirectResponse:
        """The response, its head read. Raises an OSError where none comes."""
        if not self.is_open:
            raise ConnectionResetError("the connection was closed before anything was asked")
        response = self._response = DirectResponse(self, silence)
        self._parser = HttpResponseParser(response)
        self._parser.set_dangerous_leniencies(**_LENIENT)
        try:
            self._transport.write(request)
            async with asyncio.timeout(longest_upload if self.is_sending else None):
                await response.head()
        except BaseException:  # whoever is cancelled leaves no connection behind either
            response.close()
            raise
        return response

    def is_done_with(self, response: DirectResponse) -> None:
        """Be free for the next question, or end where that cannot be."""
        self._response = None
        if response.can_be_followed and self.is_open and not self.is_sending:
            self.go_on_reading()
            self._connections.keep(self)
        else:
            self._transport.abort()

    def close(self, *, at_once: bool = False) -> None:
        """End it."""
        if at_once:
            self._transport.abort()
        else:
            self._transport.close()

    def go_on_reading(self) -> None:
        """What came has been read."""
        if self._is_paused and self.is_open:
            self._is_paused = False
            self._transport.resume_reading()

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it yet."""
        return not self._transport.is_closing()

    @property
    def status(self) -> int:
        """That of the response that is being read."""
        return self._parser.get_status_code()

    @property
    def is_kept_alive(self) -> bool:
        """Whether the provider lets another question follow. To be asked before the end of the response is passed."""
        return bool(self._parser.should_keep_alive())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)  # to be told when all is sent, and not when nearly all is
        self._connections.opened(self)

    def data_received(self, data: bytes) -> None:
        """Something of a response."""
        if self._response is None:
            self._transport.abort()  # nobody has asked for anything
            return
        try:
            self._parser.feed_data(data)
            is_much = self._response.came(len(data))
        except (HttpParserError, HttpParserUpgrade, NotHttp) as exc:
            self._response.failed(NotHttp(f"the provider does not speak HTTP: {exc}"))
            self._transport.abort()
            return
        if is_much and not self._is_paused and self.is_open:
            self._is_paused = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """Not all of the question fits into what the system sends at once."""
        self.is_sending = True

    def resume_writing(self) -> None:
        """All of it does now."""
        self.is_sending = False
        if self._response is not None:
            self._response.is_sent_for()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.lost(self)
        if self._response is not None:
            self._response.ended(exc if isinstance(exc, OSError) else None)
