"""The OpenAI format on its way out: JSON and server-sent events. Decides nothing, sends nothing."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from utils.chat import Delta, ToolCallDelta, Usage

Json = dict[str, Any]

DONE = b"data: [DONE]\n\n"


class Completion:
    """One answer: the chunks of its stream, and its whole. All bear the same id."""

    def __init__(self, model: str) -> None:
        self._head: Json = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": model}

    def chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        """One chunk of the stream."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice]}

    def usage_chunk(self, usage: Usage) -> Json:
        """The chunk behind the last one."""
        return {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(usage)}

    def whole(self, pieces: Sequence[Delta], finish_reason: str | None, usage: Usage) -> Json:
        """The answer in one piece."""
        choice = {"index": 0, "message": _message(pieces), "logprobs": None, "finish_reason": finish_reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": _usage(usage)}


def event(chunk: Json) -> bytes:
    """The chunk as one server-sent event."""
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def delta_json(piece: Delta) -> Json:
    """A piece of the answer as the `delta` of a chunk."""
    if piece.tool_calls:
        return {"tool_calls": [_call_delta(call) for call in piece.tool_calls]}
    return {"reasoning_content": piece.reasoning} if piece.reasoning else {"content": piece.text}


def error_json(status: int, message: str, param: str | None = None) -> Json:
    """An error as OpenAI writes it."""
    kind, code = _ERRORS.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def models_json(names: Sequence[str]) -> Json:
    """The list of models."""
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "demo"} for name in names],
    }


def _usage(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _message(pieces: Sequence[Delta]) -> Json:
    message: Json = {"role": "assistant", "content": "".join(piece.text for piece in pieces)}
    if reasoning := "".join(piece.reasoning for piece in pieces):
        message["reasoning_content"] = reasoning
    if calls := _joined_calls(pieces):
        message |= {"content": message["content"] or None, "tool_calls": calls}
    return message


def _joined_calls(pieces: Sequence[Delta]) -> list[Json]:
    calls: dict[int, Json] = {}
    for part in (call for piece in pieces for call in piece.tool_calls):
        if part.index in calls:
            calls[part.index]["function"]["arguments"] += part.arguments
        else:
            calls[part.index] = _new_call(part)
    return list(calls.values())


def _call_delta(part: ToolCallDelta) -> Json:
    if part.id is None:
        return {"index": part.index, "function": {"arguments": part.arguments}}
    return {"index": part.index, **_new_call(part)}


def _new_call(part: ToolCallDelta) -> Json:
    return {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": part.arguments}}


_ERRORS: Mapping[int, tuple[str, str | None]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
