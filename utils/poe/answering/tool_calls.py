"""A model's tool calls, as fastapi_poe's client reads them: `json` events in the shape of OpenAI's chunks."""

import json
from collections.abc import Iterable
from secrets import token_hex
from typing import Any

import fastapi_poe as fp
import structlog

from utils.chat import ToolCallDelta

_log = structlog.get_logger(__name__)


class ToolCalls:
    """Gathers the pieces of tool calls until all are there.

    They are sent whole, at the end: the caller runs them only then anyway, and so no caller ever meets arguments that
    are cut off, or that cannot be read.
    """

    def __init__(self) -> None:
        self._calls: dict[int, list[_Call]] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, pieces: Iterable[ToolCallDelta]) -> None:
        """Put the pieces to the calls that they belong to."""
        for piece in pieces:
            calls = self._calls.setdefault(piece.index, [_Call()])
            if calls[-1].ends_before(piece):
                calls.append(_Call())
            calls[-1].add(piece)

    def events(self) -> list[fp.PartialResponse]:
        """One event for each call that can be carried out and one that closes them; none when there are no calls."""
        calls = [call for index in sorted(self._calls) for call in self._calls[index]]
        whole = [function for call in calls if (function := call.function())]
        chunks = [
            _chunk({"tool_calls": [{"index": number, "id": id, "type": "function", "function": function}]})
            for number, (id, function) in enumerate(whole)
        ]
        return [*chunks, _chunk({}, "tool_calls")] if chunks else []


class _Call:
    """One call, piece by piece."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.arguments = ""

    def ends_before(self, piece: ToolCallDelta) -> bool:
        """Whether the piece begins another call. Some servers give all parallel calls the same index."""
        if not (piece.name and self.name):
            return False
        if piece.id and self.id:
            return piece.id != self.id
        return _object_in(self.arguments) is not None

    def add(self, piece: ToolCallDelta) -> None:
        self.id = self.id or piece.id
        self.name = self.name or piece.name
        self.arguments += piece.arguments

    def function(self) -> tuple[str, dict[str, str]] | None:
        """The id, and the name with its arguments as JSON; None, and a line in the log, when it cannot be called."""
        arguments = _object_in(self.arguments.strip() or "{}")
        if not self.name or arguments is None:
            _log.warning("tool_call.unreadable", tool=self.name, characters=len(self.arguments))
            return None
        return self.id or f"call_{token_hex(12)}", {"name": self.name, "arguments": json.dumps(arguments)}


def _object_in(text: str) -> dict[str, Any] | None:
    """The JSON object. Forgives line breaks inside strings, `null` for no arguments, and JSON inside a JSON string."""
    try:
        value = json.loads(text, strict=False)
        if isinstance(value, str):
            value = json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return None
    if value is None:
        return {}
    return value if isinstance(value, dict) else None


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> fp.PartialResponse:
    """The client wants `finish_reason` in every chunk, and neither `content` nor `tool_calls` where they are null."""
    data = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    return fp.PartialResponse(text="", data=data)
