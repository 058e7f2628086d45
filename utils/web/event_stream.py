"""A response of events that comes as it is made, and stays open while nothing is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.types import Receive, Scope, Send

PING = b": ping\n\n"
"""A line that every reader of events passes over. Proxies close a connection on which nothing comes, often after 60
seconds."""

_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


class Stalled(Exception):
    """Nobody takes the events any more."""


class EventStream:
    """Sends events. Each waits until the one before it is on its way, so that no reader is run over.

    What fails before the first event is raised here while nothing is sent, so that it can have a status of its own;
    but after so many silent seconds the response begins with a ping, and from then on a failure is an event.
    """

    def __init__(
        self, frames: AsyncGenerator[bytes, None], *, ping_seconds: float = 15.0, stall_seconds: float = 300.0
    ) -> None:
        """`stall_seconds` is for a reader who takes nothing of an answer any more."""
        self._frames = frames
        self._ping_seconds = ping_seconds
        self._stall_seconds = stall_seconds
        self._has_begun = False
        self._was_silent = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all. Raises `Stalled`, and whatever the making of the events raises."""
        pinging = asyncio.create_task(self._pinging(send))
        try:
            async with aclosing(self._frames):
                async for frame in self._frames:
                    try:
                        async with asyncio.timeout(self._stall_seconds):
                            await self._send(frame, send)
                    except TimeoutError as exc:
                        raise Stalled from exc
        finally:
            pinging.cancel()
        await self._begin(send)
        await send({"type": "http.response.body", "body": b""})

    async def _pinging(self, send: Send) -> None:
        """Between two looks nothing was sent: say that this is still here."""
        while True:
            self._was_silent = True
            await asyncio.sleep(self._ping_seconds)
            if self._was_silent:
                await self._send(PING, send)

    async def _send(self, frame: bytes, send: Send) -> None:
        self._was_silent = False
        await self._begin(send)
        await send({"type": "http.response.body", "body": frame, "more_body": True})

    async def _begin(self, send: Send) -> None:
        if not self._has_begun:
            self._has_begun = True
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
