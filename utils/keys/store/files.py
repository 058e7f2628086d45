"""Files that are whole or not there: written beside, made durable, and put into place; one writer at a time."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from utils.errors import KeyStoreError
from utils.problems import short_path

_PRIVATE = 0o600
_LONGEST_WAIT_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.02


def bytes_in(path: Path) -> bytes | None:
    """What the file holds, or None when there is none. Raises `KeyStoreError` when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise KeyStoreError(f"{short_path(path)} cannot be read: {exc.strerror or type(exc).__name__}.") from exc


def stamp_of(path: Path) -> object:
    """Differs when the file has changed, by what the file system says of it."""
    try:
        status = os.stat(path)  # every question asks for it, and `Path.stat` takes twice as long
    except OSError as exc:
        return type(exc)
    return status.st_mtime_ns, status.st_size, status.st_ino


def put(path: Path, content: bytes) -> None:
    """Make this the content of the file, which only its owner can read. Whoever looks sees the old or the new.

    To be called under a lock: what a killed process leaves beside the file is taken away by the next one.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        _make_durable(path.parent)
    except OSError as exc:
        raise KeyStoreError(f"{short_path(path)} cannot be written: {exc.strerror or type(exc).__name__}.") from exc


def move(source: Path, target: Path) -> None:
    """Put one file in the place of another."""
    try:
        os.replace(source, target)
        _make_durable(target.parent)
    except OSError as exc:
        raise KeyStoreError(f"{short_path(target)} cannot be written: {exc.strerror or type(exc).__name__}.") from exc


def remove(path: Path) -> None:
    """Make sure that the file is not there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as exc:
        raise KeyStoreError(f"{short_path(path)} cannot be removed: {exc.strerror or type(exc).__name__}.") from exc


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process, and one thread in it, at a time: by a lock on a file beside this one, which stays there."""
    beside = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, _PRIVATE)
    except OSError as exc:
        raise KeyStoreError(f"{short_path(beside)} cannot be written: {exc.strerror or type(exc).__name__}.") from exc
    try:
        _wait_for(handle, beside)
        yield
    finally:
        os.close(handle)  # which also gives the lock back


def _wait_for(handle: int, path: Path) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            raise KeyStoreError(f"{short_path(path)} is held by another program. Try again when that one is done.")
        time.sleep(_LOOK_AGAIN_SECONDS)


if sys.platform == "win32":

    def _try_lock(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _make_durable(folder: Path) -> None:
        """Windows has no such thing for a folder."""

else:

    def _try_lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _make_durable(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
