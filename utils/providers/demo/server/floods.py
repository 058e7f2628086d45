"""More than anybody can want, as fast as it goes. Little of it is ever made: the same bytes are sent over and over."""

import asyncio
import zlib
from collections.abc import Iterable
from itertools import repeat

from .turn import Parts, Turn

_PART = b"x" * 65_536
_COMMENT = b": keep-alive\n\n"
_MEBIBYTE = 1024 * 1024


async def endless_line(_: Turn) -> Parts:
    """A piece of the answer that never closes."""
    async for part in _at_once(b'data: {"choices": [{"delta": {"content": "', repeat(_PART)):
        yield part


async def comments(_: Turn) -> Parts:
    """Signs of life without a pause."""
    many = _COMMENT * (len(_PART) // len(_COMMENT))
    async for part in _at_once(b"", repeat(many)):
        yield part


async def error(_: Turn) -> Parts:
    """The beginning of an error that goes on and on."""
    async for part in _at_once(b'{"error": {"message": "', repeat(_PART)):
        yield part


async def bomb(turn: Turn) -> Parts:
    """Comments, packed so that five hundred bytes of them are one on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    many = _COMMENT * (_MEBIBYTE // len(_COMMENT))
    # What is packed up to a full flush stands for itself, so it can be sent any number of times.
    packed = packer.compress(many) + packer.flush(zlib.Z_FULL_FLUSH)
    async for part in _at_once(_GZIP_HEAD, repeat(packed, turn.script.trouble.mebibytes)):
        yield part


async def _at_once(first: bytes, rest: Iterable[bytes]) -> Parts:
    yield first
    for part in rest:
        yield part
        # Where the other side has hung up, uvicorn's `send` does not wait any more, and nobody else would get a turn.
        await asyncio.sleep(0)


_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
