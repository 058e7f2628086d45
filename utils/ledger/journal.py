"""The journal: records that are not in the database yet, in files that outlive the process.

A record is in the journal before it counts as taken, and what has begun is there before its record is. One thread
appends, or many; one other looks after the files: it makes the next one before it is needed and removes those whose
records are in the database.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import uuid4

from .estate import Estate, estates_in
from .pace import Pace
from .segment import Segment

_LARGEST_BYTES = 1024 * 1024
_LEFT_OVER_SECONDS = 3600.0


class Journal:
    """A folder of segments. Where none can be made, nothing is taken."""

    def __init__(self, folder: Path, largest_bytes: int = _LARGEST_BYTES, pace: Pace | None = None) -> None:
        self.folder = folder
        self._largest_bytes = largest_bytes
        self._pace = pace or Pace()
        process = f"{os.getpid()}-{uuid4().hex[:8]}"
        self._names = (folder / f"{process}-{number:08}.jsonl" for number in count(1))
        self._active: Segment | None = None
        self._begun_at = 0.0
        self._reserve: Segment | None = None
        self._sealed: list[Segment] = []
        self._open: dict[str, Segment] = {}
        """Where each attempt has begun that is under way."""
        # Held for one append by those who write, and never for longer than that by the one who looks after the files.
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._was_tried = False

    def begin(self, attempt: str, line: bytes) -> bool:
        """Whether the line is there, and will be until the attempt has ended."""
        self._try_once()
        with self._lock:
            segment = self._current()
            if segment is None or not segment.append(line):
                return False
            segment.open[attempt] = line
            self._open[attempt] = segment
            return True

    def append(self, line: bytes, *, is_kept: bool, attempt: str = "") -> Segment | None:
        """Where the record of the attempt is now, or None. `is_kept` says that it waits in memory as well."""
        self._try_once()
        with self._lock:
            segment = self._current()
            if segment is None or not segment.append(line):
                return None
            segment.waiting += is_kept
            segment.spilled += not is_kept
            self._end(attempt)
            return segment

    def make_reserve(self) -> bool:
        """Have the next segment ready, so that nobody has to wait for it; whether it is new. Raises `OSError`."""
        with self._making:
            try:
                if self._reserve is not None:
                    return False
                self.folder.mkdir(parents=True, exist_ok=True)
                self._reserve = Segment(next(self._names))
                return True
            finally:
                self._was_tried = True

    def committed(self, segments: Counter[Segment], unwritten: Iterable[str] = ()) -> None:
        """So many records of these segments are in the database, and those of attempts that were in memory only."""
        with self._lock:
            for attempt in unwritten:
                self._end(attempt)
            for segment, records in segments.items():
                segment.waiting -= records
            self._seal_when_due()

    def done(self) -> list[Segment]:
        """Segments in which nothing waits and nothing will be added: to be replayed where `spilled`, then dropped."""
        with self._lock:
            self._seal_when_due()
            done = [segment for segment in self._sealed if not segment.waiting]
            return [segment for segment in done if not segment.open or self._is_carried_over(segment)]

    def seal(self) -> None:
        """Nothing is added any more to what has been begun."""
        with self._lock:
            self._seal()

    def drop(self, segment: Segment) -> None:
        """Its records are in the database."""
        with self._lock:
            self._sealed.remove(segment)
        segment.close(remove=True)

    @property
    def is_begun(self) -> bool:
        """Whether there is a segment that will be due."""
        return self._active is not None

    def estates(self) -> Iterator[Estate]:
        """What dead processes have left, each locked while it is looked at."""
        yield from estates_in(self.folder)
        for path in self.folder.glob("*.new"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_OVER_SECONDS:
                    path.unlink()

    def close(self) -> int:
        """Give everything up. So many records, which are not in the database, stay for the next process."""
        with self._lock:
            self._seal()
            sealed, self._sealed = self._sealed, []
            reserve, self._reserve = self._reserve, None
            self._was_tried = True
        for segment in sealed:
            segment.close(remove=not (segment.waiting or segment.spilled or segment.open))
        if reserve is not None:
            reserve.close(remove=True)
        with suppress(OSError):
            self.folder.rmdir()
        return sum(segment.waiting + segment.spilled for segment in sealed)

    def _try_once(self) -> None:
        if self._active is None and self._reserve is None and not self._was_tried:
            with suppress(OSError):
                self.make_reserve()

    def _end(self, attempt: str) -> None:
        if segment := self._open.pop(attempt, None):
            segment.open.pop(attempt, None)

    def _is_carried_over(self, segment: Segment) -> bool:
        """Whether what is under way stands in the newest segment, too. What goes on for long must not keep many."""
        if time.monotonic() - segment.sealed_at < self._pace.open_seconds:
            return False
        newest = self._current()
        if newest is None or not newest.append(b"".join(segment.open.values())):
            return False
        newest.open |= segment.open
        self._open |= dict.fromkeys(segment.open, newest)
        segment.open = {}
        return True

    def _current(self) -> Segment | None:
        if self._active is not None and self._active.size >= self._largest_bytes and self._reserve is not None:
            self._seal()
        if self._active is None and self._reserve is not None:
            self._active, self._reserve = self._reserve, None
            self._begun_at = time.monotonic()
        return self._active

    def _seal_when_due(self) -> None:
        if self._reserve is not None and time.monotonic() - self._begun_at >= self._pace.file_seconds:
            self._seal()

    def _seal(self) -> None:
        if self._active is not None:
            self._active.sealed_at = time.monotonic()
            self._sealed.append(self._active)
            self._active = None
