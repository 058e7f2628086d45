"""An answer on its way. It is read in a thread of its own, so that whoever shows it can look, wait and stop."""

import asyncio
import json
import queue
import threading
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any

import httpx

from .troubles import Trouble, away, refusal

Event = tuple[str, dict[str, Any]]
"""The name of an event, empty where it has none, and its data."""

_TIMEOUT = httpx.Timeout(600, connect=10)
_UNWATCHED_SECONDS = 60
"""After so long nobody will come back for the answer: the browser was shut."""


class Stream:
    """The events of one request. Leaving its `with` block hangs up, and the server stops the model."""

    def __init__(self, address: str, path: str, body: Any, headers: Mapping[str, str], key: str) -> None:
        self._address, self._path, self._body, self._headers, self._key = address, path, body, headers, key
        self._came: queue.Queue[Event | Trouble | None] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self._looked = time.monotonic()
        self.is_over = False
        """Whether the last event has been given out."""
        threading.Thread(target=self._run, daemon=True).start()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, at whichever point it is."""
        self._is_closed = True
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._cancel)
            except RuntimeError:  # it came to its end just now
                return

    def events(self, wait_seconds: float = 0.05) -> list[Event]:
        """Those that came since, after waiting so long for more. Raises `Trouble` once those before it are given."""
        found: list[Event] = []
        self._looked = time.monotonic()
        try:
            each = self._came.get(timeout=wait_seconds)
            while True:
                if isinstance(each, Trouble) and found:
                    self._came.queue.appendleft(each)
                    return found
                if isinstance(each, Trouble):
                    self.is_over = True
                    raise each
                if each is None:
                    self.is_over = True
                    return found
                found.append(each)
                each = self._came.get_nowait()
        except queue.Empty:
            return found

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._task = self._loop.create_task(self._read())
            if self._is_closed:
                self._task.cancel()
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._came.put(None)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _read(self) -> None:
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client,
                client.stream("POST", self._address + self._path, json=self._body, headers=self._headers) as response,
            ):
                if response.status_code != 200:
                    self._came.put(refusal(response.status_code, await response.aread(), self._key))
                    return
                async for event in _events(response):
                    self._came.put(event)
                    if time.monotonic() - self._looked > _UNWATCHED_SECONDS:
                        return
        except httpx.HTTPError as exc:
            self._came.put(away(self._address, exc))
        except ValueError:
            self._came.put(Trouble("The server answered with something that is no event."))


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    name, data = "", ""
    async for line in _lines(response):
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data += value.strip()
        elif not line and (name or data):
            yield name, json.loads(data or "{}")
            name, data = "", ""


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Lines that end at a line feed and nowhere else: httpx also ends them at U+2028, which may stand in the text."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r").decode("utf-8", "replace")
