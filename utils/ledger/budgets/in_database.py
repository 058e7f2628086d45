"""Purses in a database: right for all processes that share it.

All steps that wait are done in one transaction. It begins with the pages of their purses, which nobody else changes
from then on, counts on these as in memory, and writes down what has become of them: in SQLite because whoever writes is
alone, in PostgreSQL because the rows are locked, https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..database import Database
from ..trouble import NotAcceptable, StoreTrouble
from .book import Book, Refusal
from .purse import Amount, Hold, PurseState, Share
from .rows import Rows, state_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_MOST_AT_ONCE = 100
_KEPT_SECONDS = 400 * 86_400
_DAY = 86_400


@dataclass(eq=False)
class _Step:
    """What somebody wants, and what has come of it."""

    hold: Hold
    counted_in: Callable[[Book], Any]
    reserves: bool
    outcome: Any = None
    trouble: Exception | None = None


class InDatabase:
    """Purses as rows. Every trouble is a `StoreTrouble`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Step] = []
        self._turn = asyncio.Lock()
        self._next_sweep = 0.0

    async def ready(self) -> None:
        """The database can be used at once from now on."""
        await self._database.ready()

    async def reserve(self, hold: Hold, now: float) -> Refusal | None:
        """All shares are reserved, or none is."""
        refusal = await self._reserved(hold)
        if refusal is None or refusal.is_spent or not await self._free_the_dead(now):
            return refusal
        return await self._reserved(hold)

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """The shares are given back and so much was spent instead."""
        reached: list[Share] = await self._done(_Step(hold, lambda book: book.spend(hold, spent), reserves=False))
        return reached

    async def states(self, now: float) -> list[PurseState]:
        """The purses of the periods that are under way."""
        from sqlalchemy import select

        from .tables import purses

        async with self._database.connect() as connection:
            rows = await connection.execute(select(purses).where(purses.c.ends > now))
            return sorted((state_of(row) for row in rows), key=lambda state: state.purse)

    async def _reserved(self, hold: Hold) -> Refusal | None:
        refusal: Refusal | None = await self._done(_Step(hold, lambda book: book.reserve(hold), reserves=True))
        return refusal

    async def _done(self, step: _Step) -> Any:
        """What comes of it. Whose turn it is does with it whatever else waits."""
        self._waiting.append(step)
        try:
            async with self._turn:
                if step in self._waiting:
                    await self._do(self._waiting[:_MOST_AT_ONCE])
        finally:
            if step in self._waiting:  # who waits no longer wants nothing done any more
                self._waiting.remove(step)
        if step.trouble is not None:
            raise step.trouble
        return step.outcome

    async def _do(self, steps: Sequence[_Step]) -> None:
        """They are done, or each has its trouble. Those of one that is stopped meanwhile go on waiting."""
        try:
            await self._transaction(steps)
        except Exception as exc:
            is_away = isinstance(exc, StoreTrouble) and not isinstance(exc, NotAcceptable)
            if len(steps) > 1 and not is_away:  # one of them may be to blame, and the others are not
                for step in steps:
                    await self._do([step])
                return
            for step in steps:
                step.trouble = exc
        self._waiting = [step for step in self._waiting if step not in steps]

    async def _transaction(self, steps: Sequence[_Step]) -> None:
        async with self._database.begin() as connection:
            rows = Rows(connection)
            held = await rows.taken_back([step.hold.id for step in steps if not step.reserves])
            book = await rows.book_of([share for step in steps for share in step.hold.shares])
            outcomes = [_counted(step, book, held) for step in steps]
            reserved = zip(steps, outcomes, strict=True)
            await rows.write(book)
            await rows.hold([step.hold for step, outcome in reserved if step.reserves and outcome is None])
            await self._sweep(connection)
        for step, outcome in zip(steps, outcomes, strict=True):
            step.outcome = outcome

    async def _free_the_dead(self, now: float) -> bool:
        """What those have reserved who died is free. Whether there was any."""
        async with self._database.begin() as connection:
            return await Rows(connection).free_void(now)

    async def _sweep(self, connection: "AsyncConnection") -> None:
        """Once a day forget what is long over."""
        from sqlalchemy import delete

        from .tables import purses

        if (now := time.time()) < self._next_sweep:
            return
        self._next_sweep = now + _DAY
        await connection.execute(delete(purses).where(purses.c.ends < int(now) - _KEPT_SECONDS))


def _counted(step: _Step, book: Book, held: Collection[str]) -> Any:
    if step.hold.id in held:
        book.give_back(step.hold)
    return step.counted_in(book)
