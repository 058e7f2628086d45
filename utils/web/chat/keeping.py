"""Conversations while they are gone on with: one answer at a time in each, kept also when nobody waits for it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from utils.ledger.chats import Chats
from utils.ledger.trouble import StoreTrouble

from ..refusals import Refused

_log = structlog.get_logger(__name__)


class Keeping:
    """The conversations of one server."""

    def __init__(self, chats: Chats | None) -> None:
        self._chats = chats
        self._busy: set[tuple[str, str]] = set()
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

    async def kept(self, writing: Coroutine[Any, Any, None]) -> bool:
        """Write to the end, also when the one who waits is gone; whether it could be written."""
        task = asyncio.create_task(_written(writing))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Everything that was begun is written."""
        await asyncio.gather(*self._writing)


async def _written(writing: Coroutine[Any, Any, None]) -> bool:
    try:
        await writing
    except StoreTrouble as exc:  # an answer is worth giving also where it cannot be kept
        _log.warning("chat.not_kept", error=type(exc).__name__, said=str(exc))
        return False
    return True
