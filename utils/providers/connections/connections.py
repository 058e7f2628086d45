"""The connections to providers: those that are kept for the next question, and new ones."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from aiohappyeyeballs import start_connection

from .connection import Connection
from .request import Where

_IDLE_SECONDS = 30.0
_SECOND_TRY_SECONDS = 0.25
"""So long the first address of a host has before another one is tried beside it."""
_GOODBYE_SECONDS = 1.0


class Connections:
    """Opened when they are needed. Of those that are free the last one is used first."""

    def __init__(self, tls: Callable[[], ssl.SSLContext]) -> None:
        """`tls` says whom to trust."""
        self._tls = tls
        self._open: set[Connection] = set()
        self._free: dict[Where, list[Connection]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._all_gone: asyncio.Event | None = None

    async def to(self, server: Where, patience: float) -> Connection:
        """One that is free. Raises an OSError where none can be opened within so many seconds."""
        free = self._free.get(server, [])
        while free:
            connection = free.pop()
            if connection.is_open:
                return connection
        try:
            async with asyncio.timeout(patience):
                return await self._new(server)
        except TimeoutError:
            raise TimeoutError(f"no connection within {patience:g} seconds") from None

    def opened(self, connection: Connection) -> None:
        """It is there."""
        self._open.add(connection)
        if self._all_gone is not None:
            connection.close(at_once=True)

    def keep(self, connection: Connection) -> None:
        """It is free again."""
        loop = asyncio.get_running_loop()
        connection.free_since = loop.time()
        self._free.setdefault(connection.to, []).append(connection)
        if self._sweeping is None:
            self._sweeping = loop.call_later(_IDLE_SECONDS, self._sweep)

    def lost(self, connection: Connection) -> None:
        """It is gone."""
        self._open.discard(connection)
        free = self._free.get(connection.to, [])
        if connection in free:
            free.remove(connection)
        if self._all_gone is not None and not self._open:
            self._all_gone.set()

    async def aclose(self) -> None:
        """End all of them; what is read over them breaks off."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        self._all_gone = asyncio.Event()
        for connection in tuple(self._open):
            connection.close(at_once=True)
        if self._open:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), _GOODBYE_SECONDS)

    async def _new(self, server: Where) -> Connection:
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        line = await start_connection(addresses, happy_eyeballs_delay=_SECOND_TRY_SECONDS)
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            is_secure = server.scheme == "https"
            tls, name = (self._tls(), server.host.rstrip(".")) if is_secure else (None, None)
            made = await loop.create_connection(
                lambda: Connection(self, server), sock=line, ssl=tls, server_hostname=name
            )
        except BaseException:
            line.close()
            raise
        return made[1]

    def _sweep(self) -> None:
        """Close what nobody has used for long."""
        loop = asyncio.get_running_loop()
        for free in self._free.values():
            for connection in free:
                if connection.free_since + _IDLE_SECONDS <= loop.time():
                    connection.close()
        is_any_left = any(each.is_open for free in self._free.values() for each in free)
        self._sweeping = loop.call_later(_IDLE_SECONDS, self._sweep) if is_any_left else None
