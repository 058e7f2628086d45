"""A bot, and Poe listening to it, over ASGI and in virtual time."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import fastapi_poe as fp

from utils.poe import BaseBot
from utils.poe.door import MountedBot, PoeDoor
from utils.poe.pace import Pace


def bot_of(script: Callable[[fp.QueryRequest], Any], pace: Pace = BaseBot.pace) -> BaseBot:
    """A bot whose answer is made by the script, an async generator of what it yields."""

    class Scripted(BaseBot):
        bot_name = "Scripted"

        async def get_response(self, request):
            async for event in script(request):
                yield event

    Scripted.pace = pace
    return Scripted()


def door_of(bot: fp.PoeBot) -> PoeDoor:
    """A door with just this bot behind it."""
    return PoeDoor([MountedBot(bot, "Scripted", "/bot", ())], max_body_bytes=1_000_000, allow_without_key=True)


class Listener:
    """One request of Poe's, and everything that came back with the time at which it came."""

    def __init__(self, door: PoeDoor, *, message_id: str = "", language: str = "en") -> None:
        self.door = door
        self.messages: list[tuple[float, bytes]] = []
        self.is_finished = False
        self._gone = asyncio.Event()
        query = {"type": "query", "query": [{"role": "user", "content": "hi"}]}
        self._body = json.dumps({**query, "message_id": message_id, "language_code": language}).encode()
        self._asked = False
        self._heard = asyncio.Condition()

    async def listen(self) -> "Listener":
        """Ask and hear the answer out."""
        scope = {"type": "http", "method": "POST", "path": "/bot", "headers": [], "query_string": b""}
        await self.door(scope, self._receive, self._send)
        return self

    def hang_up(self) -> None:
        """Close the connection."""
        self._gone.set()

    async def hears(self, words: str) -> None:
        """Wait until the words have come."""
        async with self._heard:
            await self._heard.wait_for(lambda: words in self.text)

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The events, without their times."""
        return [(name, data) for _, name, data in self.timed_events]

    @property
    def timed_events(self) -> list[tuple[float, str, dict[str, Any]]]:
        """Every event with the time at which it came, in seconds."""
        found = []
        for time, body in self.messages:
            for block in body.decode("ascii").split("\r\n\r\n"):
                if block.startswith("event: "):
                    fields = dict(line.split(": ", 1) for line in block.split("\r\n"))
                    found.append((round(time, 3), fields["event"], json.loads(fields["data"])))
        return found

    @property
    def text(self) -> str:
        """What the person sees."""
        seen = ""
        for name, data in self.events:
            seen = data["text"] if name == "replace_response" else seen + data["text"] if name == "text" else seen
        return seen

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.body" and not self._gone.is_set():
            self.messages.append((asyncio.get_running_loop().time(), message["body"]))
            self.is_finished = self.is_finished or not message["more_body"]
            async with self._heard:
                self._heard.notify_all()
