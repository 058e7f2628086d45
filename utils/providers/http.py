"""The one HTTP client that all providers share: a client of its own costs each 66 ms and its own connections."""

from collections.abc import AsyncIterator
from threading import Lock

import httpx2
import openai

_CONNECTIONS = 10_000
_IDLE_CONNECTIONS = 200
_IDLE_SECONDS = 30
_LONGEST_ERROR = 256 * 1024
_LONGEST_PACKED_ERROR = 16 * 1024
"""A thousand times as long, once it is unpacked."""


class SharedHttp:
    """Opened at the first request, closed with the app."""

    def __init__(self) -> None:
        self._client: httpx2.AsyncClient | None = None
        self._making = Lock()

    def client(self) -> httpx2.AsyncClient:
        """The client. It follows no redirects: a key goes to the host that the owner named, and to no other."""
        with self._making:
            if self._client is None:
                self._client = _new_client()
            return self._client

    async def aclose(self) -> None:
        """Close all connections; answers that still run end as broken."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _new_client() -> httpx2.AsyncClient:
    limits = httpx2.Limits(
        max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE_CONNECTIONS, keepalive_expiry=_IDLE_SECONDS
    )
    # Over aiohttp one read brings all chunks that have arrived; over httpx2's own transport each comes alone.
    return openai.DefaultAioHttpClient(
        limits=limits, follow_redirects=False, event_hooks={"response": [_shorten_errors]}
    )


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
