"""One chunk of a streamed chat completion, as far as it matters to us.

A well-formed chunk is decoded straight into the few fields that matter (under a microsecond); whatever is not
well-formed goes through `_leniently`, which takes what it can use and overlooks the rest.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import msgspec

from utils.errors import BrokenStream


class Function(msgspec.Struct):
    """A function that is called, or a piece of that."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(msgspec.Struct):
    """A piece of a tool call."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    extra_content: Any = None


class Message(msgspec.Struct):
    """What the model says, or a piece of it."""

    content: str | list[Any] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    images: list[Any] | None = None
    tool_calls: list[ToolCall] | None = None


class Details(msgspec.Struct):
    """Tokens that are part of others."""

    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_creation_tokens: int | None = None


class TokenCounts(msgspec.Struct):
    """The tokens, as the vendor counts them, and what they cost."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None
    prompt_cache_hit_tokens: int | None = None
    cached_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cost_in_usd_ticks: int | None = None
    cost: Any = None


class Choice(msgspec.Struct):
    """A piece of one of the answers."""

    delta: Message | None = None
    message: Message | None = None
    finish_reason: str | None = None
    usage: TokenCounts | None = None
    error: Any = None
    index: Any = None


class GroqSays(msgspec.Struct):
    """What Groq puts beside the answer."""

    usage: TokenCounts | None = None
    error: Any = None


class Chunk(msgspec.Struct):
    """One event of the stream."""

    choices: list[Choice] | None = None
    usage: TokenCounts | None = None
    error: Any = None
    object: str | None = None
    message: Any = None
    detail: Any = None
    model: str | None = None
    x_groq: GroqSays | None = None

    @property
    def is_error(self) -> bool:
        """Whether it reports an error; not every vendor puts one under `error`."""
        if self.choices:
            return bool(self.error or self.choices[0].error)
        says_why = self.choices is None and self.usage is None and bool(self.message or self.detail)
        stopped = self.x_groq is not None and bool(self.x_groq.error)
        return bool(self.error) or self.object == "error" or says_why or stopped


_decode = msgspec.json.Decoder(Chunk).decode


REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where nearly every vendor puts the model's thoughts."""


def chunk_of(event: bytes) -> Chunk:
    """What the JSON holds. Raises `BrokenStream` when it is none."""
    try:
        return _decode(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return leniently(event, REASONING_FIELDS)


def leniently(event: bytes, reasoning_fields: Sequence[str]) -> Chunk:
    """What can be used of the JSON, with the thoughts from the first of these fields that holds some."""
    try:
        # The standard library also takes half of a surrogate pair, which some vendors send as a token of its own.
        tree = json.loads(event)
    except (ValueError, RecursionError) as exc:
        raise BrokenStream("a chunk of the stream is no JSON") from exc
    if isinstance(tree, list) and tree:
        tree = tree[0]  # Google wraps its errors in a list
    if not isinstance(tree, dict):
        return Chunk()
    choices = [
        _choice(choice, reasoning_fields) for choice in _list(tree.get("choices")) if isinstance(choice, dict)
    ] or None
    return Chunk(
        choices,
        _lenient_usage(tree.get("usage")),
        tree.get("error"),
        _text(tree.get("object")),
        tree.get("message"),
        tree.get("detail"),
        _text(tree.get("model")),
        _groq_says(tree.get("x_groq")),
    )


def _choice(choice: dict[str, Any], reasoning_fields: Sequence[str]) -> Choice:
    delta, message = choice.get("delta"), choice.get("message")
    return Choice(
        _message(delta, reasoning_fields) if isinstance(delta, dict) else None,
        _message(message, reasoning_fields) if isinstance(message, dict) else None,
        _text(choice.get("finish_reason")),
        _lenient_usage(choice.get("usage")),
        choice.get("error"),
        choice.get("index"),
    )


def _message(delta: dict[str, Any], reasoning_fields: Sequence[str]) -> Message:
    content = delta.get("content")
    return Message(
        content if isinstance(content, str | list) else None,
        next((thought for name in reasoning_fields if (thought := _text(delta.get(name)))), None),
        None,
        _text(delta.get("refusal")),
        _list(delta.get("images")),
        [_tool_call(call) for call in _list(delta.get("tool_calls")) if isinstance(call, dict)],
    )


def _tool_call(call: dict[str, Any]) -> ToolCall:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    arguments = function.get("arguments")
    if isinstance(arguments, dict | list):
        arguments = json.dumps(arguments)
    return ToolCall(
        _number(call.get("index")),
        _text(call.get("id")),
        Function(_text(function.get("name")), _text(arguments)),
        call.get("extra_content"),
    )


def _groq_says(said: Any) -> GroqSays | None:
    return GroqSays(_lenient_usage(said.get("usage")), said.get("error")) if isinstance(said, dict) else None


def _lenient_usage(usage: Any) -> TokenCounts | None:
    if not isinstance(usage, dict):
        return None
    return TokenCounts(
        _number(usage.get("prompt_tokens")),
        _number(usage.get("completion_tokens")),
        _details(usage.get("prompt_tokens_details")),
        _details(usage.get("completion_tokens_details")),
        _number(usage.get("prompt_cache_hit_tokens")),
        _number(usage.get("cached_tokens")),
        _number(usage.get("cache_creation_input_tokens")),
        _number(usage.get("cost_in_usd_ticks")),
        usage.get("cost"),
    )


def _details(details: Any) -> Details | None:
    if not isinstance(details, dict):
        return None
    return Details(*(_number(details.get(name)) for name in Details.__struct_fields__))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
