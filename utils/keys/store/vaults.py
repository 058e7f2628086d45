"""Where the bytes of a store lie. What they mean is for others."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from utils.problems import short_path

from .files import bytes_in, locked, put, stamp_of

Step = Callable[[bytes | None], bytes]
"""From the bytes that were there, or None, to those that shall be there."""


class Vault(Protocol):
    """A place for the bytes of one store. Its failures are `KeyStoreError`s."""

    @property
    def where(self) -> str:
        """How a person calls it; free of secrets."""
        ...

    @property
    def is_near(self) -> bool:
        """Whether reading it is so quick that it may be done on the event loop."""
        ...

    def stamp(self) -> object:
        """Differs when the bytes may have changed. Quick."""
        ...

    def read(self) -> bytes | None:
        """The bytes, or None when nothing was ever stored."""
        ...

    def change(self, step: Step) -> None:
        """Replace the bytes by what the step makes of them. Nobody else changes them meanwhile."""
        ...


class FileVault:
    """A file that only its owner can read."""

    is_near = True

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def where(self) -> str:
        """Its path."""
        return short_path(self._path)

    def stamp(self) -> object:
        """What the file system says of it."""
        return stamp_of(self._path)

    def read(self) -> bytes | None:
        """What the file holds."""
        return bytes_in(self._path)

    def change(self, step: Step) -> None:
        """Write the file anew, under a lock."""
        with locked(self._path):
            put(self._path, step(self.read()))
