"""An answer as server-sent events, as usual or with the trouble that was ordered."""

import asyncio
import math
from collections.abc import Callable, Mapping

from ..pace import paced, silence
from .quirks import quirky_delta, quirky_event
from .turn import Dropped, Parts, Turn
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


STREAMS: Mapping[str, Callable[[Turn], Parts]] = {
    "": _as_usual,
    "hang": _hanging,
    "break": _broken,
    "nodone": _beginning,
    "error-inside": _error_inside,
    "empty": _empty,
    "comments": _comments,
}
"""By the name of the trouble."""
