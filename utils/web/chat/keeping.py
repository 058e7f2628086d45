"""Conversations while they are gone on with: one answer at a time in each, kept also when nobody waits for it."""

import asyncio
from collections.abc import Collection, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from utils.ledger.chats import Chats
from utils.ledger.trouble import StoreTrouble

from ..refusals import Refused

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 1.0
"""So long an answer waits for being kept."""
_LONGEST_GOODBYE_SECONDS = 3.0


class Keeping:
    """The conversations of one server."""

    def __init__(self, chats: Chats | None) -> None:
        self._chats = chats
        self._busy: set[tuple[str, str]] = set()
        self._late: dict[tuple[str, str], asyncio.Task[bool]] = {}
        """Those whose last turns are still being written, though their answer is over."""
        self._writing: set[asyncio.Task[bool]] = set()

    @property
    def chats(self) -> Chats:
        """Where they are kept. Raises `Refused` where nothing is."""
        if self._chats is None:
            raise Refused(503, "This server keeps no conversations: it has no database.", code="store_unavailable")
        return self._chats

    @property
    def is_possible(self) -> bool:
        """Whether there is a place to keep them."""
        return self._chats is not None

    @contextmanager
    def going_on(self, owner: str, id: str) -> Iterator[None]:
        """Nobody else goes on with this conversation inside of it. Raises `Refused` when somebody does."""
        if (owner, id) in self._busy:
            message = "An answer in this conversation is under way: wait for its end."
            raise Refused(409, message, param="conversation_id", code="conversation_busy", retries=True)
        self._busy.add((owner, id))
        try:
            yield
        finally:
            self._busy.discard((owner, id))

    async def kept(self, owner: str, id: str, writing: Coroutine[Any, Any, None]) -> bool:
        """Write to the end, also when the one who waits is gone; whether it could be written, or still may be.

        A database that takes its time is not waited for by the answer; who wants to go on or to read is let wait.
        """
        task = asyncio.create_task(_written(writing))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if task.done():
            return task.result()
        self._late[owner, id] = task
        task.add_done_callback(lambda _: self._late.pop((owner, id), None))
        return True

    async def settled(self, owner: str, id: str) -> None:
        """All that was said in the conversation is kept, as far as it could be."""
        if task := self._late.get((owner, id)):
            await asyncio.wait({task})

    async def aclose(self) -> None:
        """What was begun is written, but for what the database does not take in time."""
        late = await _not_done(self._writing)
        for task in late:
            task.cancel()
            _log.warning("chat.not_kept", error="TimeoutError", said="the server ends before the database has answered")
        await _not_done(late)


async def _not_done(tasks: Collection[asyncio.Task[bool]]) -> Collection[asyncio.Task[bool]]:
    """Those that are not done in time."""
    return (await asyncio.wait(tasks, timeout=_LONGEST_GOODBYE_SECONDS))[1] if tasks else ()


async def _written(writing: Coroutine[Any, Any, None]) -> bool:
    try:
        await writing
    except StoreTrouble as exc:  # an answer is worth giving also where it cannot be kept
        _log.warning("chat.not_kept", error=type(exc).__name__, said=str(exc))
        return False
    return True
