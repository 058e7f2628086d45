"""The chunks of a streamed chat completion become deltas, one for each read from the network."""

import json
from collections.abc import Iterable
from typing import Any, TypeGuard

from utils.chat import Delta, Image, ToolCallDelta, Usage

from .chunks import Chunk, Function, Message, TokenCounts, ToolCall, chunk_of
from .event_stream import DONE


class InStreamError(Exception):
    """The provider reported an error inside an answer that had begun with success. `body` is what it said."""

    def __init__(self, body: object) -> None:
        super().__init__("the provider reported an error inside the stream")
        self.body = body


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
            chunk = chunk_of(event)
            if chunk.is_error:
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
        self.images: list[Image] = []
        self.usage: Usage | None = None
        self.finish_reason: str | None = None

    def take(self, chunk: Chunk) -> None:
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        if choice.finish_reason is not None:
            self.finish_reason = choice.finish_reason or self.finish_reason or ""
        if (said := choice.delta or choice.message) is not None:
            _collect(said, self.text, self.reasoning)
            self.images += _images(said)
            self.tool_calls += [self._calls.piece(call) for call in said.tool_calls or ()]

    def delta(self) -> Delta:
        text, reasoning = "".join(self.text), "".join(self.reasoning)
        calls, images = tuple(self.tool_calls), tuple(self.images)
        return Delta(text, reasoning, calls, self.finish_reason or None, self.usage, images)


class _Calls:
    """Tells to which tool call a piece belongs where its `index` is missing: a new id, or a name, begins a new call."""

    def __init__(self) -> None:
        self._last = -1
        self._id: str | None = None

    def piece(self, call: ToolCall) -> ToolCallDelta:
        function = call.function or Function()
        if call.index is not None:
            self._last = call.index
        elif self._last < 0 or (call.id != self._id if call.id else function.name):
            self._last += 1
        self._id = call.id or self._id
        return ToolCallDelta(self._last, call.id or None, function.name or None, function.arguments or "")


def _collect(message: Message, text: list[str], reasoning: list[str]) -> None:
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
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            yield False, part
        elif isinstance(part, dict):
            if _is_text(said := part.get("text")):
                yield part.get("type") in ("thinking", "reasoning"), said
            thinking = part.get("thinking")
            for thought in thinking if isinstance(thinking, list) else (thinking,):
                text = thought.get("text") if isinstance(thought, dict) else thought
                if _is_text(text):
                    yield True, text


def _images(message: Message) -> Iterable[Image]:
    """Pictures that the model has made: beside the content, or among its parts."""
    parts = message.content if isinstance(message.content, list) else []
    if not (message.images or parts):
        return
    for part in (*(message.images or ()), *parts):
        picture = part.get("image_url") if isinstance(part, dict) else None
        url = picture.get("url") if isinstance(picture, dict) else picture
        if isinstance(url, str) and url.startswith(("data:image/", "https://")):
            yield Image(url)


def _usage(usage: TokenCounts) -> Usage:
    sent, answered = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        usage.prompt_tokens or 0,
        usage.completion_tokens or 0,
        (sent.cached_tokens or 0) if sent else 0,
        (answered.reasoning_tokens or 0) if answered else 0,
    )


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)
