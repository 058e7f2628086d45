"""What a question takes from the budgets that it has to keep: reserved before it is asked, settled after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from utils.chat import Origin, Usage
from utils.registry.budget_config import BudgetConfig
from utils.registry.budget_words import budgets_in

from ..prices import Prices, possible
from .budgets import Budgets, Limit, Ticket
from .purse import Amount, nano

_MILLION = 1_000_000
_MOST_TOKENS = 10**12
_MOST_USD = Decimal(10**6)
"""Of one answer. What is more than that is a mistake of whoever counted, and would not fit into the sums."""


@dataclass(frozen=True)
class Till:
    """The budgets of one model of one provider, whoever asks it."""

    name: str
    """Of the provider."""
    model: str | None
    limits: tuple[Limit, ...]
    """Those that every question has to keep. A client of the API brings its own ones."""
    budgets: Budgets
    prices: Prices
    held_for: float
    """Seconds after which a reservation is void that nobody has settled."""

    def limits_for(self, origin: Origin) -> tuple[Limit, ...]:
        """What a question from there has to keep."""
        return (*self.limits, *limits_of(origin.client, origin.allowance)) if origin.allowance else self.limits

    async def reserve(self, limits: Sequence[Limit], expected: Usage, origin: Origin) -> "Reserved":
        """The money for one answer. Raises a `BudgetSpent` or another of the refusals."""
        if not limits:
            return Reserved(self, limits, None)
        amounts = await self.worth(limits, expected, None)
        ticket = await self.budgets.reserve(limits, amounts, origin, self.name, self.held_for)
        return Reserved(self, limits, ticket)

    async def worth(self, limits: Sequence[Limit], usage: Usage, answered_by: str | None) -> list[Amount]:
        """What that takes from each purse."""
        cost = None
        if any(limit.budget.usd is not None for limit in limits):
            await self.prices.loaded()
            cost, _ = self.prices.cost(self.name, self.model, usage, answered_by)
        counted = possible(usage)
        tokens = min(counted.input_tokens + counted.output_tokens, _MOST_TOKENS)
        return [Amount(nano(min(_price(limit.budget, cost, tokens), _MOST_USD)), tokens) for limit in limits]


@dataclass(frozen=True)
class Reserved:
    """What is reserved for one answer. It is settled once."""

    till: Till
    limits: Sequence[Limit]
    ticket: Ticket | None

    def settle(self, used: Usage | None, answered_by: str | None = None) -> None:
        """So much was used; None is nothing. It is written down in the background."""
        if self.ticket is None:
            return
        if used is None:
            self.till.budgets.release(self.ticket)
        else:
            self.till.budgets.settle_with(self.ticket, self.till.worth(self.limits, used, answered_by))


@lru_cache(1024)
def limits_of(client: str, allowance: str) -> tuple[Limit, ...]:
    """The budgets of a client of the API."""
    return tuple(Limit(f"client {client}", budget) for budget in budgets_in(allowance))


def _price(budget: BudgetConfig, cost: Decimal | None, tokens: int) -> Decimal:
    if budget.usd is None:
        return Decimal(0)
    return (budget.unknown_price or Decimal(0)) * tokens / _MILLION if cost is None else cost
