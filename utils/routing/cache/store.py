"""The answers that are kept, in a bounded piece of memory, and the flights that bring new ones."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from .flight import Flight

ENTRY_BYTES = 640
"""What an answer takes in memory beside its bytes: its key, its entry, and its places in the two orders."""


@dataclass
class Counts:
    """What has happened since the start."""

    hits: int = 0
    misses: int = 0
    joined: int = 0
    """Questions that were on their way already, and had their answer from there."""
    stored: int = 0
    evicted: int = 0
    """Answers that were given up, still good, to make room."""


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    stored_at: float
    ttl_seconds: float

    @property
    def size(self) -> int:
        return len(self.data) + ENTRY_BYTES


class AnswerStore:
    """Answers by their key: the least recently used go first when it is full, and each when its time is over.

    One for the whole server, in its event loop. It outlives the configuration, whose times are looked at anew with
    every question.
    """

    def __init__(
        self,
        max_bytes: int = 64 * 1024 * 1024,
        max_answer_bytes: int = 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_bytes = max_bytes
        self.max_answer_bytes = max_answer_bytes
        self.counts = Counts()
        self.bytes = 0
        """How much memory the answers take now."""
        self.flights: dict[bytes, Flight] = {}
        """The questions that are on their way and may be joined."""
        self._clock = clock
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._by_ttl: dict[float, OrderedDict[bytes, None]] = {}

    @property
    def answers(self) -> int:
        """How many answers are kept now."""
        return len(self._entries)

    def get(self, key: bytes, ttl_seconds: float) -> bytes | None:
        """The answer, when there is one that is younger than this."""
        self._drop_old()
        entry = self._entries.get(key)
        if entry is None or self._clock() - entry.stored_at >= ttl_seconds:
            return None
        self._entries.move_to_end(key)
        return entry.data

    def put(self, key: bytes, data: bytes, ttl_seconds: float) -> None:
        """Keep the answer in the place of an older one, unless it is too large."""
        self._drop_old()
        entry = _Entry(data, self._clock(), ttl_seconds)
        if len(data) > self.max_answer_bytes or entry.size > self.max_bytes:
            return
        if key in self._entries:
            self._drop(key)
        while self.bytes + entry.size > self.max_bytes:
            self._drop(next(iter(self._entries)))
            self.counts.evicted += 1
        self._entries[key] = entry
        self._by_ttl.setdefault(ttl_seconds, OrderedDict())[key] = None
        self.bytes += entry.size
        self.counts.stored += 1

    def clear(self) -> None:
        """Forget all answers; those on their way are kept when they come."""
        for key in tuple(self._entries):
            self._drop(key)

    def _drop_old(self) -> None:
        # What is kept for the same time gets old in the order in which it came.
        now = self._clock()
        for ttl_seconds, keys in tuple(self._by_ttl.items()):
            while keys and now - self._entries[key := next(iter(keys))].stored_at >= ttl_seconds:
                self._drop(key)

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key)
        self.bytes -= entry.size
        keys = self._by_ttl[entry.ttl_seconds]
        del keys[key]
        if not keys:
            del self._by_ttl[entry.ttl_seconds]
