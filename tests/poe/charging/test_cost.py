from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from utils.chat import ChatMessage, ChatRequest, Image, ToolCall, Usage
from utils.poe.charging import wrong_charge
from utils.poe.charging.cost import cost, expected_usage, milli_cents, tokens_in
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

dollars = some.decimals(min_value=0, max_value=1000, places=9)
tokens = some.integers(min_value=0, max_value=10_000_000)
charges = some.builds(Charge, per_message=dollars, markup=some.none() | dollars, minimum=dollars)
prices = some.none() | some.builds(Price, input=dollars, output=dollars, cached_input=some.none() | dollars)
usages = some.builds(Usage, input_tokens=tokens, output_tokens=tokens, cached_tokens=tokens)
wild_tokens = some.integers(min_value=-(10**12), max_value=10**12)
wild_usages = some.builds(Usage, input_tokens=wild_tokens, output_tokens=wild_tokens, cached_tokens=wild_tokens)


def charge(**fields):
    return Charge(**{name: Decimal(value) for name, value in fields.items()})


def price(input, output, cached=None):
    return Price(input=Decimal(input), output=Decimal(output), cached_input=None if cached is None else Decimal(cached))


@pytest.mark.parametrize(
    ("charged", "priced", "usage", "expected"),
    [
        # A fixed price.
        (charge(per_message="0.003"), None, Usage(1000, 1000), 300),
        (charge(per_message="0.003"), price("3", "15"), Usage(1000, 1000), 300),
        (charge(per_message="0.00000001"), None, Usage(), 1),
        # The model's price, times a factor: 1,000 × $3 + 500 × $15 a million = $0.0105.
        (charge(markup="1"), price("3", "15"), Usage(1000, 500), 1050),
        (charge(markup="1.2"), price("3", "15"), Usage(1000, 500), 1260),
        (charge(markup="0"), price("3", "15"), Usage(1000, 500), 0),
        # Some of it was cached: 200 × $3 + 800 × $0.30 + 500 × $15 a million = $0.00834.
        (charge(markup="1"), price("3", "15", "0.3"), Usage(1000, 500, cached_tokens=800), 834),
        (charge(markup="1"), price("3", "15"), Usage(1000, 500, cached_tokens=800), 1050),
        (charge(markup="1"), price("3", "15", "0"), Usage(1000, 0, cached_tokens=1000), 0),
        # A cheap model: a single token of $0.05 a million is half of a hundredth of a milli-cent.
        (charge(markup="1"), price("0.05", "0.4"), Usage(1, 0), 1),
        (charge(markup="1.1"), price("0.05", "0.4"), Usage(1200, 340), 22),
        # Both, and the least.
        (charge(per_message="0.001", markup="1"), price("3", "15"), Usage(1000, 500), 1150),
        (charge(per_message="0.001", markup="1", minimum="0.05"), price("3", "15"), Usage(1000, 500), 5000),
        (charge(markup="1", minimum="0.01"), price("3", "15"), Usage(1000, 500), 1050),
        (charge(minimum="0.01"), None, Usage(1000, 500), 1000),
        # A model whose price is not known costs what the rest of the charge says.
        (charge(markup="2", per_message="0.001"), None, Usage(1000, 500), 100),
        (charge(), None, Usage(1000, 500), 0),
        # Counts that cannot be.
        (charge(markup="1"), price("3", "15", "0.3"), Usage(100, 0, cached_tokens=1000), 3),
        (charge(markup="1"), price("3", "15", "0.3"), Usage(-100, -5, cached_tokens=-7), 0),
    ],
)
def test_an_answer_costs_what_the_charge_and_the_price_say(charged, priced, usage, expected):
    assert cost(charged, priced, usage) == expected


@given(charges, prices, wild_usages)
def test_a_cost_is_a_whole_number_and_never_below_the_minimum(charged, priced, usage):
    amount = cost(charged, priced, usage)

    assert type(amount) is int
    assert amount >= charged.minimum * 100_000
    assert amount >= 0


@given(charges, prices, usages)
def test_a_cost_is_the_exact_one_rounded_up(charged, priced, usage):
    exact = Fraction(charged.per_message)
    if priced and charged.markup:
        cached = min(usage.cached_tokens, usage.input_tokens)
        of_cached = Fraction(priced.input if priced.cached_input is None else priced.cached_input)
        of_tokens = (usage.input_tokens - cached) * Fraction(priced.input) + cached * of_cached
        of_tokens += usage.output_tokens * Fraction(priced.output)
        exact += Fraction(charged.markup) * of_tokens / 1_000_000
    exact = max(exact, Fraction(charged.minimum)) * 100_000

    assert exact <= cost(charged, priced, usage) < exact + 1


@given(charges, prices, usages, tokens, tokens)
def test_more_tokens_never_cost_less(charged, priced, usage, more_input, more_output):
    more = Usage(usage.input_tokens + more_input, usage.output_tokens + more_output, usage.cached_tokens)
    if priced is not None and priced.cached_input is not None and priced.cached_input > priced.input:
        # Such a price is cheaper for what is new; what is new is then all that may grow.
        usage = Usage(usage.input_tokens, usage.output_tokens)
        more = Usage(more.input_tokens, more.output_tokens)

    assert cost(charged, priced, more) >= cost(charged, priced, usage)


@given(dollars)
def test_dollars_become_thousandths_of_a_cent_rounded_up(amount):
    assert Fraction(amount) * 100_000 <= milli_cents(amount) < Fraction(amount) * 100_000 + 1


@pytest.mark.parametrize(
    ("messages", "max_tokens", "expected"),
    [
        ([ChatMessage("user", "a" * 40)], None, Usage(10, 1000)),
        ([ChatMessage("user", "a" * 41)], 250, Usage(11, 250)),
        ([ChatMessage("system", "a" * 4), ChatMessage("user", "b" * 8)], 1, Usage(3, 1)),
        ([ChatMessage("user", "look", images=(Image("https://a"), Image("https://b")))], None, Usage(2001, 1000)),
        ([ChatMessage("assistant", tool_calls=(ToolCall("1", "find", "{}" * 4),))], None, Usage(3, 1000)),
        ([], None, Usage(0, 1000)),
    ],
)
def test_the_tokens_of_a_request_are_guessed_from_its_length(messages, max_tokens, expected):
    assert expected_usage(ChatRequest(messages=tuple(messages), max_tokens=max_tokens)) == expected


@pytest.mark.parametrize(("characters", "expected"), [(0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000)])
def test_four_characters_are_about_a_token(characters, expected):
    assert tokens_in(characters) == expected


def test_a_markup_on_a_model_without_a_price_is_a_mistake():
    sentence = wrong_charge(charge(markup="1.2"), None, "gpt-6-luna")

    assert sentence
    assert "`gpt-6-luna`" in sentence
    assert "`charge.markup`" in sentence


@pytest.mark.parametrize(
    ("charged", "priced"),
    [
        (charge(markup="1.2"), price("1", "2")),
        (charge(per_message="0.01"), None),
        (charge(markup="0", per_message="0.01"), None),
        (charge(), None),
    ],
)
def test_any_other_charge_is_none(charged, priced):
    assert wrong_charge(charged, priced, "gpt-6-luna") is None
