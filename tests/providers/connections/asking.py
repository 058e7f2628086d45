"""Questions over connections that are closed in the end, and servers that say exactly these bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

from tests.providers.upstreams import raw_server
from utils.providers.connections import Connections, Response, request_bytes, where


@asynccontextmanager
async def connections() -> AsyncIterator[Connections]:
    made = Connections(ssl.create_default_context)
    try:
        yield made
    finally:
        await made.aclose()


async def ask(over: Connections, address: str, *, body: bytes = b"{}", silence: float = 5) -> Response:
    server, path = where(f"{address}/question")
    connection = await over.to(server, 5)
    return await connection.ask(request_bytes("POST", server, path, {}, body), silence, longest_upload=5)


async def whole(response: Response) -> bytes:
    """The body to its end."""
    body = b""
    with closing(response):
        while part := await response.read():
            body += part
    return body


async def question(reader: asyncio.StreamReader) -> bytes:
    """The head of a question whose body is `{}`."""
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2)
    return head


def saying(*pieces: bytes, closes: bool = True) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    """Says these bytes to each question, with a pause between each two."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await question(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if closes:
                return

    return answer


@asynccontextmanager
async def told(*pieces: bytes, closes: bool = True) -> AsyncIterator[str]:
    """The address of a server that says these bytes."""
    async with raw_server(saying(*pieces, closes=closes)) as address:  # type: ignore[arg-type]  # it is a coroutine
        yield address
