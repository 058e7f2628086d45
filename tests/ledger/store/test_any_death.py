"""Whenever a process dies, also while its disk is full: each attempt that it has noted has one record then."""

import errno
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.store.deaths import LINES, as_a_kill_leaves_it, attempt, left_in, over
from utils.ledger import UsageRecord
from utils.ledger.journal import Journal
from utils.ledger.pace import Pace
from utils.ledger.record import SERVER_DIED
from utils.ledger.segment import Segment


class Disk:
    """Has room, or takes nothing of a line, or only its beginning."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self._write = os.write
        patch.setattr(os, "write", self.write)

    def write(self, handle: int, data: bytes) -> int:
        if not self.is_full:
            return self._write(handle, data)
        if len(data) % 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(handle, data[:9])


class Life:
    """A process that takes attempts, with a database that is a mapping."""

    def __init__(self, journal: Path, disk: Disk) -> None:
        self.journal = Journal(journal, largest_bytes=600, pace=Pace(open_seconds=0, file_seconds=0))
        self.journal.make_reserve()
        self.disk = disk
        self.under_way: list[UsageRecord] = []
        self.noted: set[str] = set()
        self.in_journal: set[str] = set()
        self.in_memory: list[tuple[UsageRecord, Segment | None]] = []
        self.database: dict[str, UsageRecord] = {}

    def begin(self) -> None:
        begun = attempt()
        self.under_way.append(begun)
        if self.journal.begin(begun.id, LINES.of_begun(begun)):
            self.noted.add(begun.id)

    def end(self, *, is_kept: bool = True) -> None:
        if not self.under_way:
            return
        record = over(self.under_way.pop(0))
        segment = self.journal.append(LINES.of(record), is_kept=is_kept, attempt=record.id)
        if segment is not None:
            self.in_journal.add(record.id)
        if is_kept:
            self.in_memory.append((record, segment))

    def spill(self) -> None:
        self.end(is_kept=False)

    def commit(self) -> None:
        if self.in_memory:
            record, segment = self.in_memory.pop(0)
            self.database.setdefault(record.id, record)
            self.journal.committed(Counter([segment] if segment else []), [] if segment else [record.id])

    def look(self) -> None:
        self.journal.make_reserve()
        for segment in self.journal.done():
            for record in segment.records():
                if record is not None:
                    self.database.setdefault(record.id, record)
            self.journal.drop(segment)

    def fill(self) -> None:
        self.disk.is_full = True

    def clear(self) -> None:
        self.disk.is_full = False

    def known_after_death(self, folder: Path) -> dict[str, UsageRecord]:
        """What the database would have after the next start: what is there already stays."""
        return left_in(as_a_kill_leaves_it(self.journal.folder, folder)) | self.database


STEPS = [Life.begin, Life.end, Life.spill, Life.commit, Life.look, Life.fill, Life.clear]


@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
@settings(max_examples=200, deadline=None)
def test_each_attempt_that_was_noted_has_one_record_whenever_its_process_dies(steps):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        life = Life(Path(name) / "journal", Disk(patch))
        for step in steps:
            step(life)

            known = life.known_after_death(Path(name))
            assert set(known) == life.noted | life.in_journal | set(life.database)
            assert {known[each].outcome for each in life.in_journal} <= {"answered"}
            assert {known[each.id].error for each in life.under_way if each.id in known} <= {SERVER_DIED}
        life.clear()
        life.journal.close()
