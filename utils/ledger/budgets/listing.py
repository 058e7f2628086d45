"""The budgets of a server as its owner sees them: what may be spent, and what was in the period that is under way."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ..summaries.money import money
from .budgets import Limit
from .purse import NANO, NO_AMOUNT, Amount, Period, Purse, PurseState


def listed(limits: Iterable[Limit], states: Iterable[PurseState], now: float) -> list[dict[str, Any]]:
    """A line for each purse, the fullest first. A budget of which nobody has spent anything has a line, too."""
    purses: dict[tuple[str, str, str], list[PurseState]] = {}
    for state in states:
        purses.setdefault(_place(state.purse), []).append(state)
    lines = [line for limit in dict.fromkeys(limits) for line in _lines(limit, purses, now)]
    return sorted(lines, key=lambda line: (-line["share"], line["entry"], line["whose"] or ""))


def _place(purse: Purse) -> tuple[str, str, str]:
    return purse.owner, purse.scope, "month" if len(purse.period) == len("2026-11") else "day"


def _lines(limit: Limit, purses: dict[tuple[str, str, str], list[PurseState]], now: float) -> Iterator[dict[str, Any]]:
    period = Period.at(now, limit.budget.per)
    owner = "" if limit.scope == "all" else limit.owner
    found = purses.get((owner, limit.scope, limit.budget.per), [])
    for state in found:
        yield _line(limit, period, state.purse.who, state.spent, state.reserved)
    if not found:
        whose = limit.owner.partition(" ")[2] if limit.scope == limit.owner.partition(" ")[0] else None
        yield _line(limit, period, whose, NO_AMOUNT, NO_AMOUNT)


def _line(limit: Limit, period: Period, whose: str | None, spent: Amount, reserved: Amount) -> dict[str, Any]:
    budget, (kind, _, name) = limit.budget, limit.owner.partition(" ")
    return {
        "entry": limit.owner,
        "kind": kind,
        "name": name,
        "scope": limit.scope,
        "per": budget.per,
        "whose": whose or None,
        "usd": None if budget.usd is None else format(budget.usd.normalize(), "f"),
        "tokens": budget.tokens,
        "spent_usd": money(spent.usd),
        "spent_tokens": spent.tokens,
        "reserved_usd": money(reserved.usd),
        "reserved_tokens": reserved.tokens,
        "share": _share(limit, spent),
        "warn_at": budget.warn_at,
        "when_unavailable": budget.when_unavailable,
        "renews_at": period.ends,
    }


def _share(limit: Limit, spent: Amount) -> float:
    """How much of it is used up; of two the one that ends first."""
    usd, tokens = limit.budget.usd, limit.budget.tokens
    shares = [Decimal(spent.usd) / (usd * NANO)] if usd else []
    shares += [Decimal(spent.tokens) / tokens] if tokens else []
    return round(float(max(shares)), 4)
