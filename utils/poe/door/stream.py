"""An answer over HTTP: frames out, and an eye on whether anybody still listens."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import Receive, Scope, Send

from .answer import Answer
from .frames import PING

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_PING_SECONDS = 15.0
_EVENTS_BETWEEN_BREATHS = 32


class OpenAnswers:
    """The answers that are being given, so that a server that stops can end them properly."""

    def __init__(self) -> None:
        self._streams: set[AnswerStream] = set()

    def __len__(self) -> int:
        return len(self._streams)

    async def send(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the answer; returns when it is given, or when the other side has gone."""
        stream = AnswerStream(answer)
        self._streams.add(stream)
        try:
            await stream(scope, receive, send)
        finally:
            self._streams.discard(stream)

    def end_all(self) -> None:
        """Let every open answer end at once with a word of why."""
        for stream in tuple(self._streams):
            stream.end_early()


class AnswerStream:
    """One answer as an ASGI response. Two tasks: the answer itself, and a watcher for disconnect and silence."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._task: asyncio.Task[Any] | None = None
        self._listener_gone = False
        self._ending_early = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; returns when it is sent, or when the other side has gone."""
        self._task = asyncio.current_task()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        watcher = asyncio.create_task(self._watch(receive, send))
        try:
            await self._send_frames(send)
        except asyncio.CancelledError:
            if not (self._ending_early or self._listener_gone):
                raise
            if self._task is not None:
                self._task.uncancel()
            if self._ending_early:
                await send(_body(self.answer.early_end(), more=False))
        finally:
            watcher.cancel()

    def end_early(self) -> None:
        """Stop the bot and close the answer with an error that may be retried."""
        if self._task is not None and not self._ending_early:
            self._ending_early = True
            self._task.cancel()

    async def _send_frames(self, send: Send) -> None:
        frames = self.answer.frames()
        count = 0
        try:
            async for frame in frames:
                await send(_body(frame, more=not self.answer.is_over))
                count += 1
                if count % _EVENTS_BETWEEN_BREATHS == 0:
                    # A bot that never waits for anything would keep the loop from all others, and from the watcher.
                    await asyncio.sleep(0)
        finally:
            await frames.aclose()

    async def _watch(self, receive: Receive, send: Send) -> None:
        received = asyncio.ensure_future(receive())
        try:
            while True:
                done, _ = await asyncio.wait((received,), timeout=_PING_SECONDS)
                if not done:
                    await send(_body(PING, more=True))
                elif received.result()["type"] == "http.disconnect":
                    self._listener_gone = True
                    if self._task is not None:
                        self._task.cancel()
                    return
                else:
                    received = asyncio.ensure_future(receive())
        finally:
            received.cancel()


def _body(body: bytes, *, more: bool) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}
