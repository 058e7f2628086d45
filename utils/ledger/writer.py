"""Brings records from memory and from the journal into the database, in a thread of its own."""

import asyncio
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from time import monotonic

import msgspec
import structlog

from .database import Database
from .estate import Estate
from .insertion import Insertion, Priced
from .journal import Journal
from .lines import Lines
from .pace import Pace
from .people import Pseudonyms
from .record import UsageRecord
from .retention import forget_older
from .rows import Also
from .segment import Segment
from .tally import Tally
from .trouble import StoreTrouble

_log = structlog.get_logger(__name__)
_NEVER = float("-inf")


class Writer:
    """Goes round after round until it is told to end. What fails is tried again, after ever longer pauses."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        people: Pseudonyms,
        tally: Tally,
        priced: Priced,
        also: Sequence[Also],
        retention_days: int,
        pace: Pace,
    ) -> None:
        self.queue: deque[tuple[UsageRecord, Segment | None]] = deque()
        """What waits in memory, and in which file each stands."""
        self.was_tried = threading.Event()
        """Set when the first round is over."""
        self._database = database
        self._journal = journal
        self._people = people
        self._lines = Lines(people)
        self._tally = tally
        self._insertion = Insertion(database, priced, also, self._step_begins)
        self._retention_days = retention_days
        self._pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._limit = asyncio.Timeout(None)
        self._woken = asyncio.Event()
        self._ending = asyncio.Event()
        self._is_to_end = False
        self._sleeps = False
        self._adopted_at = self._forgot_at = _NEVER

    def run(self) -> None:
        """Write until the end. To be called in a thread."""
        try:
            with suppress(asyncio.CancelledError):
                asyncio.run(self._rounds())
        finally:
            self.was_tried.set()

    def wake(self) -> None:
        """There is something to write. Costs next to nothing while it is awake."""
        if self._sleeps:
            self._sleeps = False
            self._call(self._woken.set)

    def end_soon(self) -> None:
        """Write what there is, without a second try, and end."""
        self._is_to_end = True
        self._call(self._woken.set)
        self._call(self._ending.set)

    def end_now(self) -> None:
        """End, whatever is going on."""
        if self._work is not None:
            self._call(self._work.cancel)

    def secure(self) -> None:
        """What waits in memory is in the journal, as far as that can be written (again). For one thread at a time."""
        self._make_reserve()
        for place, (record, segment) in enumerate(tuple(self.queue)):
            if segment is None:
                segment = self._journal.append(self._lines.of(record), is_kept=True, attempt=record.id)
                self._tally.journal_takes(lines=segment is not None)
                if segment is None:
                    return
                self.queue[place] = (record, segment)  # only this thread takes anything from its left

    def _call(self, what: Callable[[], object]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(what)

    async def _rounds(self) -> None:
        self._loop, self._work = asyncio.get_running_loop(), asyncio.current_task()
        pause = 0.0
        try:
            while True:
                is_last = self._is_to_end
                pause = await self._tried(pause)
                self.was_tried.set()
                if is_last:
                    return
                await self._rest(pause)
        finally:
            with suppress(Exception):  # there is nobody left to whom it would matter
                await self._database.aclose()

    async def _tried(self, pause: float) -> float:
        """Go one round; returns how long to pause then."""
        try:
            async with asyncio.timeout(None) as self._limit:
                await self._round()
        except StoreTrouble as exc:
            self._tally.failed(str(exc))
        except TimeoutError:
            self._tally.failed(f"{self._database.where} did not answer in time.")
        except OSError as exc:
            self._tally.failed(f"the journal cannot be used: {exc.strerror or type(exc).__name__}.")
        except Exception as exc:  # a mistake of ours: the records are safe, and the next round may go better
            _log.exception("ledger.failed", error=type(exc).__name__)
            self._tally.failed(f"{type(exc).__name__}.")
        else:
            self._tally.works()
            return 0.0
        longer = min(max(2 * pause, self._pace.first_pause), self._pace.longest_pause)
        return longer * random.uniform(0.7, 1.0)  # noqa: S311  # so that many processes do not come back at once

    async def _rest(self, pause: float) -> None:
        """Sleep until there is something to do; after a failure, and while records gather, until that is over."""
        if pause == 0.0:
            self._sleeps = True
            if not self.queue and not self._is_to_end:
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self._woken.wait(), self._pace.look_seconds if self._is_kept_busy() else None
                    )
            self._sleeps = False
            self._woken.clear()
        until = monotonic() + (pause or self._pace.interval)
        while not self._is_to_end and (left := until - monotonic()) > 0:
            if pause:
                with suppress(Exception):  # it is tried again soon, and nothing may end this thread
                    self.secure()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), min(left, self._pace.secure_seconds))

    def _make_reserve(self) -> None:
        try:
            if self._journal.make_reserve():
                self._tally.journal_takes(lines=True)
        except OSError:  # where there is no journal, memory has to do
            if not self._journal.is_begun:
                self._tally.journal_takes(lines=False)

    def _is_kept_busy(self) -> bool:
        return self._journal.is_begun or self._retention_days > 0

    async def _round(self) -> None:
        self._make_reserve()
        self._step_begins()
        await self._database.ready()
        await self._people.learn(self._database)
        if monotonic() - self._adopted_at >= self._pace.adopt_seconds:
            await self._adopt()
        await self._write_what_waits()
        if self._is_to_end:
            self._journal.seal()
        for segment in self._journal.done():
            if segment.spilled:
                await self._replay(segment)
                self._tally.written += segment.spilled
            self._journal.drop(segment)
        await self._forget()

    def _step_begins(self) -> None:
        self._limit.reschedule(asyncio.get_running_loop().time() + self._pace.step_seconds)

    async def _write_what_waits(self) -> None:
        """What is in memory now is in the database. What comes meanwhile gathers for the next round, but for the last.

        Whoever ran after each new record would never rest: two of them take nearly as long as fifty.
        """
        waiting = len(self.queue)
        while waiting > 0 or (self._is_to_end and self.queue):
            waiting -= await self._write_batch()

    async def _write_batch(self) -> int:
        """So many of the oldest records in memory are in the database, and no longer in memory."""
        batch = list(islice(self.queue, self._pace.batch))
        self._tally.written += await self._inserted([self._named(record) for record, _ in batch])
        for _ in batch:
            self.queue.popleft()
        self._journal.committed(
            Counter(segment for _, segment in batch if segment is not None),
            [record.id for record, segment in batch if segment is None],
        )
        self._make_reserve()
        return len(batch)

    async def _adopt(self) -> None:
        """What dead processes have left in their journals is in the database."""
        for estate in self._journal.estates():
            is_done = False
            try:
                records = await self._replay(estate)
                is_done = True
                if records:
                    _log.info("ledger.adopted", records=records)
            finally:
                estate.close(remove=is_done)
        self._adopted_at = monotonic()

    async def _replay(self, source: Segment | Estate) -> int:
        lines, count = source.records(), 0
        while batch := list(islice(lines, self._pace.batch)):
            records = [record for record in batch if record is not None]
            if len(records) < len(batch):
                _log.error("ledger.unreadable", lines=len(batch) - len(records))
            count += await self._inserted(records)
        return count

    async def _inserted(self, records: Sequence[UsageRecord]) -> int:
        """How many are in the database now. Those that it refuses for what is in them are lost."""
        refused = await self._insertion.refused_of(records)
        for reason in refused:
            self._tally.lose(1, reason)
        return len(records) - len(refused)

    def _named(self, record: UsageRecord) -> UsageRecord:
        return msgspec.structs.replace(record, user=self._people.of(record.user)) if record.user else record

    async def _forget(self) -> None:
        if self._retention_days and monotonic() - self._forgot_at >= self._pace.forget_seconds:
            self._step_begins()
            forgotten = await forget_older(self._database, self._retention_days)
            self._forgot_at = monotonic()
            if forgotten:
                _log.info("ledger.forgot", records=forgotten, days=self._retention_days)
