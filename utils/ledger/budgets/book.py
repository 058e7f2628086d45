"""The rules by which money is reserved and counted, wherever purses are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .purse import NO_AMOUNT, Amount, Hold, Purse, Share


class Refusal(NamedTuple):
    """A share that cannot be had."""

    share: Share
    is_spent: bool
    """Whether it is used up; else answers that are under way have reserved what is left."""


@dataclass
class Page:
    """What is known of one purse."""

    ends: int
    spent: Amount = NO_AMOUNT
    reserved: Amount = NO_AMOUNT
    limit: tuple[int | None, int | None] = (None, None)
    has_warned: bool = False


@dataclass
class Book:
    """The pages of some purses. Nobody else may change them meanwhile."""

    pages: dict[Purse, Page] = field(default_factory=dict)

    def reserve(self, hold: Hold) -> Refusal | None:
        """All shares are reserved, or none is."""
        for share in hold.shares:
            page = self.page_of(share)
            page.limit = share.limit
            if not share.is_admitted(page.spent, page.reserved):
                return Refusal(share, share.is_spent_at(page.spent))
        for share in hold.shares:
            page = self.page_of(share)
            page.reserved = _sum(page.reserved, share.amount)
        return None

    def give_back(self, hold: Hold) -> None:
        """Nothing of it is reserved any more."""
        for share in hold.shares:
            self.put_back(share.purse, share.amount)

    def put_back(self, purse: Purse, amount: Amount) -> None:
        """So much is not reserved any more."""
        if page := self.pages.get(purse):
            page.reserved = _less(page.reserved, amount)

    def spend(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """So much was spent. Those whose threshold is reached by that."""
        return [share for share, amount in zip(hold.shares, spent, strict=True) if self._reaches(share, amount)]

    def page_of(self, share: Share) -> Page:
        """The page of its purse, which is begun where there is none."""
        if share.purse not in self.pages:
            self.pages[share.purse] = Page(share.ends, limit=share.limit)
        return self.pages[share.purse]

    def _reaches(self, share: Share, amount: Amount) -> bool:
        page = self.page_of(share)
        page.spent = _sum(page.spent, amount)
        if page.has_warned or not share.warns_at(page.spent):
            return False
        page.has_warned = True
        return True


def _sum(one: Amount, other: Amount) -> Amount:
    return Amount(one.usd + other.usd, one.tokens + other.tokens)


def _less(one: Amount, other: Amount) -> Amount:
    return Amount(max(one.usd - other.usd, 0), max(one.tokens - other.tokens, 0))
