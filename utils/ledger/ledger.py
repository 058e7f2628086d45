"""The seam: where records go."""

from dataclasses import dataclass
from typing import Protocol

from .people import Pseudonyms
from .record import UsageRecord


@dataclass(frozen=True)
class LedgerState:
    """How a ledger fares. Counts are of this process, since its start."""

    where: str
    """What keeps the records, in a few words without an address."""
    durable: bool
    """Whether what is taken outlives the process."""
    taken: int = 0
    written: int = 0
    """Those that are where they are kept."""
    lost: int = 0
    queued: int = 0
    """Those that wait in memory."""
    problem: str = ""
    """What keeps them from being written now, or why they do not last; empty where all is well."""

    @property
    def trouble(self) -> str:
        """What its owner should look after; nothing where it is as it was set up to be."""
        if self.lost:
            return f"Records of the ledger that are lost: {self.lost}. {self.problem}".strip()
        waiting = self.taken - self.written
        return f"Records wait for the ledger: {waiting}. {self.problem}" if self.problem and waiting > 0 else ""


class Ledger(Protocol):
    """Keeps records. Writing never waits and never fails."""

    people: Pseudonyms
    """The names under which it knows people."""

    def begin(self, record: UsageRecord) -> None:
        """An attempt is under way, of which this is known. Should the process be killed, that is its record.

        When it ends, `write` is called with the same id.
        """
        ...

    def write(self, record: UsageRecord) -> None:
        """Take the record; it is safe from now on, or counted as lost."""
        ...

    async def open(self) -> None:
        """Make ready what the first record would have to wait for. Does not fail either: `state` tells."""
        ...

    def state(self) -> LedgerState:
        """How it fares now."""
        ...

    async def aclose(self) -> None:
        """Bring everything that was taken to where it is kept."""
        ...


class Forgetful:
    """A ledger that keeps nothing."""

    def __init__(self) -> None:
        self.people = Pseudonyms.of_this_process()

    def begin(self, record: UsageRecord) -> None:
        """Nobody will ask."""

    def write(self, record: UsageRecord) -> None:
        """Forget it."""

    async def open(self) -> None:
        """There is nothing to open."""

    def state(self) -> LedgerState:
        """Always the same."""
        return LedgerState("nowhere", durable=False, problem="LEDGER=off: nothing is kept")

    async def aclose(self) -> None:
        """Nothing is open."""
