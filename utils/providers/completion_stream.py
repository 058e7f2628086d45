"""The body of a streamed chat completion becomes deltas, up to its proper end or to the failure that ended it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal
from time import monotonic
from typing import Any

import httpx2
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

from .chunks import REASONING_FIELDS, chunk_of
from .deltas import DeltaReader, InStreamError
from .event_stream import DONE, EventStream
from .failures import FOREIGN, failure_from, from_stream, without_secrets
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


async def deltas_of(
    response: httpx2.Response,
    provider: str,
    key: str,
    silence: float,
    reasoning_fields: Sequence[str] = REASONING_FIELDS,
) -> AsyncGenerator[Delta, None]:
    """The deltas, one for each read. Returns only when the answer is whole; else raises why it is not."""
    lines, reader = EventStream(), DeltaReader(reasoning_fields)
    cost = dollars(response.headers.get(_COST_HEADER)) or None
    try:
        async with aclosing(_read(response, lines, reader, silence)) as deltas:
            async for delta in deltas:
                yield delta if cost is None else _with_cost(delta, cost)
    except InStreamError as exc:
        raise from_stream(exc.body, provider, key) from exc
    except FOREIGN as exc:
        # Some servers send no end mark and leave the connection open, or drop it, when all has been said.
        if not reader.is_whole:
            raise failure_from(exc, provider, key) from exc
    except ProviderFailure as failure:
        failure.provider = provider
        raise
    if reason := _why_not_whole(lines, reader, provider, key):
        raise reason


async def _read(
    response: httpx2.Response, lines: EventStream, reader: DeltaReader, silence: float
) -> AsyncGenerator[Delta, None]:
    chunks = response.aiter_bytes()
    last_content = monotonic()
    size, breath = 0, _BREATH_BYTES
    async for chunk in chunks:
        size += len(chunk)
        if size > breath:
            if size > _MOST_BYTES:
                raise BrokenStream(f"the answer is longer than {_MOST_BYTES} bytes")
            breath = size + _BREATH_BYTES
            await asyncio.sleep(0)
        if delta := reader.read(lines.feed(chunk)):
            yield delta
            last_content = monotonic()
        elif monotonic() - last_content > silence:
            # Comments keep the connection alive, so its own timeout does not see that nothing comes.
            raise TimedOut(f"no content for {silence:g} seconds")
        if reader.is_done:
            await _drain(chunks)
            return
    if delta := reader.read(lines.end()) or _in_one_piece(lines, reader):
        yield delta


def _in_one_piece(lines: EventStream, reader: DeltaReader) -> Delta | None:
    """The answer of a provider that streams nothing, though it was asked to; None where it is none."""
    document = lines.document
    try:
        choices = chunk_of(document).choices if document else None
    except BrokenStream:
        return None
    if not choices:
        return None
    ending = DONE if choices[0].finish_reason else _STOP
    return reader.read([document, ending])


def _why_not_whole(lines: EventStream, reader: DeltaReader, provider: str, key: str) -> ProviderFailure | None:
    if not (lines.is_one or reader.finish_reason):
        return _not_a_stream(lines.beginning, provider, key)
    reason = reader.finish_reason or ""
    ends = _BAD_ENDS if reader.has_content else {**_BAD_ENDS, **_ENDS_WITHOUT_A_WORD}
    if reason in ends:
        failure, why = ends[reason]
        return failure(why, provider=provider)
    if reader.has_content:
        return None if reader.is_whole else BrokenStream("the answer ended without a finish reason", provider=provider)
    return EmptyAnswer("the answer ended without any content", provider=provider)


def _with_cost(delta: Delta, cost: Decimal) -> Delta:
    """The delta whose usage has the cost that a header told, where the stream itself tells none."""
    usage = delta.usage
    if usage is None or usage.cost is not None:
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


async def _drain(chunks: AsyncIterator[Any]) -> None:
    """Read the end of the body, so that the connection can serve the next question; it is there or will be at once."""
    try:
        size = 0
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in chunks:
                size += len(chunk)
                if size > _DRAIN_BYTES:
                    return
    except (TimeoutError, httpx2.HTTPError, httpx2.StreamError):
        return
