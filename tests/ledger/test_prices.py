"""What an answer has cost, and who says so."""

import asyncio
import subprocess
import sys
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.chat import Usage
from utils.ledger import UsageRecord
from utils.ledger.market import Market
from utils.ledger.prices import UNKNOWN, Prices
from utils.registry import ModelConfig, ProviderConfig
from utils.registry.provider_config import Price
from utils.settings import ROOT

MARKET = Market()
CHEAP = Price(input=Decimal(1), output=Decimal(10), cached_input=Decimal("0.1"))
USED = Usage(input_tokens=1000, output_tokens=100)


def entry(name: str, *models: ModelConfig, **fields: object) -> ProviderConfig:
    return ProviderConfig.model_validate(
        {"name": name, "api_base": "https://api.example/v1", "models": models, **fields}
    )


REGISTRY = {
    config.name: config
    for config in (
        entry("anthropic", ModelConfig(name="claude-haiku-4-5", price=CHEAP, alias="haiku")),
        entry("openai"),
        entry("azure", ModelConfig(name="my-deployment")),
        entry("litellm"),
        entry("ollama"),
        entry("unheard-of", ModelConfig(name="free", price=Price(input=Decimal(0), output=Decimal(0)))),
        entry("demo", kind="demo"),
    )
}


@pytest.fixture
def prices():
    return Prices(REGISTRY, MARKET)


@pytest.mark.parametrize(
    ("provider", "model", "usage", "expected"),
    [
        ("anthropic", "claude-haiku-4-5", Usage(1000, 100, cost=Decimal("0.07")), (Decimal("0.07"), "provider")),
        ("openai", "gpt-4o", Usage(1000, 100, cost=Decimal(0)), (Decimal(0), "provider")),
        ("anthropic", "claude-haiku-4-5", USED, (Decimal("0.002"), "yaml")),
        ("anthropic", "haiku", USED, (Decimal("0.002"), "yaml")),
        ("anthropic", "claude-haiku-4-5", Usage(1000, 0, cached_tokens=900), (Decimal("0.00019"), "yaml")),
        ("unheard-of", "free", USED, (Decimal(0), "yaml")),
        ("demo", "demo", USED, (Decimal(0), "yaml")),
        ("openai", "gpt-4o", Usage(1_000_000, 0), (Decimal("2.5"), "genai-prices")),
        ("openai", "gpt-4o", Usage(0, 1_000_000), (Decimal(10), "genai-prices")),
        ("openai", "gpt-4o", Usage(1_000_000, 0, cached_tokens=1_000_000), (Decimal("1.25"), "genai-prices")),
        ("litellm", "openai/gpt-4o", Usage(1_000_000, 0), (Decimal("2.5"), "genai-prices")),
        ("openai", "no-such-model", USED, UNKNOWN),
        ("litellm", "gpt-4o", USED, UNKNOWN),
        ("litellm", "nobody/gpt-4o", USED, UNKNOWN),
        ("ollama", "gpt-4o", USED, UNKNOWN),
        ("unheard-of", "gpt-4o", USED, UNKNOWN),
        ("taken away", "gpt-4o", USED, UNKNOWN),
        ("openai", "gpt-4o", None, UNKNOWN),
        ("openai", "gpt-4o", Usage(), UNKNOWN),
        ("openai", None, USED, UNKNOWN),
    ],
)
def test_the_provider_knows_best_then_the_files_then_the_market_and_then_nobody(
    prices, provider, model, usage, expected
):
    assert prices.cost(provider, model, usage) == expected


def test_a_deployment_costs_what_the_model_behind_it_costs(prices):
    cost, source = prices.cost("azure", "my-deployment", USED, answered_by="gpt-4o-2024-08-06")

    assert source == "genai-prices"
    assert cost is not None
    assert cost > 0


def test_what_is_put_into_a_cache_has_its_own_price_on_the_market():
    prices = Prices({"anthropic": entry("anthropic")}, MARKET)

    plain, _ = prices.cost("anthropic", "claude-haiku-4-5", Usage(1000, 0))
    stored, _ = prices.cost("anthropic", "claude-haiku-4-5", Usage(1000, 0, cache_write_tokens=1000))

    assert plain is not None
    assert stored is not None
    assert stored > plain


_counts = st.integers(-(10**30), 10**30)
_costs = st.none() | st.decimals(allow_nan=True, allow_infinity=True)


@given(usage=st.builds(Usage, _counts, _counts, _counts, _counts, _counts, _costs))
@pytest.mark.parametrize(("provider", "model"), [("anthropic", "claude-haiku-4-5"), ("openai", "gpt-4o")])
def test_usage_that_cannot_be_raises_nothing_and_never_pays_back(provider, model, usage):
    cost, source = Prices(REGISTRY, MARKET).cost(provider, model, usage)

    assert (cost is None) == (source == "unknown")
    assert cost is None or cost >= 0


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (UsageRecord(provider="openai", model="gpt-4o", input_tokens=1_000_000), (Decimal("2.5"), "genai-prices")),
        (UsageRecord(provider="openai", model="gpt-4o"), UNKNOWN),
        (UsageRecord(provider="openai", model="gpt-4o", input_tokens=5, cost=Decimal(3)), (Decimal(3), "provider")),
        (UsageRecord(provider="openai", model="gpt-4o", input_tokens=5, cached=True), (Decimal(0), "cache")),
        (
            UsageRecord(provider="openai", model="gpt-4o", input_tokens=5, cost=Decimal(7), cost_source="yaml"),
            (Decimal(7), "yaml"),
        ),
    ],
)
def test_a_record_is_priced_once(prices, record, expected):
    priced = prices.priced(record)

    assert (priced.cost, priced.cost_source) == expected
    assert prices.priced(priced) == priced


async def test_an_estimate_never_waits_for_the_market():
    market = Market()
    estimate = Prices(REGISTRY, market).estimate_of("openai", "gpt-4o")
    assert estimate is not None

    first = estimate(1_000_000, 0)
    await asyncio.to_thread(market.load)

    assert first is None
    assert estimate(1_000_000, 100_000) == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [("anthropic", "claude-haiku-4-5", 2.0), ("demo", "demo", 0.0), ("unheard-of", "free", 0.0)],
)
def test_an_estimate_of_the_files_is_there_at_once(provider, model, expected):
    estimate = Prices(REGISTRY, Market()).estimate_of(provider, model)

    assert estimate is not None
    assert estimate(1_000_000, 100_000) == expected


@pytest.mark.parametrize(("provider", "model"), [("ollama", "llama"), ("openai", None), ("taken away", "gpt-4o")])
def test_there_is_no_estimate_where_nobody_can_know(provider, model):
    assert Prices(REGISTRY, MARKET).estimate_of(provider, model) is None


def test_many_threads_load_the_market_once():
    market, found = Market(), []

    def ask() -> None:
        found.append(market.cost("openai", "gpt-4o", USED))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert found[0] is not None


def test_the_market_is_not_imported_before_it_is_needed_and_brings_no_network():
    script = """
import socket, sys
def refuse(*arguments): raise AssertionError("network")
socket.socket.connect = refuse
import utils.bot_factory, utils.ledger.market, utils.ledger.prices
assert "genai_prices" not in sys.modules
market = utils.ledger.market.Market()
from utils.chat import Usage
assert market.cost("openai", "gpt-4o", Usage(1000, 0))
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
