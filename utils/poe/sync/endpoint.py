"""Poe's address for settings, asked with patience.

The access key is part of the address. So no exception of httpx leaves this file, and what Poe says is shown only
without the key.
"""

import asyncio
import email.utils
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

import httpx

from utils.keys import masked

from .address import HiddenAddress
from .document import Document

POE = "https://api.poe.com/bot"
_VERSION = "1.2"
_TIMEOUT = httpx.Timeout(30, connect=10)
_WAITS = (1.0, 2.0, 4.0)
_LONGEST_WAIT = 30.0
_SHOWN = 200
_NOT_YOURS = "Poe knows no bot of this name with this access key ({status}): compare both with the bot's page on Poe."
_SENTENCES = {
    401: _NOT_YOURS,
    403: _NOT_YOURS,
    404: _NOT_YOURS,
    429: "Poe is getting too many requests ({status}): {words}",
}
_OTHER = "Poe did not take the settings ({status}): {words}"


class NotAccepted(Exception):
    """Poe has not taken the settings. The message is a sentence for the owner, without the key."""


class Endpoint:
    """Takes the settings of one bot after the other. What may be a passing trouble is tried again after `waits`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        base_url: str = POE,
        *,
        waits: Sequence[float] = _WAITS,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._waits = waits
        self._sleep = sleep

    async def update(self, bot: str, access_key: str, document: Document) -> str:
        """What Poe replied when it took the settings. Raises `NotAccepted` when it did not."""
        address = self._address(bot, access_key)
        for wait in self._waits:
            try:
                return await self._once(address, access_key, document)
            except _NotNow as exc:
                await self._sleep(max(wait, min(exc.after, _LONGEST_WAIT)))
        return await self._once(address, access_key, document)

    def _address(self, bot: str, access_key: str) -> HiddenAddress:
        path = "/".join(quote(part, safe="") for part in (bot, access_key, _VERSION))
        try:
            return HiddenAddress(f"{self._base_url}/update_settings/{path}")
        except httpx.InvalidURL:
            raise NotAccepted("Poe's address is none that can be used.") from None

    async def _once(self, address: HiddenAddress, access_key: str, document: Document) -> str:
        request = self._client.build_request("POST", address, json=document, timeout=_TIMEOUT)
        request.url = address  # httpx has made a plain one of it
        try:
            response = await self._client.send(request, follow_redirects=False)
            words = _without_key(response.text, access_key)
        except httpx.HTTPError as exc:
            raise _NotNow(f"Poe cannot be reached ({type(exc).__name__}).") from None
        if response.is_success:
            return words
        sentence = _SENTENCES.get(response.status_code, _OTHER)
        sentence = sentence.format(status=response.status_code, words=" ".join(words.split())[:_SHOWN] or "no words")
        if response.status_code == 429 or response.is_server_error:
            raise _NotNow(sentence, _seconds(response.headers.get("retry-after", "")))
        raise NotAccepted(sentence)


class _NotNow(NotAccepted):
    """It may go well in `after` seconds or more."""

    def __init__(self, sentence: str, after: float = 0) -> None:
        super().__init__(sentence)
        self.after = after


def _without_key(text: str, key: str) -> str:
    return masked(text, {key, quote(key, safe="")})


def _seconds(retry_after: str) -> float:
    """The wait that is asked for, as seconds or as a date; 0 when none is, or when it makes no sense."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
