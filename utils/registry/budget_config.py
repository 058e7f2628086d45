"""What an entry may say about how much may be spent."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .spec import Spec

Scope = Literal["bot", "user", "provider", "all"]


class BudgetConfig(Spec):
    """How much may be spent in a day or a month. `usd` or `tokens` is needed; with both, each is kept."""

    usd: Decimal | None = Field(default=None, gt=0, le=1_000_000_000)
    """US dollars for each period."""
    tokens: int | None = Field(default=None, gt=0, le=1_000_000_000_000_000)
    """Tokens for each period, those sent and those answered together."""
    per: Literal["day", "month"] = "day"
    """The period: a `day` or a `month` of the calendar in UTC."""
    scope: Scope | None = None
    """What has a budget of its own: each `bot`, `user` or `provider`, or `all`; by default whose entry it stands in."""
    warn_at: float = Field(default=0.8, gt=0, le=1)
    """At which share of it one warning is logged."""
    when_unavailable: Literal["open", "closed"] = "open"
    """Whether the bot answers while what was spent cannot be looked up: `open` answers, `closed` does not."""
    unknown_price: Decimal | None = Field(default=None, ge=0, le=1_000_000)
    """US dollars for a million tokens of a model whose price nobody knows; unset: its answers cost nothing here."""

    @model_validator(mode="after")
    def _limits_something(self) -> "BudgetConfig":
        if self.usd is None and self.tokens is None:
            raise ValueError("should say how much may be spent, such as `{usd: 5, per: day}` or `{tokens: 100000}`")
        return self


def _listed(value: Any) -> Any:
    if not isinstance(value, dict | list | tuple | BudgetConfig | None):
        raise ValueError("should be a mapping such as `{usd: 5, per: day}`, or a list of such")
    return () if value is None else (value,) if isinstance(value, dict | BudgetConfig) else value


def _in_entry_of(owner: Scope, others: tuple[Scope, ...]) -> Callable[[tuple[BudgetConfig, ...]], Any]:
    """The budgets with the scope that they have in such an entry."""

    def completed(budgets: tuple[BudgetConfig, ...]) -> tuple[BudgetConfig, ...]:
        found = tuple(each.model_copy(update={"scope": each.scope or owner}) for each in budgets)
        seen = set()
        for each in found:
            if each.scope not in (owner, *others):
                allowed = ", ".join(f"`{scope}`" for scope in (owner, *others))
                raise ValueError(
                    f"`scope: {each.scope}` means nothing in the entry of a {owner}; write one of {allowed}"
                )
            if (each.scope, each.per) in seen:
                raise ValueError(f"has two budgets per {each.per} of scope `{each.scope}`; keep one of them")
            seen.add((each.scope, each.per))
        return found

    return completed


_Budgets = tuple[BudgetConfig, ...]
_ONE_OR_MORE = BeforeValidator(_listed, json_schema_input_type=BudgetConfig | list[BudgetConfig] | None)
BotBudgets = Annotated[_Budgets, _ONE_OR_MORE, AfterValidator(_in_entry_of("bot", ("user", "provider", "all")))]
ProviderBudgets = Annotated[_Budgets, _ONE_OR_MORE, AfterValidator(_in_entry_of("provider", ("user", "bot")))]
