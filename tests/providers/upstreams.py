"""Servers that take the place of a provider, and what they say."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

DONE = b"data: [DONE]\n\n"


def event(chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def saying(text: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def ending(reason: str | None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


WHOLE = (saying("Hello"), ending("stop"), DONE)


class Upstream:
    """Gives every question the same answer, and remembers the questions."""

    def __init__(self, *parts: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.app = Starlette(routes=[Route("/{rest:path}", self._answer, methods=["GET", "POST"])])
        self.requests: list[Request] = []
        self.bodies: list[Any] = []
        self._parts = parts
        self._status = status
        self._headers = {"content-type": "text/event-stream", **(headers or {})}

    async def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        self.bodies.append(json.loads(await request.body()))
        return StreamingResponse(self._said(), self._status, self._headers)

    async def _said(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(answer: Answer) -> AsyncIterator[str]:
    """Does with each connection what no web framework would do, and closes it then."""
    running: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.create_task(_answered(answer, reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _answered(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await answer(reader, writer)
    finally:
        writer.close()


async def until(true: Callable[[], bool], seconds: float = 5) -> None:
    """Returns as soon as it is true. Fails when it has not become so in time."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.001)
