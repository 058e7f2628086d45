import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.poe.reading import Wishes, wishes_of

from .turns import asked


@pytest.mark.parametrize(
    ("temperature", "wished"),
    [(None, None), (0, 0.0), (0.7, 0.7), (2, 2.0), (9, 2.0), (-0.1, None), (math.nan, None), (math.inf, None)],
)
def test_a_temperature_is_one_that_providers_know(temperature, wished):
    assert wishes_of(asked(temperature=temperature)).temperature == wished


@pytest.mark.parametrize(
    ("stops", "wished"),
    [
        ([], ()),
        (["a", "\n"], ("a", "\n")),
        (["", "a", "a"], ("a",)),
        (["x" * 201, "a"], ("a",)),
        (["1", "2", "3", "4", "5"], ("1", "2", "3", "4")),
    ],
)
def test_there_are_four_different_stops_at_most(stops, wished):
    assert wishes_of(asked(stop_sequences=stops)).stop == wished


@pytest.mark.parametrize(
    ("biases", "wished"),
    [
        ({}, {}),
        ({"42": -1.5, "7": 100}, {"42": -1.5, "7": 100}),
        ({"42": 1000, "7": -1000}, {"42": 100, "7": -100}),
        ({"word": 1, "": 1, "٣": 1, "-1": 1}, {}),
        ({"42": math.inf}, {}),
    ],
)
def test_a_bias_is_for_the_number_of_a_token_and_bounded(biases, wished):
    assert wishes_of(asked(logit_bias=biases)).logit_bias == wished


def test_there_are_not_more_biases_than_a_provider_takes():
    wishes = wishes_of(asked(logit_bias={str(token): 1 for token in range(1_000)}))

    assert len(wishes.logit_bias) == 300


def test_who_wishes_nothing_gets_nothing_sent():
    assert wishes_of(asked()) == Wishes()


@given(st.floats(), st.lists(st.text(), max_size=6), st.dictionaries(st.text(max_size=3), st.floats(), max_size=3))
def test_any_wishes_come_out_within_bounds(temperature, stops, biases):
    wishes = wishes_of(asked(temperature=temperature, stop_sequences=stops, logit_bias=biases))

    assert wishes.temperature is None or 0 <= wishes.temperature <= 2
    assert len(wishes.stop) <= 4
    assert all(-100 <= bias <= 100 for bias in wishes.logit_bias.values())
