"""Tokens and money as a vendor reports them become a `Usage` that can be reckoned with."""

from decimal import Decimal, InvalidOperation
from typing import Any

from utils.chat import Usage

from .chunks import Details, TokenCounts

_MOST_TOKENS = 1_000_000_000
"""More than any model can read in one question: a higher count is a mistake of the vendor's."""
_TICKS_OF_A_DOLLAR = 10_000_000_000
_MOST_DOLLARS = 100_000


def usage_of(counts: TokenCounts) -> Usage:
    """The usage, with nothing below zero and no part that is larger than its whole."""
    sent, answered = counts.prompt_tokens_details or Details(), counts.completion_tokens_details or Details()
    input_tokens = _within_reason(counts.prompt_tokens)
    cached = _within_reason(sent.cached_tokens or counts.prompt_cache_hit_tokens or counts.cached_tokens)
    written = sent.cache_write_tokens or sent.cache_creation_tokens or counts.cache_creation_input_tokens
    cached = min(cached, input_tokens)
    return Usage(
        input_tokens,
        _within_reason(counts.completion_tokens),
        cached,
        _within_reason(answered.reasoning_tokens),
        min(_within_reason(written), input_tokens - cached),
        _cost(counts),
    )


def dollars(amount: Any) -> Decimal | None:
    """An amount of money as vendors write it, or None where it is none."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        money = Decimal(str(amount))
    except InvalidOperation:
        return None
    return money if money.is_finite() and 0 <= money <= _MOST_DOLLARS else None


def _within_reason(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), _MOST_TOKENS)


def _cost(counts: TokenCounts) -> Decimal | None:
    """What it cost: OpenRouter says a number, Perplexity a breakdown with a sum, xAI parts of a dollar."""
    if counts.cost_in_usd_ticks is not None:
        return dollars(str(Decimal(counts.cost_in_usd_ticks) / _TICKS_OF_A_DOLLAR))
    cost = counts.cost
    return dollars(cost.get("total_cost") if isinstance(cost, dict) else cost)
