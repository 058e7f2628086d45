"""What all providers share to ask over HTTP, so that connections are kept and TLS is loaded once."""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .connections import Connections, Response, request_bytes, where

if TYPE_CHECKING:
    import aiohttp
    import httpx2

_IDLE_SECONDS = 30
_LONGEST_CONNECT = 10.0


class SharedHttp:
    """Opened at the first request, closed with the app. What is asked of it then is a RuntimeError."""

    def __init__(self) -> None:
        self._connections = Connections(self.tls)
        self._session: aiohttp.ClientSession | None = None
        self._sdk_client: httpx2.AsyncClient | None = None
        self._tls: ssl.SSLContext | None = None
        self._loading = Lock()
        self._is_closed = False
        self._proxies = getproxies()
        self._proxy_of_host = lru_cache(self._looked_up)

    async def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        body: bytes | None,
        silence: float,
        longest_upload: float,
    ) -> Response:
        """The response, its body not yet read. No redirect is followed, no cookie kept, and nothing sent twice.

        Raises an OSError where none comes, and a ValueError where this cannot be sent.
        """
        self._check_open()
        connect = min(silence, _LONGEST_CONNECT)
        server, path = where(address)
        request = request_bytes(method, server, path, headers, body)
        if proxy := self.proxy_for(address):
            from .connections.proxied import ask_through

            async with asyncio.timeout(longest_upload):
                return await ask_through(proxy, self.session(), method, address, headers, body, silence, connect)
        connection = await self._connections.to(server, connect)
        return await connection.ask(request, silence, longest_upload)

    def session(self) -> "aiohttp.ClientSession":
        """A session of aiohttp's. It knows no key, keeps no cookie, and believes nothing of the environment."""
        self._check_open()
        if self._session is None:
            import aiohttp

            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self.tls(), limit=0, keepalive_timeout=_IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session

    def client(self) -> "httpx2.AsyncClient":
        """The same for the openai package, with connections of its own: it wants a client of httpx2."""
        self._check_open()
        with self._loading:
            if self._sdk_client is None:
                from .openai_sdk import new_http_client

                self._sdk_client = new_http_client()
            return self._sdk_client

    def tls(self) -> ssl.SSLContext:
        """Whom to trust. It takes a moment to load the first time, so it is better done beside the event loop."""
        with self._loading:
            if self._tls is None:
                self._tls = _trusted()
            return self._tls

    def proxy_for(self, address: str) -> str | None:
        """The proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY name for this address, unless NO_PROXY does."""
        if not self._proxies:
            return None
        parts = urlsplit(address)
        return self._proxy_of_host(parts.scheme, parts.netloc.rpartition("@")[2])

    async def aclose(self) -> None:
        """Close all connections; answers that still run end as broken."""
        self._is_closed = True
        await self._connections.aclose()
        if self._session is not None:
            await self._session.close()
        if self._sdk_client is not None:
            await self._sdk_client.aclose()

    def _looked_up(self, scheme: str, host: str) -> str | None:
        proxy = self._proxies.get(scheme) or self._proxies.get("all")
        if not proxy or proxy_bypass(host):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"

    def _check_open(self) -> None:
        if self._is_closed:
            raise RuntimeError("the connections are closed")


def _trusted() -> ssl.SSLContext:
    """What SSL_CERT_FILE or SSL_CERT_DIR name, else what the system trusts."""
    paths = ssl.get_default_verify_paths()
    if sys.platform == "linux" and (paths.cafile or paths.capath):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return context
    import httpx2  # it knows where other systems keep it

    return httpx2.create_ssl_context()
