"""GET that reaches only what it may, whatever the address says and wherever it leads.

The last word is spoken where sockets are made: names, numbers in any notation, redirects and names that resolve
differently the second time all end there, with the very address that is connected to. TLS knows nothing of this and
goes on to verify the name.
"""

import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from .reach import Reach, Resolve
from .trouble import NotLoaded

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_MOST_CONNECTIONS = 40
_CHUNK = 65_536
# Nothing is decompressed, so a server cannot send more than is counted.
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "poe-bots"}


class SafeFetch:
    """One session for all. It keeps no cookies, has no credentials and knows no proxy."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(resolve),
            use_dns_cache=False,
            socket_factory=self._socket,
            limit=_MOST_CONNECTIONS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )

    async def get(self, url: str, bytes_at_most: int) -> bytes:
        """The body of the answer. Raises `NotLoaded`. How long it may take is the caller's to say."""
        try:
            target = _parsed(url)
            for _ in range(_MOST_REDIRECTS + 1):
                self._check(target)
                async with self._session.get(target, allow_redirects=False) as response:
                    if response.status not in _REDIRECTS:
                        return await _body(response, bytes_at_most)
                    target = target.join(_parsed(response.headers.get("Location", "")))
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise NotLoaded("unreachable") from exc
        raise NotLoaded("unreachable")

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._session.close()

    def _check(self, url: URL) -> None:
        is_ours = url.scheme in self._reach.schemes and url.port in self._reach.ports
        if not is_ours or not url.raw_host or "@" in url.raw_authority:
            raise NotLoaded("unreachable")

    def _socket(self, target: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = target
        if not self._reach.allows(address[0]):
            # An `OSError`, so that another address of the same host is tried.
            raise PermissionError("not a public address")
        return socket.socket(family, kind, protocol)


class _Resolver(AbstractResolver):
    """The resolving function in the form that aiohttp wants."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolve(host, port)
        if not addresses:
            raise OSError("no address")
        return [_resolved(host, address, port) for address in addresses]

    async def close(self) -> None:
        """There is nothing to let go of."""


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST
    )


def _parsed(url: str) -> URL:
    """The address as it was given, for a signature may count every character; quoted only where it has to be."""
    return URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)


async def _body(response: aiohttp.ClientResponse, bytes_at_most: int) -> bytes:
    if response.status != 200:
        raise NotLoaded("unreachable")
    if (response.content_length or 0) > bytes_at_most:
        raise NotLoaded("too_large")
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > bytes_at_most:
            raise NotLoaded("too_large")
    return bytes(body)
