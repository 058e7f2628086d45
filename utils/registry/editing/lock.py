"""One writer at a time, across processes: a lock file beside the file, which says who holds it."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from utils.errors import EditRefused
from utils.problems import short_path

_LOOK_AGAIN_SECONDS = 0.02

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, wait_seconds: float) -> Iterator[None]:
    """The file is ours while the block runs. Raises `EditRefused` when another process does not let go of it."""
    lock = path.parent / f".{path.name}.lock"
    handle = _handle(lock, path, time.monotonic() + wait_seconds)
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} since {time.strftime('%H:%M:%S')}".encode())
        yield
    finally:
        # Before it is let go: who waits for it looks whether it still lies there.
        if sys.platform != "win32":
            lock.unlink(missing_ok=True)
        os.close(handle)


def _handle(lock: Path, path: Path, deadline: float) -> int:
    while True:
        handle = _opened(lock, path)
        try:
            _take(handle)
            if _still_lies_there(handle, lock):
                return handle
        except OSError:
            if time.monotonic() >= deadline:
                holder = _holder(handle)
                os.close(handle)
                raise EditRefused(
                    f"{short_path(path)} is being changed by another program ({holder}); try again when it is done.",
                    reason="busy",
                ) from None
            time.sleep(_LOOK_AGAIN_SECONDS)
        os.close(handle)


def _opened(lock: Path, path: Path) -> int:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        why = (exc.strerror or type(exc).__name__).lower()
        raise EditRefused(f"{short_path(path)} cannot be changed: {why}.", reason="unwritable") from exc


def _still_lies_there(handle: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False


def _holder(handle: int) -> str:
    try:
        return os.pread(handle, 100, 0).decode(errors="replace") or "unknown"
    except (AttributeError, OSError):  # Windows has no `pread`, and does not show what is locked
        return "unknown"
