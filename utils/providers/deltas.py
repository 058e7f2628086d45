"""The JSON of one chunk of a chat completion becomes what is in it for us.

A well-formed chunk is decoded straight into the few fields that matter (under a microsecond); whatever is not
well-formed goes through `_leniently`, which takes what it can use and overlooks the rest.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

import msgspec

from utils.chat import Delta, ToolCallDelta, Usage
from utils.errors import BrokenStream

from .event_stream import DONE


class InStreamError(Exception):
    """The provider reported an error inside an answer that had begun with success. `body` is what it said."""

    def __init__(self, body: object) -> None:
        super().__init__("the provider reported an error inside the stream")
        self.body = body


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | list[Any] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    delta: _Message | None = None
    finish_reason: str | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    object: str | None = None


_decode = msgspec.json.Decoder(_Chunk).decode


class DeltaReader:
    """Joins the chunks of one network read to one delta, and remembers whether the answer came to its end."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.has_content = False
        self.is_done = False
        """Whether the mark that ends a stream was there."""
        self._calls = _Calls()

    @property
    def is_whole(self) -> bool:
        """Whether the answer said that it is finished; an empty reason says so only with the mark behind it."""
        return bool(self.finish_reason) or (self.is_done and self.finish_reason == "")

    def read(self, events: Iterable[bytes]) -> Delta | None:
        """What these chunks bring together, or None when it is nothing.

        Raises `InStreamError`, and then nothing of this read was said: so another provider can still answer.
        """
        gathered = _Gathered(self._calls)
        for event in events:
            if event == DONE:
                self.is_done = True
                break
            chunk = _chunk(event)
            if chunk.error or chunk.object == "error":
                raise InStreamError(chunk.error or json.loads(event))
            gathered.take(chunk)
        if gathered.finish_reason is not None:
            self.finish_reason = gathered.finish_reason or self.finish_reason or ""
        delta = gathered.delta()
        self.has_content = self.has_content or delta.has_content
        return delta if delta.has_content or delta.finish_reason or delta.usage else None


class _Gathered:
    """What the chunks of one read bring, until they are one delta."""

    def __init__(self, calls: "_Calls") -> None:
        self._calls = calls
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.tool_calls: list[ToolCallDelta] = []
        self.usage: Usage | None = None
        self.finish_reason: str | None = None

    def take(self, chunk: _Chunk) -> None:
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        if choice.finish_reason is not None:
            self.finish_reason = choice.finish_reason or self.finish_reason or ""
        if choice.delta is not None:
            _collect(choice.delta, self.text, self.reasoning)
            self.tool_calls += [self._calls.piece(call) for call in choice.delta.tool_calls or ()]

    def delta(self) -> Delta:
        text, reasoning = "".join(self.text), "".join(self.reasoning)
        return Delta(text, reasoning, tuple(self.tool_calls), self.finish_reason or None, self.usage)


class _Calls:
    """Tells to which tool call a piece belongs where its `index` is missing: a new id, or a name, begins a new call."""

    def __init__(self) -> None:
        self._last = -1
        self._id: str | None = None

    def piece(self, call: _ToolCall) -> ToolCallDelta:
        function = call.function or _Function()
        if call.index is not None:
            self._last = call.index
        elif self._last < 0 or (call.id != self._id if call.id else function.name):
            self._last += 1
        self._id = call.id or self._id
        return ToolCallDelta(self._last, call.id or None, function.name or None, function.arguments or "")


def _collect(message: _Message, text: list[str], reasoning: list[str]) -> None:
    content = message.content
    if type(content) is str:
        text.append(content)
    elif content:
        for is_thought, part in _parts(content):
            (reasoning if is_thought else text).append(part)
    if message.refusal:
        text.append(message.refusal)
    if thought := message.reasoning_content or message.reasoning:
        reasoning.append(thought)


def _parts(content: Any) -> Iterable[tuple[bool, str]]:
    """The texts in a list-valued content, each with whether it is thinking."""
    for part in _list(content):
        if isinstance(part, str):
            yield False, part
        elif isinstance(part, dict):
            if text := _text(part.get("text")):
                yield part.get("type") in ("thinking", "reasoning"), text
            thinking = part.get("thinking")
            for thought in thinking if isinstance(thinking, list) else (thinking,):
                if text := _text(thought.get("text") if isinstance(thought, dict) else thought):
                    yield True, text


def _usage(usage: _Usage) -> Usage:
    sent, answered = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        usage.prompt_tokens or 0,
        usage.completion_tokens or 0,
        (sent.cached_tokens or 0) if sent else 0,
        (answered.reasoning_tokens or 0) if answered else 0,
    )


def _chunk(event: bytes) -> _Chunk:
    try:
        return _decode(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently(event)


def _leniently(event: bytes) -> _Chunk:
    try:
        # The standard library also takes half of a surrogate pair, which some vendors send as a token of its own.
        tree = json.loads(event)
    except (ValueError, RecursionError) as exc:
        raise BrokenStream("a chunk of the stream is no JSON") from exc
    if isinstance(tree, list) and tree:
        tree = tree[0]  # Google wraps its errors in a list
    if not isinstance(tree, dict):
        return _Chunk()
    choices = [_choice(choice) for choice in _list(tree.get("choices")) if isinstance(choice, dict)]
    usage = tree.get("usage")
    usage = _lenient_usage(usage) if isinstance(usage, dict) else None
    return _Chunk(choices, usage, tree.get("error"), _text(tree.get("object")))


def _choice(choice: dict[str, Any]) -> _Choice:
    delta = choice.get("delta")
    return _Choice(_message(delta) if isinstance(delta, dict) else None, _text(choice.get("finish_reason")))


def _message(delta: dict[str, Any]) -> _Message:
    content = delta.get("content")
    return _Message(
        content if isinstance(content, str | list) else None,
        _text(delta.get("reasoning_content")),
        _text(delta.get("reasoning")),
        _text(delta.get("refusal")),
        [_tool_call(call) for call in _list(delta.get("tool_calls")) if isinstance(call, dict)],
    )


def _tool_call(call: dict[str, Any]) -> _ToolCall:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    arguments = function.get("arguments")
    if isinstance(arguments, dict | list):
        arguments = json.dumps(arguments)
    return _ToolCall(
        _number(call.get("index")), _text(call.get("id")), _Function(_text(function.get("name")), _text(arguments))
    )


def _lenient_usage(usage: dict[str, Any]) -> _Usage:
    return _Usage(
        _number(usage.get("prompt_tokens")),
        _number(usage.get("completion_tokens")),
        _details(usage.get("prompt_tokens_details")),
        _details(usage.get("completion_tokens_details")),
    )


def _details(details: Any) -> _Details | None:
    if not isinstance(details, dict):
        return None
    return _Details(_number(details.get("cached_tokens")), _number(details.get("reasoning_tokens")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
