"""The openai package, for what is asked seldom and comes in one piece: lists of models, and vectors.

It takes half a second to load, so it is loaded by the first such question. Answers are read without it, by `exchange`.
"""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

import aiohttp
import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream, Omit

from utils.errors import ProviderFailure, RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from .broken_connections import FOREIGN, broken_off, causes_of, not_opened
from .failures import from_status
from .place import NO_KEY, PlaceOf, headers_for
from .waits import wait_said
from .whole_body import bytes_of, json_in

_LONGEST_CONNECT = 10.0
_CONNECTIONS = 1000
_IDLE_CONNECTIONS = 20
_IDLE_SECONDS = 30
_LONGEST_ERROR = 256 * 1024
_LONGEST_PACKED_ERROR = 16 * 1024
"""A thousand times as long, once it is unpacked."""
_NOWHERE = "http://nowhere.invalid"
_NOT_OURS: Mapping[str, Any] = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
_FOREIGN = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, *FOREIGN)


class OpenAISdk:
    """Asks at the places of one entry. Every failure is a `ProviderFailure`."""

    def __init__(self, config: ProviderConfig, place_of: PlaceOf, http_client: httpx2.AsyncClient) -> None:
        self._config = config
        self._place_of = place_of
        # The key goes out with each request; whatever is left out here, the SDK takes from the environment and would
        # send OpenAI's key to whoever is at `api_base`.
        self._client = AsyncOpenAI(
            api_key=NO_KEY,
            base_url=config.api_base or _NOWHERE,
            organization=config.organization_id,
            max_retries=0,
            http_client=http_client,
        )
        # Not the constructor's `default_headers`: those are joined with OPENAI_CUSTOM_HEADERS of the environment.
        self._client._custom_headers = _NOT_OURS

    async def whole(
        self, what: str, path: str, key: Key, *, seconds: float, most_mib: int, body: Mapping[str, Any] | None = None
    ) -> object:
        """The answer as JSON that came in one piece. Without a body, something is only asked for."""
        name = self._config.name
        try:
            stream = await self._opened(path, key, seconds, body)
            try:
                parts = stream.response.aiter_bytes()
                came = await bytes_of(parts, what, name, seconds=seconds, most_mib=most_mib)
            finally:
                await stream.close()
        except _FOREIGN as exc:
            raise _failure_from(exc, name, key.secret) from exc
        except ValueError as exc:
            raise RequestRejected(f"this cannot be sent: {exc}", provider=name) from exc
        return json_in(came, what, name, key.secret)

    async def _opened(self, path: str, key: Key, silence: float, body: Mapping[str, Any] | None) -> AsyncStream[object]:
        try:
            return await self._sent(path, key, silence, body)
        except openai.APIConnectionError as exc:
            if not _was_never_sent(exc):
                raise
            # A kept connection that the provider has closed meanwhile: another one is as good as the first try.
            return await self._sent(path, key, silence, body)

    async def _sent(self, path: str, key: Key, silence: float, body: Mapping[str, Any] | None) -> AsyncStream[object]:
        place = self._place_of(self._config, key, body.get("model") if body else None)
        headers: dict[str, str | Omit] = {**headers_for(self._config, place)}
        if not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = Omit()  # without a word about it the SDK sends what it has
        send = self._client.get if body is None else partial(self._client.post, body=body)
        return await send(
            place.url(path),
            cast_to=object,
            options={
                "headers": headers,
                "timeout": openai.Timeout(silence, connect=min(silence, _LONGEST_CONNECT)),
            },
            stream=True,
            stream_cls=AsyncStream[object],
        )


def new_http_client() -> httpx2.AsyncClient:
    """A client for all of them. It follows no redirects: a key goes to the host that was named, and to no other."""
    limits = httpx2.Limits(
        max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE_CONNECTIONS, keepalive_expiry=_IDLE_SECONDS
    )
    return openai.DefaultAioHttpClient(
        limits=limits, follow_redirects=False, event_hooks={"response": [_shorten_errors]}
    )


def _failure_from(exc: Exception, provider: str, key: str) -> ProviderFailure:
    if isinstance(exc, openai.APIStatusError):
        wait = wait_said(exc.response.headers, exc.response.text)
        return from_status(exc.status_code, exc.body, provider, key, retry_after=wait)
    if isinstance(exc, openai.APIConnectionError):
        return not_opened(exc, provider, key)
    return broken_off(exc, provider, key)


def _was_never_sent(exc: Exception) -> bool:
    """Whether the connection was gone before anything was written to it, so that nobody has seen the request."""
    return any(isinstance(cause, aiohttp.ClientConnectionResetError) for cause in causes_of(exc))


async def _shorten_errors(response: httpx2.Response) -> None:
    """The SDK reads an error to its end before it says what it is, and some errors have none."""
    if response.is_error and isinstance(response.stream, httpx2.AsyncByteStream):
        most = _LONGEST_PACKED_ERROR if "content-encoding" in response.headers else _LONGEST_ERROR
        response.stream = _Beginning(response.stream, most)


class _Beginning(httpx2.AsyncByteStream):
    """So many bytes of a body, or a few more."""

    def __init__(self, whole: httpx2.AsyncByteStream, most: int) -> None:
        self._whole = whole
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._whole:
            yield part
            size += len(part)
            if size >= self._most:
                return

    async def aclose(self) -> None:
        await self._whole.aclose()
