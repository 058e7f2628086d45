"""One request to the HTTP API, from its first byte to the last one of its answer."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Send

from utils.chat import Origin
from utils.keys.clients_file import Client

from .refusals import Refused

ROUTE = "x-poe-bots-route"
_LONGEST_BODY_SECONDS = 60.0


@dataclass
class Visit:
    """Who asks, and how far the answer is."""

    request: Request
    reference: str
    route: Callable[[], str | None] = lambda: None
    """Who was asked for the answer and what came of it, as far as that is over."""
    client: Client = field(default_factory=lambda: Client("", ""))
    """A stranger, until it has been let in."""
    body: bytes = b""
    began: float = field(default_factory=monotonic)
    has_begun: bool = False
    """Whether the response is under way, so that its status cannot be another one any more."""
    is_over: bool = False
    beside_error: Mapping[str, Any] = field(default_factory=dict)
    """What is told beside the error, where the answer fails and something is known of it."""
    ended_by: Literal["listener", "server"] | None = None
    """Who has put an end to it before its time."""

    def origin(self, door: str, bot: str = "", user: str | None = None, conversation: str = "") -> Origin:
        """Where its questions come from. `user` is whom the client asks for, where it says so."""
        client = self.client
        asking = f"{client.name}/{user}" if user else client.name
        return Origin(door, bot, asking, conversation, "", self.reference, client.name, client.budget or "")

    def sending(self, send: Send) -> Send:
        """The way out, which takes note of what goes through, and puts the headers on."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.has_begun = True
                message["headers"] = [*message["headers"], *self._raw_headers()]
            elif not message.get("more_body", False):
                self.is_over = True
            await send(message)

        return noting

    def _raw_headers(self) -> list[tuple[bytes, bytes]]:
        milliseconds = (monotonic() - self.began) * 1000
        headers = {
            "x-request-id": self.reference,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "server-timing": f"answer;dur={milliseconds:.1f}",
        }
        if route := self.route():
            headers[ROUTE] = route
        return [(name.encode("ascii"), _plain(value)) for name, value in headers.items()]


def new_reference() -> str:
    """What the one who asks and the log both have."""
    return secrets.token_hex(4)


def _plain(value: str) -> bytes:
    """Without what no header can carry."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in value).encode("ascii")


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body. Raises `Refused` when it is too large, or too slow."""
    too_large = Refused(413, f"The request is larger than {most_bytes} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_LONGEST_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise too_large
    except TimeoutError as exc:
        raise Refused(408, "The request took too long to arrive.", retries=True) from exc
    except ClientDisconnect as exc:
        raise Refused(400, "The request did not arrive whole.") from exc
    return bytes(body)


async def while_listened_to(visit: Visit, receive: Receive, work: Awaitable[None]) -> None:
    """Do the work, and stop it at once when the one who asked has gone."""
    task = asyncio.current_task()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        if task is not None and not visit.is_over and visit.ended_by is None:
            visit.ended_by = "listener"
            task.cancel()

    watching = asyncio.create_task(watch())
    try:
        await work
    finally:
        watching.cancel()


Action = Callable[[Visit], Awaitable[ASGIApp]]
"""Does what is asked, and gives the response to it."""
