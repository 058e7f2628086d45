"""A provider that is asked only while there is money for it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from math import ceil

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta, Usage
from utils.errors import ProviderFailure

from .budgets import Limit
from .till import Till

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_IMAGE = 1000
_TOKENS_PER_ANSWER = 1000


class Budgeted:
    """Reserves what an answer may cost, and settles what it has cost.

    It stands around each target and not around the whole chain: each attempt is counted by itself, and the budget
    of one provider that is used up lets another answer.
    """

    def __init__(self, provider: ChatProvider, till: Till) -> None:
        self.provider = provider
        self.till = till

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The provider's answer. Raises a `BudgetSpent` or another of the refusals where it is not asked."""
        limits = self.till.limits_for(request.origin)
        # Where nothing is limited, no delta has to come through here.
        return self._metered(request, limits) if limits else self.provider.stream(request)

    async def _metered(self, request: ChatRequest, limits: Sequence[Limit]) -> AsyncGenerator[Delta, None]:
        expected = expected_usage(request)
        reserved = await self.till.reserve(limits, expected, request.origin)
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
            reserved.settle(meter.used, meter.answered_by)


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


def expected_of_texts(texts: Sequence[str]) -> Usage:
    """About how many tokens these have, which nobody answers with words."""
    return Usage(sum(ceil(len(text) / _CHARACTERS_PER_TOKEN) for text in texts))


def _tokens_of(message: ChatMessage) -> int:
    characters = len(message.text) + sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return ceil(characters / _CHARACTERS_PER_TOKEN) + _TOKENS_PER_IMAGE * len(message.images)
