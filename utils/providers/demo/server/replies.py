"""An answer on its way to a client, who may hang up at any time."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..pace import silence
from . import floods
from .documents import DOCUMENTS
from .hang_up import reset
from .quirks import quirky_bytes
from .streams import STREAMS
from .turn import Dropped, Parts, Reset, Turn
from .waits import headers_of, with_wait
from .wire import error_json


class Reply(Response):
    """Sends each part by itself, the head together with the first, and stops at once when the client hangs up."""

    def __init__(
        self, parts: Parts, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self._parts = parts
        self.media_type = media_type
        self.status_code = status
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer has been sent, was left unfinished on purpose, or nobody waits for it any more."""
        state = scope["app"].state
        state.open_streams += 1
        try:
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send(send, receive))
                watching = both.create_task(_hung_up(receive))
                sending.add_done_callback(lambda _: watching.cancel())
                watching.add_done_callback(lambda _: sending.cancel())
        finally:
            state.open_streams -= 1

    async def _send(self, send: Send, receive: Receive) -> None:
        async with aclosing(self._parts) as parts:
            try:
                first = await anext(parts, b"")
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": first, "more_body": True})
                async for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            except Reset:
                reset(receive)
                return
            except Dropped:
                # An answer that is left unfinished makes uvicorn close the connection.
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def reply_to(turn: Turn, *, stream: bool) -> Reply:
    """The reply that the script wants."""
    trouble = turn.script.trouble.name
    if instead := _INSTEAD.get(trouble):
        return instead(turn)
    streamed = stream and "json-body" not in turn.script.quirks
    parts = (STREAMS if streamed else DOCUMENTS)[trouble](turn)
    media_type = "text/event-stream" if streamed else "application/json"
    return Reply(
        quirky_bytes(parts, turn.script.quirks),
        "text/html" if "mislabel" in turn.script.quirks else media_type,
        headers={"content-encoding": "gzip"} if trouble == "bomb" else None,
    )


def _error(turn: Turn) -> Reply:
    trouble = turn.script.trouble
    message = f"The demo was ordered to fail with status {trouble.status}."
    body = msgspec.json.encode(with_wait(error_json(trouble.status, message), trouble))
    return Reply(_after_the_wait(turn, body), "application/json", trouble.status, headers_of(trouble))


def _endless_error(turn: Turn) -> Reply:
    return Reply(floods.error(turn), "application/json", 500)


def _web_page(turn: Turn) -> Reply:
    body = b"<!doctype html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
    return Reply(_after_the_wait(turn, body), "text/html")


async def _after_the_wait(turn: Turn, body: bytes) -> Parts:
    await silence(turn.script.pace.first_token_ms / 1000)
    yield body


_INSTEAD: Mapping[str, Callable[[Turn], Reply]] = {
    "fail": _error,
    "busy": _error,
    "error-flood": _endless_error,
    "html": _web_page,
}
"""What comes instead of an answer, by the name of the trouble, whether a stream was asked for or not."""
