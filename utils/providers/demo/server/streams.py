"""An answer as server-sent events, as usual or with the trouble that was ordered."""

import asyncio
import math
from collections.abc import Callable, Mapping

from ..pace import paced, silence
from . import floods
from .cuts import cuts_of
from .quirks import quirky_delta, quirky_event
from .turn import Dropped, Parts, Reset, Turn
from .wire import DONE, Json, delta_json, error_json, event

_SIGN_OF_LIFE_SECONDS = 0.05


async def _as_usual(turn: Turn) -> Parts:
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
    quirks = turn.script.quirks
    return quirky_event(event(turn.completion.chunk(quirky_delta(delta, quirks), finish_reason)), quirks)


async def _hanging(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    await silence(math.inf)


async def _broken(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    raise Dropped


async def _error_inside(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    yield event(error_json(500, "The demo was ordered to fail inside the stream."))


async def _empty(_: Turn) -> Parts:
    yield DONE


async def _comments(_: Turn) -> Parts:
    while True:
        yield b": keep-alive\n\n"
        await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)


async def _half_a_line(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    line = _event(turn, {"content": " more"})
    yield line[: len(line) // 2]


async def _half_a_character(turn: Turn) -> Parts:
    async for part in _beginning(turn):
        yield part
    line = _event(turn, {"content": " 日本"})
    yield line[: line.index("日".encode()) + 1]


async def _roles(turn: Turn) -> Parts:
    while True:
        yield _event(turn, {"role": "assistant", "content": ""})
        await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)


async def nothing(_: Turn) -> Parts:
    """Not a byte, and no end."""
    await silence(math.inf)
    yield b""


async def no_body(_: Turn) -> Parts:
    """The head, and no end."""
    yield b""
    await silence(math.inf)


async def empty_body(_: Turn) -> Parts:
    """The head, and the end."""
    yield b""


async def slammed(_: Turn) -> Parts:
    """No head, and a sudden end."""
    raise Reset
    yield b""


STREAMS: Mapping[str, Callable[[Turn], Parts]] = {
    "": _as_usual,
    "hang": _hanging,
    "break": _broken,
    "nodone": _beginning,
    "error-inside": _error_inside,
    "empty": _empty,
    "empty-body": empty_body,
    "comments": _comments,
    "roles": _roles,
    "half-line": _half_a_line,
    "half-character": _half_a_character,
    "no-headers": nothing,
    "no-body": no_body,
    "slam": slammed,
    "comment-flood": floods.comments,
    "endless-line": floods.endless_line,
    "bomb": floods.bomb,
    **cuts_of(_as_usual),
}
"""By the name of the trouble."""
