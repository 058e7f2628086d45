"""Questions that go by way of a proxy: to speak to one over TLS, aiohttp knows how."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

import aiohttp

from .response import NotHttp

_LARGE = 1024 * 1024
"""What is larger is written in pieces, so that others get a turn."""


class ProxiedResponse:
    """A `Response` of aiohttp's."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in reversed([*response.headers.items()])}

    @property
    def is_complete(self) -> bool:
        """Whether all of the body has come."""
        return self._response.content.is_eof()

    async def read(self) -> bytes:
        """All that has come since the last time; see `Response`."""
        with _in_plain_words():
            return await self._response.content.readany()

    def close(self) -> None:
        """Be done with it; see `Response`."""
        self._response.close()


async def ask_through(
    proxy: str,
    session: aiohttp.ClientSession,
    method: str,
    address: str,
    headers: Mapping[str, str],
    body: bytes | None,
    silence: float,
    patience: float,
) -> ProxiedResponse:
    """The response, its head read. Raises an OSError where none comes, and a ValueError where this cannot be sent."""
    timeout = aiohttp.ClientTimeout(total=None, connect=patience, sock_read=silence)
    data = BytesIO(body) if body and len(body) > _LARGE else body
    with _in_plain_words():
        response = await session.request(
            method, address, headers=headers, data=data, allow_redirects=False, proxy=proxy, timeout=timeout
        )
    return ProxiedResponse(response)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """What aiohttp raises is an OSError, or a ValueError."""
    try:
        yield
    except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError) as exc:
        raise NotHttp(str(exc)) from exc
    except aiohttp.ClientError as exc:
        if isinstance(exc, OSError | ValueError):
            raise
        raise ConnectionError(str(exc)) from exc
