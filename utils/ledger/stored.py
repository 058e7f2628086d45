"""The ledger that lasts: a record is in the journal when it is taken, and in the database a moment later."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from .database import Database
from .insertion import Priced
from .journal import Journal
from .ledger import LedgerState
from .lines import Lines
from .names import NAMES
from .pace import Pace
from .people import Pseudonyms
from .record import UsageRecord
from .rows import Also, is_finite, readable
from .tally import Tally
from .writer import Writer

_log = structlog.get_logger(__name__)


class StoredLedger:
    """Keeps records in a database. One thread of its own writes them, in an event loop of its own.

    Nothing that happens there, and nothing that does not, delays who writes a record or makes it fail.
    """

    def __init__(
        self,
        database: Database,
        journal: Path,
        people: Pseudonyms | None = None,
        *,
        priced: Priced = lambda record: record,
        also: Sequence[Also] = (),
        retention_days: int = 0,
        pace: Pace | None = None,
    ) -> None:
        self.people = people or Pseudonyms()
        self._where = database.where
        self._pace = pace or Pace()
        self._tally = Tally()
        self._journal = Journal(journal, pace=self._pace)
        self._lines = Lines(self.people)
        self._writer = Writer(
            database, self._journal, self.people, self._tally, priced, also, retention_days, self._pace
        )
        self._queue = self._writer.queue
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_closing = False

    def begin(self, record: UsageRecord) -> None:
        """Note in the journal that it is under way. Where there is no journal, only this process knows of it."""
        try:
            if not self._is_closing:
                is_noted = self._journal.begin(record.id, self._lines.of_begun(record))
                self._tally.journal_takes(lines=is_noted)
        except Exception as exc:  # whatever it is, it must not spoil an answer
            _log.warning("ledger.not_begun", error=type(exc).__name__)

    def write(self, record: UsageRecord) -> None:
        """Take the record. It is in the journal then, or in memory where there is none, or counted as lost."""
        self._tally.taken += 1
        try:
            self._take(record)
        except Exception as exc:  # whatever it is, it must not spoil an answer
            self._tally.lose(1, type(exc).__name__)

    async def open(self) -> None:
        """Return when the database was opened, or could not be. Does not raise: `state` tells."""
        self._start()
        await asyncio.to_thread(self._writer.was_tried.wait, self._pace.closing_seconds)

    def state(self) -> LedgerState:
        """How it fares now. What is in memory only, for want of a journal, does not last."""
        tally = self._tally
        missing = "" if tally.has_journal else "records wait in memory only, for the journal cannot be written"
        problem = " And ".join(filter(None, (tally.problem, missing)))
        queued = len(self._queue)
        return LedgerState(self._where, tally.has_journal, tally.taken, tally.written, tally.lost, queued, problem)

    async def aclose(self) -> None:
        """Write what is still to be written, for as long as `closing_seconds` allow; the rest is in the journal."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._thread is not None:
            self._writer.end_soon()
            await asyncio.to_thread(self._thread.join, self._pace.closing_seconds)
            if self._thread.is_alive():
                self._writer.end_now()
                await asyncio.to_thread(self._thread.join, 1.0)
        self._leave_the_rest()

    def _take(self, record: UsageRecord) -> None:
        if self._is_closing and (self._thread is None or not self._thread.is_alive()):
            self._tally.lose(1, "the server has ended")
            self._tally.say_losses("the server has ended")  # nobody comes later who would
            return
        if not is_finite(record):
            record = readable(record)
        has_room = len(self._queue) < self._pace.most_in_memory
        segment = self._journal.append(self._lines.of(record), is_kept=has_room, attempt=record.id)
        self._tally.journal_takes(lines=segment is not None)
        if has_room:
            self._queue.append((record, segment))
        elif segment is None:
            self._tally.lose(1, "neither the database nor the journal takes any more")
        if self._thread is None:
            self._start()
        else:
            self._writer.wake()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._is_closing:
                NAMES.begin_anew()
                self._thread = threading.Thread(target=self._writer.run, name="ledger", daemon=True)
                self._thread.start()

    def _leave_the_rest(self) -> None:
        """What is in the journal is there for the next process; what is not ends with this one."""
        if self._thread is not None and not self._thread.is_alive():
            self._writer.secure()
        if rest := sum(segment is None for _, segment in self._queue):
            self._tally.lose(rest, "the server has ended before the database took them")
        self._tally.say_losses("the server has ended")
        if left := self._journal.close():
            _log.warning("ledger.left", records=left, why="they are in the journal, for the next start to write")
