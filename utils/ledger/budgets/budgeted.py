"""A provider that is asked only while there is money for it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from decimal import Decimal
from math import ceil

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta, Usage
from utils.errors import ProviderFailure
from utils.registry.budget_config import BudgetConfig

from ..prices import Prices, possible
from .budgets import Budgets, Limit, Ticket
from .purse import Amount, nano

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_IMAGE = 1000
_TOKENS_PER_ANSWER = 1000
_MILLION = 1_000_000
_MOST_TOKENS = 10**12
_MOST_USD = Decimal(10**6)
"""Of one answer. What is more than that is a mistake of whoever counted, and would not fit into the sums."""


class Budgeted:
    """Reserves what an answer may cost, and settles what it has cost.

    It stands around each target and not around the whole chain: each attempt is counted by itself, and the budget
    of one provider that is used up lets another answer.
    """

    def __init__(
        self,
        provider: ChatProvider,
        name: str,
        model: str | None,
        limits: Sequence[Limit],
        budgets: Budgets,
        prices: Prices,
        *,
        held_for: float,
    ) -> None:
        self.provider = provider
        self.name = name
        self.model = model
        self.limits = tuple(limits)
        self.budgets = budgets
        self.prices = prices
        self._held_for = held_for

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The provider's answer. Raises a `BudgetSpent` or another of the refusals where it is not asked."""
        expected = expected_usage(request)
        amounts = await self._worth(expected, None)
        ticket = await self.budgets.reserve(self.limits, amounts, request.origin, self.name, self._held_for)
        meter = _Meter(expected.input_tokens)
        try:
            async with aclosing(self.provider.stream(request)) as deltas:
                async for delta in deltas:
                    meter.add(delta)
                    yield delta
        except ProviderFailure:
            meter.has_failed = True
            raise
        finally:
            self._settle(ticket, meter)

    def _settle(self, ticket: Ticket | None, meter: "_Meter") -> None:
        used = meter.used
        if ticket is None:
            return
        if used is None:
            self.budgets.release(ticket)
        else:
            self.budgets.settle_with(ticket, self._worth(used, meter.answered_by))

    async def _worth(self, usage: Usage, answered_by: str | None) -> list[Amount]:
        """What that takes from each purse."""
        cost = None
        if any(limit.budget.usd is not None for limit in self.limits):
            await self.prices.loaded()
            cost, _ = self.prices.cost(self.name, self.model, usage, answered_by)
        counted = possible(usage)
        tokens = min(counted.input_tokens + counted.output_tokens, _MOST_TOKENS)
        return [Amount(nano(min(_price(limit.budget, cost, tokens), _MOST_USD)), tokens) for limit in self.limits]


def _price(budget: BudgetConfig, cost: Decimal | None, tokens: int) -> Decimal:
    if budget.usd is None:
        return Decimal(0)
    return (budget.unknown_price or Decimal(0)) * tokens / _MILLION if cost is None else cost


class _Meter:
    """What an answer has used so far."""

    def __init__(self, tokens_in: int) -> None:
        self.has_failed = False
        self.answered_by: str | None = None
        self._tokens_in = tokens_in
        self._characters = 0
        self._usage: Usage | None = None

    def add(self, delta: Delta) -> None:
        self._usage = delta.usage or self._usage
        self.answered_by = delta.model or self.answered_by
        arguments = sum(len(call.arguments) for call in delta.tool_calls)
        self._characters += len(delta.text) + len(delta.reasoning) + arguments

    @property
    def used(self) -> Usage | None:
        """As the provider counted it, else about; None where a failure came before any word.

        Who hangs up has used what was sent: most providers go on and bill it.
        """
        if self._usage is not None:
            return self._usage
        if self.has_failed and not self._characters:
            return None
        return Usage(self._tokens_in, ceil(self._characters / _CHARACTERS_PER_TOKEN))


def expected_usage(request: ChatRequest) -> Usage:
    """About how many tokens the question has, and how many its answer may have."""
    tools = ceil(sum(len(str(tool)) for tool in request.tools) / _CHARACTERS_PER_TOKEN)
    answer = _TOKENS_PER_ANSWER if request.max_tokens is None else request.max_tokens
    return Usage(sum(map(_tokens_of, request.messages)) + tools, answer)


def _tokens_of(message: ChatMessage) -> int:
    characters = len(message.text) + sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return ceil(characters / _CHARACTERS_PER_TOKEN) + _TOKENS_PER_IMAGE * len(message.images)
