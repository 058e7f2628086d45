"""Any ASGI app on a free port of this machine, with real sockets, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn


_GRACE_SECONDS: Any = 0.1  # uvicorn says int and takes any number


class _Server(uvicorn.Server):
    """uvicorn that tells when it is up, and that leaves the signals to the test runner."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The address of the app while the block runs. At its end all connections are dropped, open streams as well."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=_GRACE_SECONDS)
    server = _Server(config)
    running = asyncio.create_task(server._serve(sockets=[listener]))
    up = asyncio.create_task(server.is_up.wait())
    await asyncio.wait((running, up), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        up.cancel()
        running.result()
        raise RuntimeError("the app did not start")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await running
        listener.close()
