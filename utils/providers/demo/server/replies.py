"""How an answer leaves: whole or as a stream, as usual or in one of the ways in which things go wrong."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from utils.chat import Delta

from ..pace import paced, silence
from ..script import Script
from .wire import DONE, Completion, Json, delta_json, error_json, event

Parts = AsyncGenerator[bytes, None]

_SIGN_OF_LIFE_SECONDS = 0.05


class Dropped(Exception):
    """The connection shall end here, in the middle of the answer."""


class Reply(Response):
    """Sends each part by itself and the head with the first. Stops at once when the client hangs up."""

    def __init__(
        self, parts: Parts, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self._parts = parts
        self.media_type = media_type
        self.status_code = status
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["app"].state
        state.open_streams += 1
        try:
            async with asyncio.TaskGroup() as both:
                sending = both.create_task(self._send(send))
                watching = both.create_task(_hung_up(receive))
                sending.add_done_callback(lambda _: watching.cancel())
                watching.add_done_callback(lambda _: sending.cancel())
        finally:
            state.open_streams -= 1

    async def _send(self, send: Send) -> None:
        async with aclosing(self._parts) as parts:
            try:
                first = await anext(parts, b"")
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": first, "more_body": True})
                async for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            except Dropped:
                # An answer that is left unfinished makes the server close the connection.
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass(frozen=True)
class Turn:
    """One answer that is about to be given."""

    script: Script
    completion: Completion
    includes_usage: bool = False


def reply_to(turn: Turn, *, stream: bool) -> Reply:
    """The reply that the script wants."""
    stream = stream and "json-body" not in turn.script.quirks
    name = turn.script.trouble.name if turn.script.trouble else ""
    return (_STREAMED if stream else _WHOLE)[name](turn)


def _streaming(parts: Callable[[Turn], Parts]) -> Callable[[Turn], Reply]:
    return lambda turn: Reply(_quirky_bytes(parts(turn), turn.script.quirks), "text/event-stream")


def _in_one(parts: Callable[[Turn], Parts]) -> Callable[[Turn], Reply]:
    return lambda turn: Reply(_quirky_bytes(parts(turn), turn.script.quirks), "application/json")


async def _stream(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    yield _event(turn, {}, turn.script.finish_reason)
    if turn.includes_usage:
        yield event(turn.completion.usage_chunk(turn.script.usage))
    yield DONE


async def _beginning(turn: Turn) -> Parts:
    yield _event(turn, {"role": "assistant", "content": ""})
    async for piece in paced(turn.script.begun, turn.script.pace):
        yield _event(turn, delta_json(piece))


def _event(turn: Turn, delta: Json, finish_reason: str | None = None) -> bytes:
    if "list" in turn.script.quirks:
        delta = _with_parts(delta)
    chunk = event(turn.completion.chunk(delta, finish_reason))
    return chunk + _GAPS if "nulls" in turn.script.quirks else chunk


async def _broken_stream(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    raise Dropped


async def _stream_with_error(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    yield event(error_json(500, "The demo was ordered to fail inside the stream."))


async def _hanging_stream(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    await silence(math.inf)


async def _empty_stream(turn: Turn) -> Parts:
    await _all_of(turn)
    yield DONE


async def _signs_of_life(turn: Turn) -> Parts:
    while True:
        yield b": keep-alive\n\n"
        await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)


async def _whole(turn: Turn) -> Parts:
    yield _document(turn, await _all_of(turn), turn.script.finish_reason)


async def _unfinished_whole(turn: Turn) -> Parts:
    yield _document(turn, await _all_of(turn), None)


async def _broken_whole(turn: Turn) -> Parts:
    document = _document(turn, await _all_of(turn), None)
    yield document[: len(document) // 2]
    raise Dropped


async def _error_for_whole(turn: Turn) -> Parts:
    await _all_of(turn)
    yield msgspec.json.encode(error_json(500, "The demo was ordered to fail with status 200."))


async def _nothing(turn: Turn) -> Parts:
    await _all_of(turn)
    yield b""


async def _hanging_whole(turn: Turn) -> Parts:
    await silence(math.inf)
    yield b""


async def _page(turn: Turn) -> Parts:
    await _all_of(turn)
    yield b"<!doctype html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"


async def _error(turn: Turn) -> Parts:
    await _all_of(turn)
    status = turn.script.trouble.status if turn.script.trouble else 500
    yield msgspec.json.encode(error_json(status, f"The demo was ordered to fail with status {status}."))


async def _all_of(turn: Turn) -> list[Delta]:
    return [piece async for piece in paced(turn.script.begun, turn.script.pace)]


def _document(turn: Turn, pieces: list[Delta], finish_reason: str | None) -> bytes:
    whole = turn.completion.whole(pieces, finish_reason, turn.script.usage)
    if "list" in turn.script.quirks:
        whole["choices"][0]["message"] = _with_parts(whole["choices"][0]["message"])
    return msgspec.json.encode(whole)


def _failing(turn: Turn) -> Reply:
    trouble = turn.script.trouble
    wait = {"retry-after": str(trouble.retry_after)} if trouble and trouble.retry_after is not None else {}
    return Reply(_error(turn), "application/json", trouble.status if trouble else 500, wait)


def _web_page(turn: Turn) -> Reply:
    return Reply(_page(turn), "text/html")


_STREAMED: Mapping[str, Callable[[Turn], Reply]] = {
    "": _streaming(_stream),
    "fail": _failing,
    "hang": _streaming(_hanging_stream),
    "break": _streaming(_broken_stream),
    "nodone": _streaming(_beginning),
    "error-inside": _streaming(_stream_with_error),
    "html": _web_page,
    "empty": _streaming(_empty_stream),
    "comments": _streaming(_signs_of_life),
}

_WHOLE: Mapping[str, Callable[[Turn], Reply]] = {
    "": _in_one(_whole),
    "fail": _failing,
    "hang": _in_one(_hanging_whole),
    "break": _in_one(_broken_whole),
    "nodone": _in_one(_unfinished_whole),
    "error-inside": _in_one(_error_for_whole),
    "html": _web_page,
    "empty": _in_one(_nothing),
    "comments": _in_one(_hanging_whole),
}


def _with_parts(delta: Json) -> Json:
    """Text and thoughts as Mistral writes them: a list of parts under `content`."""
    parts: list[Json] = []
    if thought := delta.get("reasoning_content"):
        parts.append({"type": "thinking", "thinking": [{"type": "text", "text": thought}]})
    if text := delta.get("content"):
        parts.append({"type": "text", "text": text})
    rest = {key: value for key, value in delta.items() if key not in ("content", "reasoning_content")}
    return {**rest, "content": parts} if parts else delta


async def _quirky_bytes(parts: AsyncIterable[bytes], quirks: frozenset[str]) -> Parts:
    async for part in parts:
        whole = part.replace(b"\n", b"\r\n") if "crlf" in quirks else part
        step = 3 if "drip" in quirks else len(whole) or 1
        for begin in range(0, len(whole), step):
            yield whole[begin : begin + step]


# Each of these was sent by some provider between two tokens.
_GAPS = b"".join(
    event(gap)
    for gap in (
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0}]},
        {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {"content": None, "role": None, "tool_calls": None}}]},
        {"id": None, "x_unknown": {"a": [1]}, "choices": [{"delta": {"x_unknown": 1}}], "usage": None},
        {},
    )
)
