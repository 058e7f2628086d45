"""A connection that is reset. ASGI has no word for it, so this reaches for the server's transport."""

import asyncio
import socket
import struct

from starlette.types import Receive

_AT_ONCE = struct.pack("ii", 1, 0)


def reset(receive: Receive) -> None:
    """Break the connection with an RST. Under a server that hides its transport it only ends."""
    # Starlette wraps `send`, but passes on uvicorn's own `receive`, a method of what holds the connection.
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.Transport):
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
