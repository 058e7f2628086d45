"""A file of records, one line each. It belongs to the process that holds its lock, and to nobody when that is dead.

A line is a record, or a list with one: that attempt has begun, and its record will be another line.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from .record import UsageRecord

_PRIVATE = 0o600


class Begun(NamedTuple):
    """An attempt that is under way."""

    record: UsageRecord
    """What is known of it so far."""


Line = UsageRecord | Begun | None
"""None stands for one that cannot be read."""

_DECODER = msgspec.json.Decoder(UsageRecord | Begun)
_BEGINNINGS = (b'{"id":', b'[{"id":')
"""A record without its name would be given a new one, and any object would be a record."""


class Segment:
    """A file that only grows. What `append` has taken is with the operating system and outlives this process."""

    def __init__(self, path: Path) -> None:
        beside = path if sys.platform == "win32" else path.with_suffix(".new")  # it renames nothing that is open
        self.path = path
        self.size = 0
        self.waiting = 0
        """How many of its records are in memory, too, and not yet in the database."""
        self.spilled = 0
        """How many are nowhere else."""
        self.open: dict[str, bytes] = {}
        """The attempts that have begun in it and are still under way, each with its line."""
        self.sealed_at = 0.0
        self._is_torn = False
        self._handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, _PRIVATE)
        try:
            # It gets its name when it is locked: nobody finds it who could take it for a dead man's.
            if not _try_lock(self._handle):
                raise OSError("the lock of a new file is taken")
            os.rename(beside, path)
        except BaseException:
            os.close(self._handle)
            _unlink(beside)
            raise

    def append(self, line: bytes) -> bool:
        """Whether the line is in the file, whole. What was left of one that is not is not taken for a record."""
        whole = b"\n" + line if self._is_torn else line
        try:
            written = os.write(self._handle, whole)
        except OSError:
            return False
        self.size += written
        self._is_torn = written != len(whole)
        return not self._is_torn

    def close(self, *, remove: bool) -> None:
        """Give it up; without `remove` it is there for the next one."""
        # Gone before its lock is: nobody may take it for a dead man's who does not know what else that one has.
        if remove:
            _unlink(self.path)
        with suppress(OSError):
            os.close(self._handle)
        if remove:
            _unlink(self.path)  # Windows lets nobody remove what is open

    def records(self) -> Iterator[UsageRecord | None]:
        """Every record in it, and None for each line that cannot be read."""
        return (line for line in lines_in(self.path) if not isinstance(line, Begun))


class Orphan:
    """A segment whose process is dead, locked by this one."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle

    @classmethod
    def found(cls, path: Path) -> "Orphan | None":
        """The segment at that path; None when its process lives, or somebody else was faster."""
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError:
            return None
        if _try_lock(handle) and os.fstat(handle).st_nlink:  # else it was removed while this one opened it
            return cls(path, handle)
        os.close(handle)
        return None

    def close(self, *, remove: bool) -> None:
        """Give it up; without `remove` it is there for the next one."""
        if remove:
            _unlink(self.path)
        os.close(self._handle)
        if remove:
            _unlink(self.path)  # Windows lets nobody remove what is open

    def lines(self) -> Iterator[Line]:
        """What stands in it."""
        return lines_in(self.path)


def lines_in(path: Path) -> Iterator[Line]:
    """The lines of the file in their order. One without its end was never taken, and is passed over."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            if line == b"\n":
                continue
            try:
                yield _DECODER.decode(line) if line.startswith(_BEGINNINGS) else None
            except (msgspec.DecodeError, ValueError, RecursionError):
                yield None


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


if sys.platform == "win32":

    def _try_lock(handle: int) -> bool:
        import msvcrt

        try:
            os.lseek(handle, 2**30, os.SEEK_SET)  # a byte that nobody reads, for there the lock is one against readers
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
