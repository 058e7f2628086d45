"""What an answer costs, exactly, and a guess at it where nobody has counted. Knows nothing of Poe's cost API."""

import math
from decimal import ROUND_CEILING, Context, Decimal, localcontext

from utils.chat import ChatMessage, ChatRequest, Usage
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

_MILLI_CENTS_PER_DOLLAR = 100_000
_TOKENS_PER_PRICE = 1_000_000

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_IMAGE = 1000
_TOKENS_PER_ANSWER = 1000

# No step of the arithmetic may round down, whatever the context of the thread says.
_UPWARDS = Context(prec=60, rounding=ROUND_CEILING)


def wrong_charge(charge: Charge, price: Price | None, model: str) -> str | None:
    """The sentence on what is wrong with charging like this for that model, or None when nothing is."""
    if charge.markup and price is None:
        return (
            f"`charge.markup` is a factor of the price of `{model}`, which has none. "
            "Give the model a `price` in the provider's `models`, or charge `per_message` alone."
        )
    return None


def cost(charge: Charge, price: Price | None, usage: Usage) -> int:
    """What is charged for an answer, in thousandths of a US cent: rounded up, and never below the minimum."""
    with localcontext(_UPWARDS):
        of_model = Decimal(0)
        if charge.markup is not None and price is not None:
            of_model = charge.markup * _dollars_for_tokens(price, usage)
        return milli_cents(max(charge.minimum, charge.per_message + of_model))


def milli_cents(dollars: Decimal) -> int:
    """US dollars in thousandths of a US cent, rounded up."""
    with localcontext(_UPWARDS):
        return math.ceil(dollars * _MILLI_CENTS_PER_DOLLAR)


def expected_usage(request: ChatRequest) -> Usage:
    """About how many tokens a request and its answer will take."""
    answer = _TOKENS_PER_ANSWER if request.max_tokens is None else request.max_tokens
    return Usage(input_tokens=sum(map(_tokens_of, request.messages)), output_tokens=answer)


def tokens_in(characters: int) -> int:
    """About how many tokens so many characters are, rounded up."""
    return math.ceil(characters / _CHARACTERS_PER_TOKEN)


def _dollars_for_tokens(price: Price, usage: Usage) -> Decimal:
    # Providers have been seen to report more cached tokens than input, and less than nothing.
    given = max(usage.input_tokens, 0)
    cached = min(max(usage.cached_tokens, 0), given)
    said = max(usage.output_tokens, 0)
    cached_price = price.input if price.cached_input is None else price.cached_input
    return ((given - cached) * price.input + cached * cached_price + said * price.output) / _TOKENS_PER_PRICE


def _tokens_of(message: ChatMessage) -> int:
    calls = sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return tokens_in(len(message.text) + calls) + _TOKENS_PER_IMAGE * len(message.images)
