"""The seam: where records go."""

from typing import Protocol

from .record import UsageRecord


class Ledger(Protocol):
    """Keeps records. Writing never waits and never fails."""

    def write(self, record: UsageRecord) -> None:
        """Take the record; it is safe from now on, or counted as lost."""
        ...

    async def aclose(self) -> None:
        """Bring everything that was taken to where it is kept."""
        ...


class Forgetful:
    """A ledger that keeps nothing."""

    def write(self, record: UsageRecord) -> None:
        """Forget it."""

    async def aclose(self) -> None:
        """Nothing is open."""
