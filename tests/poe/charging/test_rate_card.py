import re
from decimal import Decimal

import fastapi_poe as fp
import pytest

from utils.poe.charging.rate_card import cost_label, rate_card
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

PRICE = Price(input=Decimal("0.5"), output=Decimal(2))
CACHED = Price(input=Decimal("0.5"), output=Decimal(2), cached_input=Decimal("0.05"))
FREE = Price(input=Decimal(0), output=Decimal(0))


def charge(**fields):
    return Charge(**{name: Decimal(value) for name, value in fields.items()})


def rows(card):
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in card.splitlines()[2:]]


@pytest.mark.parametrize(
    ("charged", "price", "expected"),
    [
        (charge(per_message="0.003"), None, [("Each answer", "[usd_milli_cents=300] points")]),
        (
            charge(per_message="0.003", minimum="0.01"),
            PRICE,
            [("Each answer", "[usd_milli_cents=1000] points")],
        ),
        (
            charge(markup="1.2"),
            PRICE,
            [
                ("What the model reads", "[usd_milli_cents=60000] points per 1M tokens"),
                ("What the model writes", "[usd_milli_cents=240000] points per 1M tokens"),
            ],
        ),
        (
            charge(markup="1", per_message="0.001", minimum="0.002"),
            CACHED,
            [
                ("Each answer", "[usd_milli_cents=100] points"),
                ("What the model reads", "[usd_milli_cents=50000] points per 1M tokens"),
                ("What it has read before", "[usd_milli_cents=5000] points per 1M tokens"),
                ("What the model writes", "[usd_milli_cents=200000] points per 1M tokens"),
                ("At least, for each answer", "[usd_milli_cents=200] points"),
            ],
        ),
        (charge(markup="2", minimum="0.01"), FREE, [("At least, for each answer", "[usd_milli_cents=1000] points")]),
    ],
)
def test_the_rate_card_lists_what_is_charged(charged, price, expected):
    assert rows(rate_card(charged, price)) == expected


def test_the_rate_card_is_a_table_in_markdown():
    card = rate_card(charge(per_message="0.003"), None)

    assert card == "| What | Cost |\n| --- | --- |\n| Each answer | [usd_milli_cents=300] points |"


@pytest.mark.parametrize(
    ("charged", "price", "expected"),
    [
        (charge(per_message="0.003"), None, "[usd_milli_cents=300]"),
        (charge(per_message="0.003", minimum="0.01"), PRICE, "[usd_milli_cents=1000]"),
        # 100 tokens for $0.50 and as many for $2 a million.
        (charge(markup="1"), PRICE, "[usd_milli_cents=25]+"),
        (charge(markup="1", per_message="0.003"), PRICE, "[usd_milli_cents=325]+"),
        (charge(markup="1", minimum="0.01"), PRICE, "[usd_milli_cents=1000]+"),
        (charge(markup="2", minimum="0.01"), FREE, "[usd_milli_cents=1000]"),
    ],
)
def test_the_label_is_the_price_of_a_short_answer(charged, price, expected):
    assert cost_label(charged, price) == expected


@pytest.mark.parametrize(
    ("charged", "price"), [(charge(), None), (charge(), PRICE), (charge(markup="0"), PRICE), (charge(markup="2"), FREE)]
)
def test_what_costs_nothing_shows_no_price(charged, price):
    assert (rate_card(charged, price), cost_label(charged, price)) == (None, None)


def test_poe_takes_them_as_settings_and_finds_whole_numbers_in_them():
    charged = charge(markup="1.2345", per_message="0.0000123")
    settings = fp.SettingsResponse(rate_card=rate_card(charged, CACHED), cost_label=cost_label(charged, CACHED))

    shown = f"{settings.rate_card}{settings.cost_label}"

    assert shown.count("[usd_milli_cents=") == len(re.findall(r"\[usd_milli_cents=[1-9][0-9]*\]", shown)) == 5
