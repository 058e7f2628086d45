"""The body of a streamed chat completion becomes deltas, up to its proper end or to the failure that ended it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from time import monotonic

import msgspec

from utils.chat import Delta
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    NotAStream,
    Overloaded,
    ProviderFailure,
    TimedOut,
)
from utils.keys import Key

from .broken_connections import FOREIGN, broken_off
from .chunks import REASONING_FIELDS, chunk_of
from .connections import Response
from .deltas import DeltaReader, InStreamError
from .event_stream import DONE, EventStream
from .failures import from_stream, without_secrets
from .usage import dollars

_DRAIN_SECONDS = 0.2
_DRAIN_BYTES = 65_536
_MOST_BYTES = 256 * 1024 * 1024
"""No answer has more, its pictures included."""
_BREATH_BYTES = 1024 * 1024
"""After so much the others get a turn: what is packed can become much in one read, and to unpack it never waits."""
_BAD_ENDS: Mapping[str, tuple[type[ProviderFailure], str]] = {
    "error": (BrokenStream, "the provider ended the answer with an error"),
    "abort": (BrokenStream, "the provider gave the answer up"),
    "user_cancel": (BrokenStream, "the provider gave the answer up"),
    "timeout": (TimedOut, "the provider ran out of time in the middle of the answer"),
    "error_limit": (ContextTooLong, "the conversation is longer than the model can read"),
    "network_error": (BrokenStream, "the provider lost its connection to the model"),
    "insufficient_system_resource": (Overloaded, "the provider ran out of resources in the middle of the answer"),
}
"""Reasons to finish that are failures, however much was said."""
_ENDS_WITHOUT_A_WORD: Mapping[str, tuple[type[ProviderFailure], str]] = {
    "content_filter": (ContentRefused, "the provider's content filter withheld the answer"),
    "model_context_window_exceeded": (ContextTooLong, "the conversation left no room for an answer"),
}
_STOP = b'{"choices": [{"finish_reason": "stop"}]}'
_COST_HEADER = "x-litellm-response-cost"


Asked = tuple[Response, Key]
"""A response whose body was not read yet, and the key with which it was asked for."""


async def deltas_of(
    ask: Callable[[], Awaitable[Asked]],
    provider: str,
    silence: float,
    reasoning_fields: Sequence[str] = REASONING_FIELDS,
    in_our_words: Callable[[Delta], Delta] = lambda delta: delta,
) -> AsyncGenerator[Delta, None]:
    """The deltas, one for each read. Returns only when the answer is whole; else raises why it is not.

    What names a model or has counted tokens goes through `in_our_words`.
    """
    response, key = await ask()
    cost = dollars(response.headers.get(_COST_HEADER)) or None
    answer = _Answer(reasoning_fields, lambda delta: in_our_words(_with_cost(delta, cost)))
    with closing(response), _failures_of(answer, provider, key.secret):
        last = monotonic()
        while not answer.is_over:
            delta = answer.read(await response.read())
            if answer.is_tiring:
                await asyncio.sleep(0)
            if delta is not None:
                yield delta
                last = monotonic()
            elif monotonic() - last > silence:
                # Comments are a sign of life, so the connection does not see that nothing comes.
                raise TimedOut(f"no content for {silence:g} seconds")
        await _drain(response)
    if reason := answer.why_not_whole(provider, key.secret):
        raise reason


@contextmanager
def _failures_of(answer: "_Answer", provider: str, key: str) -> Iterator[None]:
    """What goes wrong while the answer is read is a `ProviderFailure`."""
    try:
        yield
    except InStreamError as exc:
        raise from_stream(exc.body, provider, key) from exc
    except FOREIGN as exc:
        # Some servers send no end mark and leave the connection open, or drop it, when all has been said.
        if not answer.is_whole:
            raise broken_off(exc, provider, key) from exc
    except ProviderFailure as failure:
        failure.provider = provider
        raise


class _Answer:
    """What has come of one answer."""

    def __init__(self, reasoning_fields: Sequence[str], in_our_words: Callable[[Delta], Delta]) -> None:
        self._lines = EventStream()
        self._reader = DeltaReader(reasoning_fields)
        self._in_our_words = in_our_words
        self._size = 0
        self._breath = _BREATH_BYTES
        self.is_over = False
        """Whether no more of it is to be read."""
        self.is_tiring = False
        """Whether so much of it was read that the others should get a turn."""

    @property
    def is_whole(self) -> bool:
        """Whether it has said that it is."""
        return self._reader.is_whole

    def read(self, chunk: bytes) -> Delta | None:
        """What the chunk brings; an empty one is the end of the body. Raises `BrokenStream` where it is no answer."""
        self._size += len(chunk)
        self.is_tiring = self._size > self._breath
        if self.is_tiring:
            self._rest()
        if chunk:
            delta = self._reader.read(self._lines.feed(chunk))
        else:
            delta = self._reader.read(self._lines.end()) or self._in_one_piece()
        self.is_over = self._reader.is_done or not chunk
        return self._in_our_words(delta) if delta and (delta.model or delta.usage) else delta

    def why_not_whole(self, provider: str, key: str) -> ProviderFailure | None:
        """The failure that it has ended with, though nothing went wrong on the way."""
        lines, reader = self._lines, self._reader
        if not (lines.is_one or reader.finish_reason):
            return _not_a_stream(lines.beginning, provider, key)
        reason = reader.finish_reason or ""
        ends = _BAD_ENDS if reader.has_content else {**_BAD_ENDS, **_ENDS_WITHOUT_A_WORD}
        if reason in ends:
            failure, why = ends[reason]
            return failure(why, provider=provider)
        if not reader.has_content:
            return EmptyAnswer("the answer ended without any content", provider=provider)
        if not reader.is_whole:
            return BrokenStream("the answer ended without a finish reason", provider=provider)
        return None

    def _rest(self) -> None:
        self._breath = self._size + _BREATH_BYTES
        if self._size > _MOST_BYTES:
            raise BrokenStream(f"the answer is longer than {_MOST_BYTES} bytes")

    def _in_one_piece(self) -> Delta | None:
        """The answer of a provider that streams nothing, though it was asked to; None where it is none."""
        document = self._lines.document
        try:
            choices = chunk_of(document).choices if document else None
        except BrokenStream:
            return None
        if not choices:
            return None
        ending = DONE if choices[0].finish_reason else _STOP
        return self._reader.read([document, ending])


def _with_cost(delta: Delta, cost: Decimal | None) -> Delta:
    """The delta whose usage has the cost that a header told, where the stream itself tells none."""
    usage = delta.usage
    if cost is None or usage is None or usage.cost is not None:
        return delta
    return msgspec.structs.replace(delta, usage=msgspec.structs.replace(usage, cost=cost))


def _not_a_stream(beginning: bytes, provider: str, key: str) -> ProviderFailure:
    text = " ".join(beginning.decode("utf-8", "replace").split())
    if not text:
        return EmptyAnswer("the answer had an empty body", provider=provider)
    if text.startswith(("{", "[", '"')) and (error := _error_in(text)) is not None:
        return from_stream(error, provider, key)
    return NotAStream(f"instead of an event stream came: {without_secrets(text, key)[:200]}", provider=provider)


def _error_in(text: str) -> object:
    """The error that stands where a stream should be, or None; the text itself where one is cut off."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text if '"error"' in text else None
    if isinstance(body, list):
        body = body[0] if body and isinstance(body[0], dict) else None
    if not isinstance(body, dict):
        return body if isinstance(body, str) else None
    error = body.get("error")
    return error if isinstance(error, dict) else body if error or body.keys() & {"message", "detail"} else None


async def _drain(response: Response) -> None:
    """Read the end of the body, so that the connection can serve the next question; it is there or will be at once."""
    size = 0
    with suppress(*FOREIGN):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while not response.is_complete and size <= _DRAIN_BYTES:
                size += len(await response.read())
