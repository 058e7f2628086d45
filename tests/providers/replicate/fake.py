"""A server that speaks Replicate's API, streams in its wire format too, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.serving import serving

METRICS = {"predict_time": 0.4, "input_token_count": 7, "output_token_count": 2}


def output(text: str, number: int = 0) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: output\nid: 1690212292:{number}\n{lines}\n".encode()


def done(**reason: str) -> bytes:
    return f"event: done\nid: 1690212293:0\ndata: {json.dumps(reason)}\n\n".encode()


def failed(detail: str) -> bytes:
    return f"event: error\nid: 1690212293:0\ndata: {json.dumps({'detail': detail})}\n\n".encode()


Pieces = Callable[[], AsyncIterator[bytes]]


class Replicate:
    """Gives every prediction the same stream, or the same states one after the other."""

    def __init__(self, *stream: bytes | asyncio.Event | Pieces, states: tuple[dict[str, Any], ...] = ()) -> None:
        self.stream = stream
        self.states = list(states) or [{"status": "succeeded", "metrics": METRICS}]
        self.refusal: tuple[int, dict[str, Any], dict[str, str]] | None = None
        self.content_type = "text/event-stream"
        self.created_after: asyncio.Event | None = None
        self.stream_base: str | None = None
        """Where the stream is said to be; by default here."""
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        self.cancelled: list[str] = []
        self.open_streams = 0
        methods = ["GET", "POST"]
        self.app = Starlette(
            routes=[
                Route("/v1/models/{owner}/{name}/predictions", self._create, methods=methods),
                Route("/v1/predictions", self._create, methods=methods),
                Route("/v1/predictions/{id}", self._look),
                Route("/v1/predictions/{id}/cancel", self._cancel, methods=methods),
                Route("/stream/{id}", self._stream),
            ]
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        async with serving(self.app) as address:
            self.address = address
            yield f"{address}/v1"

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.url.path == path]

    async def _create(self, request: Request) -> Response:
        self.requests.append(request)
        self.bodies.append(json.loads(await request.body()))
        if self.created_after is not None:
            await self.created_after.wait()
        if self.refusal is not None:
            status, body, headers = self.refusal
            return JSONResponse(body, status, headers)
        return JSONResponse(self._prediction({"status": "starting"}), 201)

    async def _look(self, request: Request) -> Response:
        self.requests.append(request)
        return JSONResponse(self._prediction(self.states.pop(0) if len(self.states) > 1 else self.states[0]))

    async def _cancel(self, request: Request) -> Response:
        self.requests.append(request)
        self.cancelled.append(request.path_params["id"])
        return JSONResponse(self._prediction({"status": "canceled"}))

    async def _stream(self, request: Request) -> Response:
        self.requests.append(request)
        return StreamingResponse(self._said(), media_type=self.content_type)

    async def _said(self) -> AsyncIterator[bytes]:
        self.open_streams += 1
        try:
            for part in self.stream:
                if isinstance(part, bytes):
                    yield part
                elif isinstance(part, asyncio.Event):
                    await part.wait()
                else:
                    async for piece in part():
                        yield piece
        finally:
            self.open_streams -= 1

    def _prediction(self, state: dict[str, Any]) -> dict[str, Any]:
        urls = {
            "get": f"{self.address}/v1/predictions/abc123",
            "cancel": f"{self.address}/v1/predictions/abc123/cancel",
        }
        if self.stream and self.bodies[-1]["stream"]:
            urls["stream"] = f"{self.stream_base or self.address}/stream/abc123"
        return {"id": "abc123", "output": None, "error": None, "logs": "", "urls": urls, **state}
