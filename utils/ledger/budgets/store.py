"""The seam: where it is written down what was spent and what is reserved. And the store of a single process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .book import Book, Refusal
from .purse import Amount, Hold, PurseState, Share

_HOUR = 3600


class BudgetStore(Protocol):
    """Keeps purses. Each step is done as a whole or not at all, whoever else takes one at the same time."""

    async def ready(self) -> None:
        """It can be used at once from now on. Raises `StoreTrouble`."""
        ...

    async def reserve(self, hold: Hold, now: float) -> Refusal | None:
        """All shares are reserved, and None; or none is. What was held by those who died is free again by then."""
        ...

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """The shares are given back and so much was spent instead. Those whose threshold was reached by that."""
        ...

    async def states(self, now: float) -> list[PurseState]:
        """The purses of the periods that are under way."""
        ...


@dataclass
class InMemory:
    """Correct within one process, and forgotten with it. No step waits, so none comes between another's."""

    book: Book = field(default_factory=Book)
    holds: dict[str, Hold] = field(default_factory=dict)
    next_sweep: float = 0.0

    async def ready(self) -> None:
        """It always is."""

    async def reserve(self, hold: Hold, now: float) -> Refusal | None:
        """All shares are reserved, or none is."""
        self._sweep(now)
        refusal = self.book.reserve(hold)
        if refusal is not None and self._free_the_dead(now):
            refusal = self.book.reserve(hold)
        if refusal is None:
            self.holds[hold.id] = hold
        return refusal

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """The shares are given back and so much was spent instead."""
        if self.holds.pop(hold.id, None):
            self.book.give_back(hold)
        return self.book.spend(hold, spent)

    async def states(self, now: float) -> list[PurseState]:
        """The purses of the periods that are under way."""
        return [
            PurseState(purse, page.ends, page.spent, page.reserved, page.limit, page.has_warned)
            for purse, page in sorted(self.book.pages.items())
            if page.ends > now
        ]

    def _sweep(self, now: float) -> None:
        """Now and then forget what is long over."""
        if now < self.next_sweep:
            return
        self.next_sweep = now + _HOUR
        for old in [purse for purse, page in self.book.pages.items() if page.ends + _HOUR < now]:
            del self.book.pages[old]

    def _free_the_dead(self, now: float) -> bool:
        dead = [hold for hold in self.holds.values() if hold.until < now]
        for hold in dead:
            del self.holds[hold.id]
            self.book.give_back(hold)
        return bool(dead)
