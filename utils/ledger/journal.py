"""The journal: records that are not in the database yet, in files that outlive the process.

A record is in the journal before it counts as taken. One thread appends, or many; one other looks after the files: it
makes the next one before it is needed and removes those whose records are in the database.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import uuid4

from .segment import Orphan, Segment

_LARGEST_BYTES = 1024 * 1024
_LONGEST_SECONDS = 5.0
_LEFT_OVER_SECONDS = 3600.0


class Journal:
    """A folder of segments. Where none can be made, nothing is taken."""

    def __init__(self, folder: Path, largest_bytes: int = _LARGEST_BYTES) -> None:
        self.folder = folder
        self._largest_bytes = largest_bytes
        self._names = (folder / f"{os.getpid()}-{uuid4().hex[:8]}-{number}.jsonl" for number in count(1))
        self._active: Segment | None = None
        self._begun_at = 0.0
        self._reserve: Segment | None = None
        self._sealed: list[Segment] = []
        # Held for one append by those who write, and never for longer than that by the one who looks after the files.
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._was_tried = False

    def append(self, line: bytes, *, is_kept: bool) -> Segment | None:
        """Where the line is now, or None. `is_kept` says that its record waits in memory as well."""
        if self._active is None and self._reserve is None and not self._was_tried:
            with suppress(OSError):
                self.make_reserve()
        with self._lock:
            segment = self._current()
            if segment is None or not segment.append(line):
                return None
            segment.waiting += is_kept
            segment.spilled += not is_kept
            return segment

    def make_reserve(self) -> None:
        """Have the next segment ready, so that nobody has to wait for it. Raises `OSError`."""
        with self._making:
            try:
                if self._reserve is None:
                    self.folder.mkdir(parents=True, exist_ok=True)
                    self._reserve = Segment(next(self._names))
            finally:
                self._was_tried = True

    def committed(self, segments: Counter[Segment]) -> None:
        """So many records of these segments are in the database."""
        with self._lock:
            for segment, records in segments.items():
                segment.waiting -= records
            self._seal_when_due()

    def done(self) -> list[Segment]:
        """Segments in which nothing waits and nothing will be added: to be replayed where `spilled`, then dropped."""
        with self._lock:
            self._seal_when_due()
            return [segment for segment in self._sealed if not segment.waiting]

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

    def orphans(self) -> Iterator[Orphan]:
        """The segments of dead processes, each locked while it is looked at."""
        for path in sorted(self.folder.glob("*.jsonl")):
            if (orphan := Orphan.found(path)) is not None:
                yield orphan
        for path in self.folder.glob("*.new"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_OVER_SECONDS:
                    path.unlink()

    def close(self) -> None:
        """Give everything up. What is not in the database stays for the next process."""
        with self._lock:
            self._seal()
            sealed, self._sealed = self._sealed, []
            reserve, self._reserve = self._reserve, None
            self._was_tried = True
        for segment in sealed:
            segment.close(remove=not segment.waiting and not segment.spilled)
        if reserve is not None:
            reserve.close(remove=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _current(self) -> Segment | None:
        if self._active is not None and self._active.size >= self._largest_bytes and self._reserve is not None:
            self._seal()
        if self._active is None and self._reserve is not None:
            self._active, self._reserve = self._reserve, None
            self._begun_at = time.monotonic()
        return self._active

    def _seal_when_due(self) -> None:
        if self._reserve is not None and time.monotonic() - self._begun_at >= _LONGEST_SECONDS:
            self._seal()

    def _seal(self) -> None:
        if self._active is not None:
            self._sealed.append(self._active)
            self._active = None
