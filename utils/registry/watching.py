"""Tells when the files of the configuration have changed, however an editor goes about it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

_SETTLED_MS = 100
"""An editor writes a file in several steps; what follows within this time belongs to the same change."""

_Stamp = tuple[str, int, int, int] | None
_Folder = tuple[Path, int]


class WatchedFiles:
    """Some files, and what they held when they were last looked at."""

    def __init__(self, paths: Sequence[Path], look_anyway_seconds: float = 2.0) -> None:
        """Where nobody tells of changes, as on some network drives, they are looked for every so often."""
        self._paths = tuple(paths)
        self._look_anyway_seconds = look_anyway_seconds
        self._stamps = self._stamps_now()
        self._contents = self._contents_now()

    async def changes(self) -> AsyncGenerator[None, None]:
        """Gives once for each time that a file holds something else than before, has gone or has come back."""
        is_told = False
        while True:
            try:
                folders = self._folders()
                async for _ in _news(folders, self._look_anyway_seconds):
                    is_told = False
                    if self._have_changed():
                        yield
                    if self._folders() != folders:
                        break
            except (OSError, RuntimeError) as exc:  # too many watches, or no folder; watchfiles says both ways
                if not is_told:
                    _log.warning(
                        "config.not_watched", reason=type(exc).__name__, looked_every=self._look_anyway_seconds
                    )
                is_told = True
                await asyncio.sleep(self._look_anyway_seconds)
                if self._have_changed():
                    yield

    def _have_changed(self) -> bool:
        stamps = self._stamps_now()
        if stamps == self._stamps:
            return False
        before, self._contents, self._stamps = self._contents, self._contents_now(), stamps
        return self._contents != before

    def _folders(self) -> set[_Folder]:
        """Those in which the files stand, and those in which what they are links to stands; a new one is another."""
        files = (place for path in self._paths for place in (path, path.resolve()))
        return {(file.parent, file.parent.stat().st_ino) for file in files}

    def _stamps_now(self) -> list[_Stamp]:
        return [_stamp_of(path) for path in self._paths]

    def _contents_now(self) -> list[bytes | None]:
        return [_content_of(path) for path in self._paths]


async def _news(folders: set[_Folder], look_anyway_seconds: float) -> AsyncGenerator[None, None]:
    from watchfiles import awatch

    looking = awatch(
        *(folder for folder, _ in folders),
        watch_filter=None,
        recursive=False,
        step=_SETTLED_MS,
        rust_timeout=int(look_anyway_seconds * 1000),
        yield_on_timeout=True,
    )
    async for _ in looking:
        yield


def _stamp_of(path: Path) -> _Stamp:
    try:
        real = path.resolve()
        seen = real.stat()
    except (OSError, RuntimeError):  # gone, or links that lead in a circle
        return None
    return str(real), seen.st_ino, seen.st_mtime_ns, seen.st_size


def _content_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
