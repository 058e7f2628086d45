from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.chat import ChatMessage, ChatRequest, Origin
from utils.routing import Lane
from utils.routing.health import LaneHealth
from utils.routing.strategies import (
    STRATEGIES,
    InOrder,
    LeastBusy,
    LeastCost,
    LeastLatency,
    Random,
    RoundRobin,
    Split,
    strategy_named,
)

from .scripted import QUESTION, lane, saying, target


def targets(*names, **fields):
    return [target(saying("hi"), name, "m", label=name, **fields) for name in names]


def names(strategy, among, request=QUESTION):
    return [each.name for each in strategy.order(among, request)[0]]


def asked_by(user="", conversation=""):
    return msgspec.structs.replace(QUESTION, origin=Origin(user=user, conversation=conversation))


@pytest.mark.parametrize("name", STRATEGIES)
async def test_every_strategy_keeps_every_target(name):
    among = targets("a", "b", "c")

    ordered, variant = STRATEGIES[name]().order(among, QUESTION)

    assert sorted(each.name for each in ordered) == ["a", "b", "c"]
    assert variant is None


def test_priority_is_the_order_of_the_file():
    assert names(InOrder(), targets("b", "a")) == ["b", "a"]


def test_in_a_round_each_is_the_first_in_its_turn():
    strategy, among = RoundRobin(), targets("a", "b", "c")

    assert [names(strategy, among) for _ in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_chance_prefers_those_with_more_weight():
    among = [*targets("light", weight=1), *targets("heavy", weight=9)]

    first = Counter(names(Random(), among)[0] for _ in range(2000))

    assert 1650 < first["heavy"] < 1950


async def test_the_quickest_is_first_and_those_not_tried_yet_before_it():
    clock = iter([0.0, 3.0, 3.0, 4.0])
    slow, quick, new = (
        Lane(name, "m", health=LaneHealth(lambda: next(clock, 5.0))) for name in ("slow", "quick", "new")
    )
    for each in (slow, quick):
        attempt = each.health.began()
        attempt.first_content()
        attempt.ended(answered=True)
    among = [target(saying("hi"), each.provider, "m", each) for each in (slow, quick, new)]

    assert names(LeastLatency(), among) == ["new", "quick", "slow"]


async def test_the_least_busy_for_its_weight_is_first():
    small, large = lane("small"), lane("large")
    kept = [small.health.began(), *(large.health.began() for _ in range(3))]
    among = [
        target(saying("hi"), "small", "m", small, weight=1),
        target(saying("hi"), "large", "m", large, weight=10),
    ]

    assert names(LeastBusy(), among) == ["large", "small"]
    assert kept


@pytest.mark.parametrize(
    ("question", "max_tokens", "first"), [("short", 1000, "cheap answers"), ("long " * 20_000, 10, "cheap questions")]
)
def test_the_cheapest_is_the_one_for_these_tokens(question, max_tokens, first):
    among = [
        target(saying("hi"), "unknown"),
        target(saying("hi"), "cheap questions", price=lambda read, written: read * 1 + written * 20),
        target(saying("hi"), "cheap answers", price=lambda read, written: read * 2 + written * 2),
    ]
    request = ChatRequest((ChatMessage("user", question),), max_tokens=max_tokens)

    ordered = names(LeastCost(), among, request)

    assert (ordered[0], ordered[-1]) == (first, "unknown")


@given(st.text(min_size=1), st.sampled_from(["user", "conversation"]))
def test_whoever_asks_gets_the_same_variant_every_time(who, by):
    split = Split({"a": 50, "b": 50}, by, "Poet")
    request = asked_by(**{by: who})

    first, variant = split.order(targets("a", "b", "c"), request)

    assert first[0].label == variant
    assert split.order(targets("c", "b", "a"), request)[1] == variant


def test_the_shares_are_kept_over_many_people():
    split = Split({"a": 90, "b": 10, "c": 0}, "user", "Poet")

    seen = Counter(split.variant_for(f"user-{number}") for number in range(5000))

    assert 4350 < seen["a"] < 4650
    assert seen["c"] == 0


def test_people_are_shared_out_anew_for_every_bot():
    one, other = Split({"a": 1, "b": 1}, "user", "One"), Split({"a": 1, "b": 1}, "user", "Other")

    assert any(one.variant_for(f"u{number}") != other.variant_for(f"u{number}") for number in range(50))


def test_when_the_variant_fails_the_others_follow():
    assert names(Split({"b": 1}, "user", "Poet"), targets("a", "b", "c"), asked_by("u")) == ["b", "a", "c"]


def test_a_class_of_ones_own_is_named_with_its_module():
    assert strategy_named("utils.routing.strategies.RoundRobin") is RoundRobin


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("priorty", "Did you mean `priority`?"),
        ("no.such.Class", "cannot be imported: ModuleNotFoundError"),
        ("utils.chat.Delta", "should be `priority`"),
        ("", "should be `priority`"),
    ],
)
def test_a_strategy_that_is_none_is_named_as_such(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        strategy_named(name)
