"""Poe's side of the protocol: asks a bot server as Poe would, for the terminal and for checks."""

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import httpx

from utils.errors import BotError, BotErrorNoRetry

Event = tuple[str, dict[str, Any]]
"""The name of an event and its data."""

_TIMEOUT = httpx.Timeout(600, connect=10)


class PoeClient:
    """Talks to the bot at one address."""

    def __init__(self, url: str, access_key: str | None = None) -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {access_key}"} if access_key else {}

    async def ask(self, query: Sequence[dict[str, Any]]) -> AsyncGenerator[Event, None]:
        """The events of the answer up to `done`. An `error` event, or no answer at all, is raised as a `BotError`."""
        body = {"version": "1.2", "type": "query", "query": list(query), **_IDENTIFIERS}
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT) as client,
                client.stream("POST", self.url, json=body, headers=self._headers) as response,
            ):
                if response.status_code != 200:
                    raise BotErrorNoRetry(_refusal(response.status_code, await response.aread()))
                async for name, data in _events(response):
                    if name == "done":
                        return
                    if name == "error":
                        raise BotError(data.get("text") or "The bot reported an error without a text.")
                    yield name, data
        except httpx.HTTPError as exc:
            # Only its class: the text of one about a header would hold the key.
            raise BotError(f"The server at {self.url} cannot be reached, or hung up ({type(exc).__name__}).") from exc


_IDENTIFIERS = {"user_id": "", "conversation_id": "", "message_id": ""}


async def _events(response: httpx.Response) -> AsyncGenerator[Event, None]:
    name, data = "", ""
    async for line in _lines(response):
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data += value.strip()
        elif not line and name:
            yield name, json.loads(data or "{}")
            name, data = "", ""


async def _lines(response: httpx.Response) -> AsyncGenerator[str, None]:
    """Lines that end at a line feed and nowhere else: httpx also ends them at U+2028, which may stand in the text."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r").decode("utf-8", "replace")


def _refusal(status: int, body: bytes) -> str:
    try:
        reason = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        reason = body[:200].decode("utf-8", "replace")
    return f"The server refused ({status}): {reason}"
