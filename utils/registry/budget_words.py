"""A budget in words, where there is no YAML to write it in: `5 usd per day`, `1 usd and 50000 tokens per month`.

    AMOUNT usd|tokens [and AMOUNT usd|tokens] per day|month [field=value …]

The fields are `warn_at`, `when_unavailable` and `unknown_price`, as in an entry. Several budgets have `;` between them.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from utils.problems import did_you_mean

from .budget_config import BudgetConfig

_EXAMPLE = "write for example `5 usd per day`, `100000 tokens per month` or `1 usd and 50000 tokens per day`"
_AMOUNT = r"([0-9][0-9_.]*) (usd|tokens)"
_BUDGET = re.compile(rf"{_AMOUNT}(?: and {_AMOUNT})? per (day|month)((?: [a-z_]+=\S+)*)", re.IGNORECASE)
_FIELDS = ("warn_at", "when_unavailable", "unknown_price")


@lru_cache(1024)
def budgets_in(text: str) -> tuple[BudgetConfig, ...]:
    """The budgets that the text speaks of, in its order. Raises a `ValueError` that says what to write."""
    budgets = tuple(_budget_in(" ".join(each.split())) for each in text.split(";"))
    periods = [each.per for each in budgets]
    if twice := next((per for per in periods if periods.count(per) > 1), None):
        raise ValueError(f"there are two budgets per {twice}: write one, such as `1 usd and 50000 tokens per {twice}`")
    return budgets


def in_words(budgets: Iterable[BudgetConfig]) -> str:
    """The text that means these budgets."""
    return "; ".join(" ".join(_words(budget)) for budget in budgets)


def _budget_in(words: str) -> BudgetConfig:
    found = _BUDGET.fullmatch(words)
    if found is None:
        raise ValueError(f"`{words}` is no budget: {_EXAMPLE}")
    amount, unit, other, other_unit, per, fields = found.groups()
    said: dict[str, Any] = {"per": per.lower(), unit.lower(): _plain(amount)}
    if other is not None:
        if other_unit.lower() in said:
            raise ValueError(f"`{words}` says twice how many {other_unit.lower()}: {_EXAMPLE}")
        said[other_unit.lower()] = _plain(other)
    for name, value in (field.split("=", 1) for field in fields.split()):
        if name not in _FIELDS:
            hint = did_you_mean(name, _FIELDS) or f" Known are {', '.join(_FIELDS)}."
            raise ValueError(f"`{words}`: a budget of a client has no `{name}`.{hint}")
        said[name] = value
    try:
        return BudgetConfig.model_validate(said)
    except ValidationError as exc:
        error = exc.errors(include_input=False)[0]
        name = ".".join(str(step) for step in error["loc"])
        raise ValueError(f"`{words}`: `{name}`: {error['msg'][:1].lower()}{error['msg'][1:]}") from exc


def _plain(amount: str) -> str:
    return amount.replace("_", "")


def _words(budget: BudgetConfig) -> Iterator[str]:
    amounts = {"usd": budget.usd, "tokens": budget.tokens}
    yield " and ".join(
        f"{amount:f} {unit}" if unit == "usd" else f"{amount} {unit}"
        for unit, amount in amounts.items()
        if amount is not None
    )
    yield f"per {budget.per}"
    for name in _FIELDS:
        value = getattr(budget, name)
        if value != BudgetConfig.model_fields[name].default:
            yield f"{name}={value}"
