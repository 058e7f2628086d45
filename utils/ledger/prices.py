"""What an answer has cost: as its provider says, else as the files say, else as genai-prices knows, else nobody knows.

Not known is None and never nothing. A price is looked up once, when its record is written; what is written keeps it.
"""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from functools import lru_cache

import msgspec

from utils.chat import Usage
from utils.providers.profiles import profile_of
from utils.registry import ProviderConfig
from utils.registry.provider_config import Price

from .market import Market
from .record import CostSource, UsageRecord

Cost = tuple[Decimal | None, CostSource]
UNKNOWN: Cost = (None, "unknown")
NOTHING = Decimal(0)

_MILLION = 1_000_000
_REMEMBERED_MODELS = 4096


class Prices:
    """What the models of these providers cost. Where prices are not loaded yet, `cost` waits for that."""

    def __init__(self, registry: Mapping[str, ProviderConfig], market: Market | None = None) -> None:
        """Several may share a market."""
        self.registry = registry
        self.market = market or Market()
        self._place_on_market = lru_cache(_REMEMBERED_MODELS)(self._looked_up_place)

    def priced(self, record: UsageRecord) -> UsageRecord:
        """The record with what the attempt has cost. One that has a source of its cost already stays as it is."""
        if record.cost_source != "unknown":
            return record
        if record.cached:
            return msgspec.structs.replace(record, cost=NOTHING, cost_source="cache")
        cost, source = self.cost(record.provider, record.model, usage_of(record), record.answered_by)
        return msgspec.structs.replace(record, cost=cost, cost_source=source)

    def cost(self, provider: str, model: str | None, usage: Usage | None, answered_by: str | None = None) -> Cost:
        """What that was in US dollars, and who says so. `answered_by` is the model that the provider names itself.

        It may take a quarter of a second the first time: for a thread, or after `loaded`. It raises nothing for
        usage that cannot be.
        """
        if usage is None:
            return UNKNOWN
        if usage.cost is not None and usage.cost.is_finite() and usage.cost >= 0:
            return usage.cost, "provider"
        usage = possible(usage)
        # A provider that counts nothing reports zeros: there is no question without a token.
        if not (usage.input_tokens or usage.output_tokens):
            return UNKNOWN
        names = [name for name in (model, answered_by) if name]
        if price := self._in_the_files(provider, names):
            return dollars(price, usage), "yaml"
        if self._is_demo(provider):
            return NOTHING, "yaml"
        found = (self.market.cost(place, name, usage) for place, name in self._on_market(provider, names))
        cost = next((each for each in found if each is not None), None)
        return UNKNOWN if cost is None else (cost, "genai-prices")

    def estimate_of(self, provider: str, model: str | None) -> Callable[[int, int], float | None] | None:
        """What so many tokens in and out would cost, without waiting: None until it is known. None for no model."""
        names = [model] if model else []
        if price := self._in_the_files(provider, names):
            read, written = float(price.input), float(price.output)
            return lambda tokens_in, tokens_out: (tokens_in * read + tokens_out * written) / _MILLION
        if self._is_demo(provider):
            return lambda tokens_in, tokens_out: 0.0
        place = next(self._on_market(provider, names), None)
        return None if place is None else _Estimate(self.market, *place)

    async def loaded(self) -> None:
        """From now on nothing has to be waited for. It is loaded beside the event loop."""
        if not self.market.is_loaded:
            await asyncio.to_thread(self.market.load)

    def _in_the_files(self, provider: str, names: list[str]) -> Price | None:
        config = self.registry.get(provider)
        found = (config.model_config_of(name) for name in names) if config else ()
        return next((model.price for model in found if model and model.price), None)

    def _is_demo(self, provider: str) -> bool:
        config = self.registry.get(provider)
        return config is not None and config.kind == "demo"

    def _on_market(self, provider: str, names: list[str]) -> "filter[tuple[str, str]]":
        return filter(None, (self._place_on_market(provider, name) for name in names))

    def _looked_up_place(self, provider: str, model: str) -> tuple[str, str] | None:
        """What genai-prices calls the provider, and the model; None where it knows no such provider."""
        config = self.registry.get(provider)
        known_as = profile_of(config, model).price_provider if config else None
        if known_as is None:
            return None
        if known_as != "litellm":
            return known_as, model
        # Behind that proxy stands whom the model's name begins with. Without, genai-prices would guess.
        named, _, rest = model.partition("/")
        return (named, rest) if rest else None


class _Estimate:
    """The price of one model of the market."""

    def __init__(self, market: Market, provider: str, model: str) -> None:
        self._market = market
        self._place = provider, model

    def __call__(self, tokens_in: int, tokens_out: int) -> float | None:
        rates = self._market.rates(*self._place)
        return None if rates is None else tokens_in * rates[0] + tokens_out * rates[1]


def usage_of(record: UsageRecord) -> Usage | None:
    """The tokens of the record; None where nobody has counted."""
    if record.input_tokens is None and record.output_tokens is None:
        return None
    return Usage(
        record.input_tokens or 0,
        record.output_tokens or 0,
        record.cached_tokens,
        record.reasoning_tokens,
        record.cache_write_tokens,
        record.cost,
    )


def possible(usage: Usage) -> Usage:
    """The same usage, no count below zero and no part larger than its whole: providers report both."""
    given = max(usage.input_tokens, 0)
    cached = min(max(usage.cached_tokens, 0), given)
    return Usage(
        given,
        max(usage.output_tokens, 0),
        cached,
        max(usage.reasoning_tokens, 0),
        min(max(usage.cache_write_tokens, 0), given - cached),
    )


def dollars(price: Price, usage: Usage) -> Decimal:
    """What possible usage costs. Thinking is part of what is answered; what goes into a cache is input like other."""
    cached_price = price.input if price.cached_input is None else price.cached_input
    fresh = usage.input_tokens - usage.cached_tokens
    with localcontext() as context:
        context.prec = 60
        total = fresh * price.input + usage.cached_tokens * cached_price + usage.output_tokens * price.output
        return total / _MILLION
