"""An answer that stops after so many bytes, wherever that is: in a line, in a number, in a character."""

import math
from collections.abc import Callable, Mapping
from contextlib import aclosing

from ..pace import silence
from .turn import Parts, Reset, Turn

Whole = Callable[[Turn], Parts]


def cuts_of(whole: Whole) -> Mapping[str, Whole]:
    """The answer cut in each way, by the name of the trouble."""
    return {
        "reset-after": lambda turn: _then_reset(_cut(whole(turn), turn.script.trouble.after_bytes)),
        "end-after": lambda turn: _cut(whole(turn), turn.script.trouble.after_bytes),
        "stall-after": lambda turn: _then_silence(_cut(whole(turn), turn.script.trouble.after_bytes)),
    }


async def _cut(parts: Parts, count: int) -> Parts:
    async with aclosing(parts):
        async for part in parts:
            yield part[:count]
            count -= len(part)
            if count <= 0:
                return


async def _then_reset(parts: Parts) -> Parts:
    async with aclosing(parts):
        async for part in parts:
            yield part
    raise Reset


async def _then_silence(parts: Parts) -> Parts:
    async with aclosing(parts):
        async for part in parts:
            yield part
    await silence(math.inf)
