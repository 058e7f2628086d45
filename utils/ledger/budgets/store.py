"""The seam: where it is written down what was spent and what is reserved. And the store of a single process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from .purse import NO_AMOUNT, Amount, Hold, Purse, PurseState, Share

_HOUR = 3600


class Refusal(NamedTuple):
    """A share that cannot be had."""

    share: Share
    is_spent: bool
    """Whether it is used up; else answers that are under way have reserved what is left."""


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
class _Row:
    ends: int
    spent: Amount = NO_AMOUNT
    reserved: Amount = NO_AMOUNT
    limit: tuple[int | None, int | None] = (None, None)
    has_warned: bool = False


@dataclass
class InMemory:
    """Correct within one process, and forgotten with it. No step waits, so none comes between another's."""

    rows: dict[Purse, _Row] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    next_sweep: float = 0.0

    async def ready(self) -> None:
        """It always is."""

    async def reserve(self, hold: Hold, now: float) -> Refusal | None:
        """All shares are reserved, or none is."""
        self._sweep(now)
        refused = self._refused(hold, now)
        if refused is not None and self._free_the_dead(now):
            refused = self._refused(hold, now)
        if refused is not None:
            return refused
        self.holds[hold.id] = hold
        for share in hold.shares:
            row = self.rows[share.purse]
            row.reserved = _sum(row.reserved, share.amount)
        return None

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """The shares are given back and so much was spent instead."""
        if self.holds.pop(hold.id, None):
            self._give_back(hold)
        warned = []
        for share, amount in zip(hold.shares, spent, strict=True):
            row = self._row(share)
            row.spent = _sum(row.spent, amount)
            if not row.has_warned and share.warns_at(row.spent):
                row.has_warned = True
                warned.append(share)
        return warned

    async def states(self, now: float) -> list[PurseState]:
        """The purses of the periods that are under way."""
        return [
            PurseState(purse, row.ends, row.spent, row.reserved, row.limit, row.has_warned)
            for purse, row in sorted(self.rows.items())
            if row.ends > now
        ]

    def _refused(self, hold: Hold, now: float) -> Refusal | None:
        for share in hold.shares:
            row = self._row(share)
            row.limit = share.limit
            if not share.is_admitted(row.spent, row.reserved):
                return Refusal(share, share.is_spent_at(row.spent))
        return None

    def _row(self, share: Share) -> _Row:
        if share.purse not in self.rows:
            self.rows[share.purse] = _Row(share.ends, limit=share.limit)
        return self.rows[share.purse]

    def _sweep(self, now: float) -> None:
        """Now and then forget what is long over."""
        if now < self.next_sweep:
            return
        self.next_sweep = now + _HOUR
        for old in [purse for purse, row in self.rows.items() if row.ends + _HOUR < now]:
            del self.rows[old]

    def _free_the_dead(self, now: float) -> bool:
        dead = [hold for hold in self.holds.values() if hold.until < now]
        for hold in dead:
            del self.holds[hold.id]
            self._give_back(hold)
        return bool(dead)

    def _give_back(self, hold: Hold) -> None:
        for share in hold.shares:
            if row := self.rows.get(share.purse):
                row.reserved = Amount(
                    max(row.reserved.usd - share.amount.usd, 0), max(row.reserved.tokens - share.amount.tokens, 0)
                )


def _sum(one: Amount, other: Amount) -> Amount:
    return Amount(one.usd + other.usd, one.tokens + other.tokens)
