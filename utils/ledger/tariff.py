"""A model's prices as so much for each token, found by asking the price list a few times instead of every time."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from utils.chat import Usage

_MILLION = 1_000_000


@dataclass(frozen=True)
class Tariff:
    """US dollars for a question, and for a million tokens of each kind."""

    question: Decimal
    fresh: Decimal
    cached: Decimal
    stored: Decimal
    """Of tokens that go into a cache."""
    written: Decimal

    def cost(self, usage: Usage) -> Decimal:
        """What possible usage is worth."""
        fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        read = fresh * self.fresh + usage.cached_tokens * self.cached + usage.cache_write_tokens * self.stored
        return self.question + (read + usage.output_tokens * self.written) / _MILLION


def tariff_of(worth: Callable[[Usage], Decimal | None], prices: object) -> Tariff | None:
    """The tariff by which `worth` goes; None where a token costs more or less at other times or in longer questions."""
    from genai_prices.types import ModelPrice, TieredPrices

    if not isinstance(prices, ModelPrice) or any(isinstance(price, TieredPrices) for price in vars(prices).values()):
        return None
    question = worth(Usage())
    kinds = (
        Usage(_MILLION, 0),
        Usage(_MILLION, 0, cached_tokens=_MILLION),
        Usage(_MILLION, 0, cache_write_tokens=_MILLION),
        Usage(0, _MILLION),
    )
    found = [cost for cost in map(worth, kinds) if cost is not None]
    if question is None or len(found) < len(kinds):
        return None
    return Tariff(question, *(cost - question for cost in found))
