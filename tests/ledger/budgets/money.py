"""Budgets, shares and stores for the tests."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import uuid4

from utils.chat import Origin
from utils.ledger.budgets import Amount, Budgets, BudgetStore, Limit, Purse, PurseState
from utils.ledger.budgets.purse import Hold, Period, Share
from utils.ledger.trouble import StoreTrouble
from utils.registry.budget_config import BudgetConfig

NOON = 1_795_262_400.0
"""The 21st of November 2026 at twelve o'clock in UTC."""
MIDNIGHT = int(NOON) + 43_200
SOMEBODY = Origin(door="poe", bot="Poet", user="u-1")


def budget(**fields: object) -> BudgetConfig:
    return BudgetConfig.model_validate({"scope": "bot", **fields})


def share(tokens: int, *, limit: int = 100, who: str = "", per: str = "day", **fields: object) -> Share:
    period = Period.at(NOON, "month" if per == "month" else "day")
    purse = Purse("bot Poet", "user" if who else "bot", who, period.name)
    return Share(purse, budget(tokens=limit, per=per, **fields), period.ends, Amount(0, tokens))


def hold(*shares: Share, until: float = NOON + 600) -> Hold:
    return Hold(uuid4().hex, shares, until)


def limit(**fields: object) -> Limit:
    return Limit("bot Poet", budget(**fields))


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Away:
    """A store that cannot be reached."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble or StoreTrouble("the PostgreSQL database cannot be used: no connection can be made.")
        self.asked = 0

    async def ready(self) -> None:
        raise self.trouble

    async def reserve(self, hold: Hold, now: float) -> None:
        self.asked += 1
        raise self.trouble

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        raise self.trouble

    async def states(self, now: float) -> list[PurseState]:
        raise self.trouble


async def spent_of(store: BudgetStore, now: float = NOON) -> dict[Purse, Amount]:
    return {state.purse: state.spent for state in await store.states(now)}


async def total(budgets: Budgets) -> tuple[Decimal, int]:
    """All that was spent, in dollars and in tokens."""
    await budgets.settled()
    states = await budgets.state()
    nanos = sum(state.spent.usd for state in states)
    return Decimal(nanos) / 10**9, sum(state.spent.tokens for state in states)
