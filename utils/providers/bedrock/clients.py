"""Clients of botocore: one for each key, made off the event loop and kept until the pool is closed."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from utils.errors import RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from .session import identity_of
from .settings import BedrockSettings

_SERVICE = "bedrock-runtime"
_LONGEST_CONNECT = 10
_NO_LIMIT = 86_400
"""Silence is measured by the provider, for each question its own."""
_CONNECTIONS = 1000


class Clients:
    """Makes the client for a key when it is first used. What botocore reads and loads does not block the loop."""

    def __init__(self, config: ProviderConfig, settings: BedrockSettings) -> None:
        self._config = config
        self._settings = settings
        self._clients: dict[tuple[object, ...], Any] = {}
        self._making = asyncio.Lock()

    async def of(self, key: Key) -> Any:
        """The client that signs with this key; without one, with what botocore finds around it."""
        identity = (key.label, key.secret, *sorted(key.fields.items()))
        async with self._making:
            if identity not in self._clients:
                # A client takes 100 ms and more to make, and so do the credentials of a role.
                self._clients[identity] = await asyncio.to_thread(lambda: asyncio.run(self._made(key)))
        return self._clients[identity]

    async def aclose(self) -> None:
        """Close all connections."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.close()

    async def _made(self, key: Key) -> Any:
        from aiobotocore.config import AioConfig

        from .direct import direct_session

        # A key that is named goes where its entry says; only what is found around us may be sent elsewhere from there.
        own_hosts: dict[str, Any] = {"ignore_configured_endpoint_urls": True} if key.label else {}
        own_hosts["http_session_cls"] = direct_session()
        quick = AioConfig(connect_timeout=_LONGEST_CONNECT, read_timeout=_LONGEST_CONNECT, **own_hosts)
        identity = await identity_of(key, self._settings, quick)
        config = AioConfig(
            connect_timeout=_LONGEST_CONNECT,
            read_timeout=_NO_LIMIT,
            max_pool_connections=_CONNECTIONS,
            retries={"total_max_attempts": 1, "mode": "standard"},
            signature_version=identity.signature,
            **own_hosts,
        )
        address = self._config.api_base or None
        try:
            client = await identity.session.create_client(_SERVICE, endpoint_url=address, config=config).__aenter__()
        except ValueError as exc:
            raise RequestRejected("`api_base` or the region is none", provider=self._config.name) from exc
        client.meta.events.register("before-sign.*", partial(_with_headers, self._config.headers))
        return client


def _with_headers(headers: Mapping[str, str], request: Any, **_: Any) -> None:
    """The entry's own headers, which are signed with the others."""
    for name, value in headers.items():
        del request.headers[name]
        request.headers[name] = value
