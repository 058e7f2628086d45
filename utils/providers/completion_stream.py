"""The body of a streamed chat completion becomes deltas, up to its proper end or to the failure that ended it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from time import monotonic
from typing import Any

import httpx2

from utils.chat import Delta
from utils.errors import BrokenStream, ContentRefused, EmptyAnswer, NotAStream, ProviderFailure, TimedOut

from .deltas import DeltaReader, InStreamError
from .event_stream import EventStream
from .failures import FOREIGN, failure_from, from_stream, without_secrets

_DRAIN_SECONDS = 0.2


async def deltas_of(response: httpx2.Response, provider: str, key: str, silence: float) -> AsyncGenerator[Delta, None]:
    """The deltas, one for each read. Returns only when the answer is whole; else raises why it is not."""
    lines, reader = EventStream(), DeltaReader()
    try:
        async with aclosing(_read(response, lines, reader, silence)) as deltas:
            async for delta in deltas:
                yield delta
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
    async for chunk in chunks:
        if delta := reader.read(lines.feed(chunk)):
            yield delta
            last_content = monotonic()
        elif monotonic() - last_content > silence:
            # Comments keep the connection alive, so its own timeout does not see that nothing comes.
            raise TimedOut(f"no content for {silence:g} seconds")
        if reader.is_done:
            await _drain(chunks)
            return
    if delta := reader.read(lines.end()):
        yield delta


def _why_not_whole(lines: EventStream, reader: DeltaReader, provider: str, key: str) -> ProviderFailure | None:
    if not lines.is_one:
        return _not_a_stream(lines.beginning, provider, key)
    if reader.finish_reason == "error":
        return BrokenStream("the provider ended the answer with an error", provider=provider)
    if reader.has_content:
        return None if reader.is_whole else BrokenStream("the answer ended without a finish reason", provider=provider)
    if reader.finish_reason == "content_filter":
        return ContentRefused("the provider's content filter withheld the answer", provider=provider)
    return EmptyAnswer("the answer ended without any content", provider=provider)


def _not_a_stream(beginning: bytes, provider: str, key: str) -> ProviderFailure:
    text = " ".join(beginning.decode("utf-8", "replace").split())
    if not text:
        return EmptyAnswer("the answer had an empty body", provider=provider)
    if text.startswith(("{", "[")) and '"error"' in text:
        return from_stream(_error_in(text), provider, key)
    return NotAStream(f"instead of an event stream came: {without_secrets(text, key)[:200]}", provider=provider)


def _error_in(text: str) -> object:
    """The error that stands where a stream should be; the text itself where it is cut off."""
    with suppress(ValueError, RecursionError):
        body = json.loads(text)
        if isinstance(body, list) and body:
            body = body[0]
        return body.get("error") or body if isinstance(body, dict) else body
    return text


async def _drain(chunks: AsyncIterator[Any]) -> None:
    """Read the end of the body, so that the connection can serve the next question; it is there or will be at once."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in chunks:
                pass
    except (TimeoutError, httpx2.HTTPError, httpx2.StreamError):
        return
