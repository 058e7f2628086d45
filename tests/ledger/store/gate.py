"""A way to a server that can be shut, and that can swallow everything without a word."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit


class Gate:
    """Passes connections on to an address, while it is open."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._behind = parts.hostname or "127.0.0.1", parts.port or 5432
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()
        self.is_mute = False
        self.port = 0

    @property
    def address(self) -> str:
        user = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{user}@127.0.0.1:{self.port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Nobody comes in, and whoever was in is thrown out."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there, to_there = await asyncio.open_connection(*self._behind)
            try:
                await asyncio.gather(self._pipe(reader, to_there), self._pipe(there, writer))
            finally:
                to_there.close()
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.is_mute:
                    await asyncio.Event().wait()
                writer.write(data)
                await writer.drain()
            writer.close()
