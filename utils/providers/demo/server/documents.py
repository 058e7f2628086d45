"""An answer in one piece of JSON, as usual or with the trouble that was ordered."""

from collections.abc import Callable, Mapping

import msgspec

from ..pace import paced
from . import floods
from .cuts import cuts_of
from .quirks import quirky_delta
from .streams import empty_body, no_body, nothing, slammed
from .turn import Dropped, Parts, Turn
from .wire import error_json


async def _as_usual(turn: Turn) -> Parts:
    yield await _document(turn, turn.script.finish_reason)


async def _unfinished(turn: Turn) -> Parts:
    yield await _document(turn, None)


async def _broken(turn: Turn) -> Parts:
    document = await _document(turn, None)
    yield document[: len(document) // 2]
    raise Dropped


async def _document(turn: Turn, finish_reason: str | None) -> bytes:
    pieces = [piece async for piece in paced(turn.script.begun, turn.script.pace)]
    whole = turn.completion.whole(pieces, finish_reason, turn.script.usage)
    for choice in whole["choices"]:
        choice["message"] = quirky_delta(choice["message"], turn.script.quirks)
    return msgspec.json.encode(whole)


async def _error_inside(_: Turn) -> Parts:
    yield msgspec.json.encode(error_json(500, "The demo was ordered to fail with status 200."))


DOCUMENTS: Mapping[str, Callable[[Turn], Parts]] = {
    "": _as_usual,
    "nodone": _unfinished,
    "error-inside": _error_inside,
    **dict.fromkeys(("hang", "comments", "roles", "no-headers"), nothing),
    **dict.fromkeys(("break", "half-line", "half-character"), _broken),
    **dict.fromkeys(("empty", "empty-body"), empty_body),
    "no-body": no_body,
    "slam": slammed,
    "comment-flood": floods.comments,
    "endless-line": floods.endless_line,
    "bomb": floods.bomb,
    **cuts_of(_as_usual),
}
"""By the name of the trouble."""
