"""The one HTTP client that all providers share: a client of its own costs each 66 ms and its own connections."""

from threading import Lock

import httpx2
import openai

_CONNECTIONS = 10_000
_IDLE_CONNECTIONS = 200
_IDLE_SECONDS = 30


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
    return openai.DefaultAioHttpClient(limits=limits, follow_redirects=False)
