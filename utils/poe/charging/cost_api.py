"""Poe's cost API: asks Poe to set points aside for an answer, and later to take them.

The wire is that of fastapi_poe's `authorize_cost` and `capture_cost`, which open a connection for every call.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Literal
from urllib.parse import quote

import fastapi_poe as fp
import httpx
import msgspec

from .refusals import CostApiUnavailable, InsufficientPoints, NotChargeable

_Verb = Literal["authorize", "capture"]

_NO_KEY = ("", "<missing>")
"""What stands in a query in the place of an access key that the server does not have."""
_DESCRIPTION = "An answer"
_HEADERS = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
_DRAIN_SECONDS = 0.05
_LONGEST_DETAIL = 200


class CostApi:
    """Poe's cost API, over connections that are kept. None is made before the first call."""

    def __init__(self, base_url: str = "https://api.poe.com", *, timeout_seconds: float = 5) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._client: httpx.AsyncClient | None = None

    async def authorize(self, query: fp.QueryRequest, milli_cents: int) -> None:
        """The person can and will pay this much. Raises a `NotPaid` otherwise."""
        await self._ask("authorize", query, milli_cents)

    async def capture(self, query: fp.QueryRequest, milli_cents: int) -> None:
        """The person has paid this much. Raises a `NotPaid` otherwise."""
        await self._ask("capture", query, milli_cents)

    async def aclose(self) -> None:
        """Close the connections. A call after this opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, verb: _Verb, query: fp.QueryRequest, milli_cents: int) -> None:
        if not is_chargeable(query):
            raise NotChargeable
        url = f"{self._base_url}/bot/cost/{quote(query.bot_query_id, safe='=', errors='replace')}/{verb}"
        amount = fp.CostItem(amount_usd_milli_cents=milli_cents, description=_DESCRIPTION)
        body = {"amounts": [amount.model_dump()], "access_key": query.access_key}
        try:
            # httpx' own timeouts begin anew with every read.
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._status(url, body)
        except TimeoutError as exc:
            raise CostApiUnavailable(f"no result within {self._timeout_seconds:g} seconds") from exc
        except _FOREIGN as exc:
            raise CostApiUnavailable(type(exc).__name__) from exc
        except _Refused as exc:
            raise CostApiUnavailable(_without_key(str(exc), query.access_key)) from None
        if status != "success":
            raise InsufficientPoints(_without_key(status, query.access_key))

    async def _status(self, url: str, body: Mapping[str, object]) -> str:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout_seconds)
        async with (
            self._client.stream("POST", url, json=body, headers=_HEADERS) as response,
            aclosing(_events(response)) as events,
        ):
            if response.status_code != 200:
                raise _Refused(f"{response.status_code} {await _complaint(events)}".strip())
            async for name, data in events:
                if name == "result":
                    status = msgspec.json.decode(data, type=_Result).status
                    await _drain(events)
                    return status
        raise _Refused("the reply holds no result")


def is_chargeable(query: fp.QueryRequest) -> bool:
    """Whether Poe made this query for somebody who can be charged, and the server has the key to do so."""
    return bool(query.bot_query_id.strip(".")) and query.access_key not in _NO_KEY


class _Result(msgspec.Struct):
    """The data of the event `result`."""

    status: str


class _Complaint(msgspec.Struct):
    """The data of the events of a reply that is not 200."""

    message: str = ""


class _Refused(Exception):
    """The reply is none that Poe's cost API should give."""


_FOREIGN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, msgspec.MsgspecError, UnicodeError, RecursionError)
"""What a server that is down, or is not Poe, makes of a call. Their texts stay out of the log."""


async def _events(response: httpx.Response) -> AsyncGenerator[tuple[str, str], None]:
    name, data = "", ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data += value.strip()
        elif not line and data:
            yield name, data
            name, data = "", ""


async def _complaint(events: AsyncGenerator[tuple[str, str], None]) -> str:
    """What the reply says is wrong, as far as it can be understood."""
    try:
        return " ".join([msgspec.json.decode(data, type=_Complaint).message async for _, data in events])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""


async def _drain(events: AsyncGenerator[tuple[str, str], None]) -> None:
    """Read to the end of the reply, where it comes at once: only then can the connection be used again."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in events:
                pass


def _without_key(text: str, key: str) -> str:
    return text.replace(key, "***")[:_LONGEST_DETAIL]
