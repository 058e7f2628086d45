"""Whose money it is, for which period, and how much of it an answer asks for.

Money is in billionths of a dollar, so that sums are exact everywhere. Periods are those of the calendar in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Literal, NamedTuple

from utils.registry.budget_config import BudgetConfig

NANO = 1_000_000_000

Per = Literal["day", "month"]


class Period(NamedTuple):
    """A day such as `2026-11-21`, or a month such as `2026-11`."""

    name: str
    ends: int
    """The second since 1970 with which the next one begins."""

    @classmethod
    def at(cls, moment: float, per: Per) -> "Period":
        """The period of this moment, which is in seconds since 1970."""
        now = datetime.fromtimestamp(moment, UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if per == "day":
            return cls(f"{now:%Y-%m-%d}", int(midnight.timestamp()) + 86_400)
        following = midnight.replace(year=now.year + now.month // 12, month=now.month % 12 + 1, day=1)
        return cls(f"{now:%Y-%m}", int(following.timestamp()))

    @property
    def next_begins(self) -> str:
        """When that is, in words that are read in every language."""
        return f"{datetime.fromtimestamp(self.ends, UTC):%Y-%m-%d %H:%M} UTC"


class Purse(NamedTuple):
    """What is counted by itself."""

    owner: str
    """Whose entry the budget stands in: `bot Poet`, `provider openai`, `client my-app`; empty for what all share."""
    scope: str
    who: str
    """The bot, the provider, the client, or the person's hashed id, where the scope tells several apart."""
    period: str


class Amount(NamedTuple):
    """Money and tokens."""

    usd: int = 0
    tokens: int = 0


NO_AMOUNT = Amount()


@dataclass(frozen=True)
class Share:
    """What one answer takes from one purse."""

    purse: Purse
    budget: BudgetConfig
    ends: int
    """When the period of the purse is over, in seconds since 1970."""
    amount: Amount

    @property
    def limit(self) -> tuple[int | None, int | None]:
        """How much may be spent of money and of tokens; None is as much as one likes."""
        return None if self.budget.usd is None else nano(self.budget.usd), self.budget.tokens

    def warns_at(self, spent: Amount) -> bool:
        """Whether so much is worth a warning."""
        pairs = zip(spent, self.limit, strict=True)
        return any(limit is not None and used >= limit * self.budget.warn_at for used, limit in pairs)

    def is_spent_at(self, spent: Amount) -> bool:
        """Whether nothing is left."""
        return any(limit is not None and used >= limit for used, limit in zip(spent, self.limit, strict=True))

    def is_admitted(self, spent: Amount, reserved: Amount) -> bool:
        """Whether the answer may begin: its share is left, or something is and nobody else has a claim on it.

        So the last answer of a period may cost more than what is left, but there is only one such.
        """
        return all(
            limit is None or (used < limit and (held == 0 or used + held + wanted <= limit))
            for used, held, wanted, limit in zip(spent, reserved, self.amount, self.limit, strict=True)
        )


@dataclass(frozen=True)
class Hold:
    """What is reserved for one answer."""

    id: str
    shares: tuple[Share, ...]
    until: float
    """When it is void, because whoever holds it must have died."""


@dataclass(frozen=True)
class PurseState:
    """A purse at one moment."""

    purse: Purse
    ends: int
    spent: Amount
    reserved: Amount
    limit: tuple[int | None, int | None]
    has_warned: bool


def nano(usd: Decimal) -> int:
    """Dollars as billionths of one, rounded up."""
    with localcontext() as context:
        context.prec = 60
        return int((usd * NANO).to_integral_value(ROUND_CEILING))
