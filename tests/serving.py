"""Any ASGI app on a free port of this machine: real sockets, in the loop of the test, gone when the test is."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

_GRACE_SECONDS = 0.05


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The app answers at the address that is yielded. Leaving shuts it down at once, open streams too."""
    config = uvicorn.Config(app, lifespan="on", ws="none", log_config=None, access_log=False)
    config.load()
    # `Server.serve` would look for its end every 100 ms and take over the signals of the test run.
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await _start(server, listener)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await _stop(server)


async def _start(server: uvicorn.Server, listener: socket.socket) -> None:
    try:
        await server.startup(sockets=[listener])
    except SystemExit as error:
        raise RuntimeError("the app did not start; the log says why") from error
    await server.on_tick(0)


async def _stop(server: uvicorn.Server) -> None:
    for listening in server.servers:
        listening.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    await _finished(state.tasks, _GRACE_SECONDS)
    for task in state.tasks:
        task.cancel()
    await _finished(state.tasks, 1)
    await server.lifespan.shutdown()
    # Connections are closed in the next rounds of the loop; what is left of them would be warned about.
    for connection in list(state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def _finished(tasks: set[asyncio.Task[None]], seconds: float) -> None:
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
