"""Any OpenAI-compatible API as a `ChatProvider`.

The openai client gives the address, the authentication and the errors; the bytes of the answer are read by
`event_stream` and `deltas`, for the client's own typed chunks cost 200 times as much.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream, Omit

from utils.chat import ChatRequest, Delta
from utils.errors import BrokenStream, ContentRefused, EmptyAnswer, KeyMissing, NotAStream, ProviderFailure
from utils.keys import find_api_key
from utils.registry import ProviderConfig

from .deltas import DeltaReader, InStreamError
from .event_stream import DONE, EventStream
from .failures import failure_from, from_stream, without_secrets
from .http import SharedHttp
from .request_body import request_body

_LONGEST_CONNECT = 10.0
_DRAIN_SECONDS = 0.2
_NO_KEY = "no-key-needed"


class OpenAIProvider:
    """Asks one endpoint. Retries nothing: who is asked next is decided above."""

    def __init__(self, config: ProviderConfig, http: SharedHttp) -> None:
        self.config = config
        self._http = http
        self._sdk: AsyncOpenAI | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, one delta for each read from the network."""
        key = self._key()
        stream = await self._open(request, key)
        try:
            async for delta in _deltas(stream.response, self.config.name, key):
                yield delta
        finally:
            await stream.close()

    async def _open(self, request: ChatRequest, key: str) -> AsyncStream[object]:
        silence = request.timeout or self.config.timeout
        headers = dict(self.config.headers)
        if not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = f"Bearer {key}"
        try:
            return await self._client().post(
                "/chat/completions",
                cast_to=object,
                body=request_body(self.config, request),
                options={
                    "headers": headers,
                    "timeout": openai.Timeout(silence, connect=min(silence, _LONGEST_CONNECT)),
                },
                stream=True,
                stream_cls=AsyncStream[object],
            )
        except openai.OpenAIError as exc:
            raise failure_from(exc, self.config.name, key) from exc

    def _key(self) -> str:
        names = self.config.api_key_env
        if not names:
            return _NO_KEY
        key = next((key for name in names if (key := find_api_key(name))), None)
        if key is None:
            raise KeyMissing(" or ".join(names), provider=self.config.name)
        return key

    def _client(self) -> AsyncOpenAI:
        if self._sdk is None:
            self._sdk = AsyncOpenAI(
                # The key goes out with each request; whatever is left out here, the SDK takes from the environment
                # and would send OpenAI's key to whoever is at `base_url`.
                api_key=_NO_KEY,
                base_url=self.config.api_base,
                organization=self.config.organization_id,
                default_query={"api-version": self.config.api_version} if self.config.api_version else None,
                max_retries=0,
                http_client=self._http.client(),
            )
            # Not the constructor's `default_headers`: those are joined with OPENAI_CUSTOM_HEADERS of the environment.
            self._sdk._custom_headers = _headers_for_all(self.config)
        return self._sdk


def _headers_for_all(config: ProviderConfig) -> Mapping[str, Any]:
    """Sent with every request: no organisation or project but the one that the entry names."""
    return {
        "OpenAI-Organization": config.organization_id or Omit(),
        "OpenAI-Project": Omit(),
        "Accept-Encoding": "identity",
    }


async def _deltas(response: httpx2.Response, provider: str, key: str) -> AsyncIterator[Delta]:
    """The deltas of an opened response. Returns only when the answer is whole; else raises why not."""
    lines, reader = EventStream(), DeltaReader()
    chunks = response.aiter_bytes()
    done = False
    try:
        async for chunk in chunks:
            events = lines.feed(chunk)
            if not events:
                continue
            done = DONE in events
            if delta := reader.read(events[: events.index(DONE)] if done else events):
                yield delta
            if done:
                await _drain(chunks)
                break
        if not done and (events := lines.end()):
            done = DONE in events
            if delta := reader.read(event for event in events if event != DONE):
                yield delta
    except InStreamError as exc:
        raise from_stream(exc.body, provider, key) from exc
    except (httpx2.HTTPError, httpx2.StreamError, openai.OpenAIError) as exc:
        raise failure_from(exc, provider, key) from exc
    except BrokenStream as exc:
        exc.provider = provider
        raise
    if failure := _why_not_whole(lines, reader, done, provider, key):
        raise failure


def _why_not_whole(
    lines: EventStream, reader: DeltaReader, done: bool, provider: str, key: str
) -> ProviderFailure | None:
    if not lines.is_one:
        return _not_a_stream(lines.beginning, provider, key)
    # Some vendors end with an empty reason; with [DONE] behind it that is an end too.
    finished = bool(reader.finish_reason) or (done and reader.finish_reason == "")
    if reader.finish_reason == "error":
        return BrokenStream("the provider ended the answer with an error", provider=provider)
    if reader.has_content:
        return None if finished else BrokenStream("the answer ended without a finish reason", provider=provider)
    if reader.finish_reason == "content_filter":
        return ContentRefused("the provider's content filter withheld the answer", provider=provider)
    return EmptyAnswer("the answer ended without any content", provider=provider)


def _not_a_stream(beginning: bytes, provider: str, key: str) -> ProviderFailure:
    text = " ".join(beginning.decode("utf-8", "replace").split())
    if not text:
        return EmptyAnswer("the answer had an empty body", provider=provider)
    if text.startswith("{") and '"error"' in text:
        return from_stream(text, provider, key)
    return NotAStream(f"instead of an event stream came: {without_secrets(text, key)[:200]}", provider=provider)


async def _drain(chunks: AsyncIterator[Any]) -> None:
    """Read the end of the body, so that the connection can serve the next question; it is there or will be at once."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in chunks:
                pass
    except (TimeoutError, httpx2.HTTPError, httpx2.StreamError):
        return
