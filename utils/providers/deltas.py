"""The chunks of a streamed chat completion become deltas, one for each read from the network."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeGuard

from utils.chat import Delta, Image, ToolCallDelta, Usage

from .chunks import REASONING_FIELDS, Choice, Chunk, Function, Message, ToolCall, chunk_of, leniently
from .event_stream import DONE
from .usage import usage_of

_FINISH_REASONS: Mapping[str, str] = {
    **dict.fromkeys(("eos", "eos_token", "end_turn", "stop_sequence", "stop_token", "complete", "completed"), "stop"),
    **dict.fromkeys(("max_tokens", "model_length", "max_output_tokens"), "length"),
    **dict.fromkeys(("tool_use", "tool_call", "tool-calls", "function_call"), "tool_calls"),
    **dict.fromkeys(
        ("safety", "error_toxic", "recitation", "blocklist", "prohibited_content", "spii"), "content_filter"
    ),
    **dict.fromkeys(("image_safety", "image_prohibited_content", "sensitive", "refusal"), "content_filter"),
}
"""What vendors say instead of OpenAI's words. What is in no row stays as it is."""


class InStreamError(Exception):
    """The provider reported an error inside an answer that had begun with success. `body` is what it said."""

    def __init__(self, body: object) -> None:
        super().__init__("the provider reported an error inside the stream")
        self.body = body


class DeltaReader:
    """Joins the chunks of one network read to one delta, and remembers whether the answer came to its end."""

    def __init__(self, reasoning_fields: Sequence[str] = REASONING_FIELDS) -> None:
        self._chunk_of = _reader_of(reasoning_fields)
        self._model: str | None = None
        self.finish_reason: str | None = None
        self.has_content = False
        self.is_done = False
        """Whether the mark that ends a stream was there."""
        self._calls = _Calls()
        self._answer: Any = None
        """The index of the answer that is read, once one has said a word."""
        self._speaks = False
        """Whether the last read brought words: most likely the next one brings nothing else."""

    @property
    def is_whole(self) -> bool:
        """Whether the answer said that it is finished; an empty reason says so only with the mark behind it."""
        return bool(self.finish_reason) or (self.is_done and self.finish_reason == "")

    def read(self, events: Sequence[bytes]) -> Delta | None:
        """What these chunks bring together, or None when it is nothing.

        Raises `InStreamError`, and then nothing of this read was said: so another provider can still answer.
        """
        if self._speaks and len(events) == 1 and (words := self._words_alone(events[0])):
            return Delta(words)
        gathered = self._gathered(events)
        if gathered.finish_reason is not None or self.is_done:
            self._end(gathered)
        model = gathered.model if self._model is None else None
        delta = gathered.delta(model)
        self._speaks = bool(delta.text)
        if delta.has_content:
            self.has_content = True
        elif not (delta.finish_reason or delta.usage):
            return None
        self._model = self._model or model
        return delta

    def _words_alone(self, event: bytes) -> str:
        """The words of a chunk that brings nothing else, as most do; none where it brings more."""
        chunk = None if event == DONE else self._chunk_of(event)
        if chunk is None or not chunk.choices or chunk.error or chunk.usage is not None or chunk.x_groq is not None:
            return ""
        if self._model is None and chunk.model:
            return ""
        choice = chunk.choices[0]
        if choice.index != self._answer or choice.finish_reason is not None or choice.usage is not None:
            return ""
        said = choice.delta
        if choice.error or said is None or said.reasoning_content or said.reasoning or type(said.content) is not str:
            return ""
        return "" if said.refusal or said.images or said.tool_calls else said.content

    def _gathered(self, events: Iterable[bytes]) -> "_Gathered":
        gathered = _Gathered(self._calls)
        for event in events:
            if event == DONE:
                self.is_done = True
                break
            chunk = self._chunk_of(event)
            choices = chunk.choices
            if (chunk.error or not choices or choices[0].error) and chunk.is_error:
                raise InStreamError(_error_of(chunk, event))
            if choices and choices[0].index != self._answer:
                chunk.choices = self._of_one_answer(choices)
            gathered.take(chunk)
        return gathered

    def _end(self, gathered: "_Gathered") -> None:
        if gathered.finish_reason is not None:
            self.finish_reason = gathered.finish_reason or self.finish_reason or ""
        if self.is_done and self.finish_reason == "":
            self.finish_reason = gathered.finish_reason = "stop"  # xAI gives an empty reason to answers that are whole

    def _of_one_answer(self, choices: list[Choice]) -> list[Choice]:
        """What belongs to the answer that was first to come: `n` may have asked for several."""
        if self._answer is None:
            self._answer = choices[0].index
        return [choice for choice in choices if choice.index in (self._answer, None)]


def _reader_of(reasoning_fields: Sequence[str]) -> Callable[[bytes], Chunk]:
    """The fast one where thoughts stand in the usual places, else one that takes any names."""
    fields = tuple(reasoning_fields)
    return chunk_of if fields == REASONING_FIELDS else partial(leniently, reasoning_fields=fields)


def _error_of(chunk: Chunk, event: bytes) -> object:
    """What the vendor says of the error: the object under `error`, or all, where codes stand beside a mere text."""
    of_choice = chunk.choices[0].error if chunk.choices else None
    error = chunk.error or of_choice
    return error if isinstance(error, dict) else json.loads(event)


class _Gathered:
    """What the chunks of one read bring, until they are one delta."""

    text = ""
    reasoning = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    images: tuple[Image, ...] = ()
    usage: Usage | None = None
    finish_reason: str | None = None
    model: str | None = None

    def __init__(self, calls: "_Calls") -> None:
        self._calls = calls

    def take(self, chunk: Chunk) -> None:
        if chunk.usage is not None or chunk.x_groq is not None:
            self._count(chunk)
        self.model = chunk.model or self.model
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        if choice.finish_reason is not None or choice.usage is not None:
            self._end(choice)
        said = choice.delta or choice.message
        if said is None:
            return
        if type(said.content) is str:
            self.text += said.content
        if thought := said.reasoning_content or said.reasoning:
            self.reasoning += thought
        if said.refusal or said.images or said.tool_calls or type(said.content) is list:
            self._take_what_is_rare(said)

    def _take_what_is_rare(self, said: Message) -> None:
        for is_thought, part in _parts(said.content):
            if is_thought:
                self.reasoning += part
            else:
                self.text += part
        self.text += said.refusal or ""
        self.images += tuple(_images(said))
        self.tool_calls += tuple(self._calls.piece(call) for call in said.tool_calls or ())

    def _count(self, chunk: Chunk) -> None:
        groqs = chunk.x_groq.usage if chunk.x_groq is not None else None
        if (counts := chunk.usage or groqs) is not None:
            self.usage = usage_of(counts)

    def _end(self, choice: Choice) -> None:
        if choice.finish_reason is not None:
            self.finish_reason = _in_known_words(choice.finish_reason) or self.finish_reason or ""
        if choice.usage is not None:  # Moonshot's place for it
            self.usage = usage_of(choice.usage)

    def delta(self, model: str | None) -> Delta:
        reason = "tool_calls" if self.finish_reason == "stop" and self._calls else self.finish_reason or None
        return Delta(self.text, self.reasoning, self.tool_calls, reason, self.usage, self.images, model=model)


def _in_known_words(reason: str) -> str:
    """The reason as OpenAI would say it. Google's has a cause behind it, such as `content_filter: RECITATION`."""
    plain = reason.lower()
    return "content_filter" if plain.startswith("content_filter") else _FINISH_REASONS.get(plain, plain)


class _Calls:
    """Tells to which tool call a piece belongs, for not every vendor says it by an `index` of its own for each."""

    def __init__(self) -> None:
        self._last = -1
        self._ids: dict[int, str] = {}
        self._moved: dict[int, int] = {}
        """The numbers of calls that came under the index of another one."""

    def __bool__(self) -> bool:
        """Whether anything was called."""
        return self._last >= 0

    def piece(self, call: ToolCall) -> ToolCallDelta:
        function = call.function or Function()
        self._last = (
            self._after_the_last(call, function) if call.index is None else self._at(call.index, call, function)
        )
        if call.id:
            self._ids[self._last] = call.id
        signature = _signature(call.extra_content) if call.extra_content else None
        return ToolCallDelta(self._last, call.id or None, function.name or None, function.arguments or "", signature)

    def _after_the_last(self, call: ToolCall, function: Function) -> int:
        """Without an index a new id begins a new call, and so does a name where there is no id."""
        is_new = call.id != self._ids.get(self._last) if call.id else bool(function.name)
        return self._last + 1 if self._last < 0 or is_new else self._last

    def _at(self, index: int, call: ToolCall, function: Function) -> int:
        """Gemini has sent calls that run side by side all at index 0; each has a name and an id of its own."""
        number = self._moved.get(index, index)
        if call.id and function.name and self._ids.get(number, call.id) != call.id:
            number = self._moved[index] = max(self._last, *self._ids) + 1
        return number


def _signature(extra: Any) -> str | None:
    """Google's thought signature: its models refuse a history where one is missing."""
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if _is_text(signature) else None


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


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)
