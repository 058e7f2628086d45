"""Peculiar forms of an answer, each of them seen in the wild: the same words, written so that a reader may stumble."""

import asyncio
from collections.abc import AsyncIterable

from .turn import Parts
from .wire import Json, event

_DRIP_BYTES = 3
_TRICKLE_SECONDS = 0.02


def quirky_delta(delta: Json, quirks: frozenset[str]) -> Json:
    """A delta or a message; with `list` its text and thoughts are parts of the content, as Mistral writes them."""
    return _with_parts(delta) if "list" in quirks else delta


def quirky_event(chunk: bytes, quirks: frozenset[str]) -> bytes:
    """One event; with `nulls` others that say nothing come behind it, with `garbage` some that are no JSON."""
    return chunk + _SAYING_NOTHING * ("nulls" in quirks) + _GARBAGE * ("garbage" in quirks)


async def quirky_bytes(parts: AsyncIterable[bytes], quirks: frozenset[str]) -> Parts:
    """The parts as they are sent; `crlf` changes their line ends, `drip` and `trickle` cut them."""
    async for part in parts:
        lines = part.replace(b"\n", b"\r\n") if "crlf" in quirks else part
        step = 1 if "trickle" in quirks else _DRIP_BYTES if "drip" in quirks else len(lines) or 1
        for begin in range(0, len(lines) or 1, step):
            yield lines[begin : begin + step]
            if "trickle" in quirks:
                await asyncio.sleep(_TRICKLE_SECONDS)


def _with_parts(delta: Json) -> Json:
    parts: list[Json] = []
    if thought := delta.get("reasoning_content"):
        parts.append({"type": "thinking", "thinking": [{"type": "text", "text": thought}]})
    if text := delta.get("content"):
        parts.append({"type": "text", "text": text})
    rest = {key: value for key, value in delta.items() if key not in ("content", "reasoning_content")}
    return {**rest, "content": parts} if parts else delta


_NOTHINGS: tuple[Json, ...] = (
    {"choices": []},
    {"choices": None},
    {"choices": [{"index": 0}]},
    {"choices": [{"index": 0, "delta": None, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {"content": None, "role": None, "tool_calls": None}}]},
    {"id": None, "x_unknown": {"a": [1]}, "choices": [{"delta": {"x_unknown": 1}}], "usage": None},
    {},
)
_SAYING_NOTHING = b"".join(event(nothing) for nothing in _NOTHINGS)
_GARBAGE = b"data: {not JSON\n\ndata: \xff\xfe\n\n: a comment\nunknown: field\n\n"
