"""Somebody on Poe: asks a bot, reads every event, and knows what makes an answer."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from .house import SECRET, House

Event = tuple[str, Any]

_NEVER_TOLD = (SECRET, "demo", "ordered", "127.0.0.1", "Traceback", "Error:", "api_base", "status", "xxxx")
"""What comes from a provider, or is meant for a log, is for no person."""


@dataclass(frozen=True)
class Heard:
    """An answer as the person has it in the end."""

    text: str
    error: dict[str, Any] | None
    events: tuple[Event, ...]

    def said_one_thing(self) -> bool:
        """Whether it ended as an answer ends: with at most one error, in words for a person, and with one `done`."""
        names = [name for name, _ in self.events]
        ends = names[names.index("error") :] if self.error else names[-1:]
        assert names[0] == "meta", names
        assert names.count("meta") == names.count("done") == 1, names
        assert ends == (["error", "done"] if self.error else ["done"]), names
        if self.error:
            assert "(Reference: " in self.error["text"]
            assert not [word for word in _NEVER_TOLD if word in self.error["text"]], self.error
        else:
            assert self.text
        return True


class Person:
    """Has one connection pool for all questions."""

    def __init__(self, house: House, http: httpx.AsyncClient) -> None:
        self._house = house
        self._http = http

    async def ask(self, bot: str, said: str = "Well?") -> Heard:
        """The answer, read to its end."""
        return _heard([event async for event in self._events(bot, said)])

    async def leaves(self, bot: str, after: int) -> bool:
        """Ask, and hang up after so many events. Tells whether there were as many."""
        events = self._events(bot, "Well?")
        try:
            for _ in range(after):
                if await anext(events, None) is None:
                    return False
            return True
        finally:
            await events.aclose()  # type: ignore[attr-defined]  # a generator, as an iterator

    async def _events(self, bot: str, said: str) -> AsyncIterator[Event]:
        ids = {"user_id": "u-1", "conversation_id": uuid4().hex, "message_id": uuid4().hex}
        body = {"version": "1.2", "type": "query", "query": [{"role": "user", "content": said}], **ids}
        async with self._http.stream("POST", f"{self._house.address}/{bot}", json=body) as response:
            assert response.status_code == 200
            rest = b""
            async for chunk in response.aiter_raw():
                *frames, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
                for frame in frames:
                    if not frame.startswith(b":"):
                        yield _event(frame.decode())
        assert not rest.strip()


def _event(frame: str) -> Event:
    fields = dict(line.split(": ", 1) for line in frame.split("\n"))
    return fields["event"], json.loads(fields["data"])


def _heard(events: list[Event]) -> Heard:
    text, error = "", None
    for name, data in events:
        if name == "text":
            text += data["text"]
        elif name == "replace_response":
            text = data["text"]
        elif name == "error":
            error = data
    return Heard(text, error, tuple(events))
