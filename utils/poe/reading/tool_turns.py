"""Calls of tools and their results. In a conversation of Poe's they are JSON inside the text of a message."""

import json
from collections.abc import Callable, Iterable

from utils.chat import ChatMessage, ToolCall

Turns = tuple[ChatMessage, ...]


def calls_in(content: str) -> Turns | None:
    """The turn in which the model called these tools; None when the text is nothing of the kind."""
    return _expanded(content, as_calls)


def results_in(content: str) -> Turns | None:
    """A turn for each result in the text; None when the text is nothing of the kind."""
    return _expanded(content, as_results)


def as_calls(entries: Iterable[object]) -> Turns:
    """One turn of the model with all calls that can be read; none when there are none."""
    calls = tuple(call for entry in entries if (call := _call(entry)))
    return (ChatMessage("assistant", tool_calls=calls),) if calls else ()


def as_results(entries: Iterable[object]) -> Turns:
    """A tool's turn for each result that says which call it belongs to."""
    return tuple(
        ChatMessage("tool", _text(entry.get("content")), tool_call_id=entry["tool_call_id"])
        for entry in entries
        if isinstance(entry, dict) and _is_name(entry.get("tool_call_id"))
    )


def _expanded(content: str, read: Callable[[list[object]], Turns]) -> Turns | None:
    try:
        entries = json.loads(content)
        turns = read(entries) if isinstance(entries, list) else ()
    except (ValueError, RecursionError):
        return None
    return turns if turns or entries == [] else None


def _call(entry: object) -> ToolCall | None:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not (isinstance(entry, dict) and isinstance(function, dict)):
        return None
    if not (_is_name(entry.get("id")) and _is_name(function.get("name"))):
        return None
    return ToolCall(entry["id"], function["name"], _text(function.get("arguments")) or "{}")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
