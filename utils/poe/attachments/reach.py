"""Where files may be fetched from: https on its own port, and addresses that everybody can reach."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from .public_addresses import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host."""


@dataclass(frozen=True)
class Reach:
    """What is allowed. Everything that a test on one machine needs is not, unless it is said here."""

    schemes: Collection[str] = ("https",)
    ports: Collection[int] = (443,)
    allows: Callable[[str], bool] = is_public
    """Whether there may be a connection to this IP address."""


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says. Raises an `OSError` when it knows nothing of the host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
