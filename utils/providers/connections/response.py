"""What comes back for a question, as those see it who have asked."""

from collections.abc import Mapping
from typing import Protocol


class NotHttp(OSError):
    """What came is no proper response. Nobody knows what the provider has done."""


class Response(Protocol):
    """A response whose head has come. Whoever gets it closes it."""

    @property
    def status(self) -> int:
        """The number that says what became of the question."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By their names in small letters; of several with one name the first."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether all of the body has come, though it may not all have been read."""
        ...

    async def read(self) -> bytes:
        """All that has come since the last time, as soon as there is anything; nothing at the end of the body.

        Raises an OSError where the body ends before its end, or where nothing comes for too long.
        """
        ...

    def close(self) -> None:
        """Be done with it. Its connection is kept where all has come, and ended where something is missing."""
        ...
