"""What a person chose, whatever was sent."""

import math
from typing import get_args

import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.poe.controls.bots import PROVIDERS, bot, condition, drop_down, showing, slider
from utils.errors import BotErrorNoRetry
from utils.poe.controls import Chosen, chosen, parameters_of
from utils.registry.bot_config import Control

EVERY_CONTROL = get_args(Control)
RATIO = {
    "control": "aspect_ratio",
    "label": "Shape",
    "parameter_name": "shape",
    "options": [{"width": 16, "height": 9}, {"value": "square", "width": 1, "height": 1}],
    "default_value": "16:9",
}
OWN = showing(
    slider(),
    slider("depth", min_value=0.5, max_value=1.5, step=0.5, default_value=1),
    drop_down(default_value="plain"),
    {"control": "toggle_switch", "label": "Loud", "parameter_name": "loud", "default_value": False},
    {"control": "divider"},
    condition(RATIO, {"control": "text_area", "label": "Topic", "parameter_name": "topic"}),
)
POET = bot(controls=EVERY_CONTROL, models=["terra", "bare:a"], max_tokens=2000, parameter_controls=OWN)
DEFAULTS = {"depth": 1, "style": "plain", "loud": False, "shape": "16:9"}


def test_who_chose_nothing_gets_the_bot_as_it_is_configured():
    assert chosen({}, POET, PROVIDERS) == Chosen(own=DEFAULTS)


def test_what_is_null_is_not_chosen():
    assert chosen(dict.fromkeys([*EVERY_CONTROL, *DEFAULTS]), POET, PROVIDERS) == Chosen(own=DEFAULTS)


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("model", "bare:a", {"provider": "bare", "model": "a"}),
        ("model", "openai:gpt-6.1-terra-2026-10", {"provider": "openai", "model": "gpt-6.1-terra-2026-10"}),
        ("model", "terra", {"provider": "openai", "model": "gpt-6.1-terra-2026-10"}),
        ("model", "openai:gpt-6-luna", {}),
        ("temperature", 0.4, {"temperature": 0.4}),
        ("temperature", 0, {"temperature": 0.0}),
        ("temperature", " 1.5 ", {"temperature": 1.5}),
        ("temperature", -3, {"temperature": 0.0}),
        ("temperature", 10**400, {"temperature": 2.0}),
        ("temperature", math.inf, {"temperature": 2.0}),
        ("temperature", "-Infinity", {"temperature": 0.0}),
        ("max_tokens", 100, {"max_tokens": 100}),
        ("max_tokens", 99.9, {"max_tokens": 99}),
        ("max_tokens", "500", {"max_tokens": 500}),
        ("max_tokens", 0, {"max_tokens": 1}),
        ("max_tokens", 9999, {"max_tokens": 2000}),
        ("reasoning_effort", "high", {"reasoning_effort": "high"}),
        ("reasoning_effort", "default", {}),
        ("system_message", " In rhymes. ", {"system_message": "In rhymes."}),
        ("system_message", " ", {}),
        ("system_message", "a\ud800b", {"system_message": "a?b"}),
        ("show_reasoning", True, {"show_reasoning": True}),
        ("show_reasoning", "False", {"show_reasoning": False}),
        ("show_reasoning", 1, {"show_reasoning": True}),
    ],
)
def test_what_is_chosen_is_read_and_kept_in_range(parameter, value, expected):
    assert chosen({parameter: value}, POET, PROVIDERS) == Chosen(**expected, own=DEFAULTS)


NOT_OFFERED = (
    "This bot does not offer that model. Please choose one of: openai:gpt-6-luna, openai:gpt-6.1-terra-2026-10, bare:a."
)


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("model", "openai:gpt-6.1-sol", NOT_OFFERED),
        ("model", "nowhere:a", NOT_OFFERED),
        ("model", "", NOT_OFFERED),
        ("model", ["bare:a"], NOT_OFFERED),
        ("temperature", "warm", "`temperature` should be a number between 0 and 2."),
        ("temperature", math.nan, "`temperature` should be a number between 0 and 2."),
        ("temperature", "nan", "`temperature` should be a number between 0 and 2."),
        ("temperature", True, "`temperature` should be a number between 0 and 2."),
        ("temperature", {"a": 1}, "`temperature` should be a number between 0 and 2."),
        ("max_tokens", "9" * 5000, "`max_tokens` should be a number between 1 and 2000."),
        (
            "reasoning_effort",
            "extreme",
            "`reasoning_effort` has no such choice. Please choose one of: default, low, medium, high.",
        ),
        ("system_message", 5, "`system_message` should be text."),
        ("system_message", "a" * 20_001, "`system_message` is too long: please keep it under 20,000 characters."),
        ("show_reasoning", "perhaps", "`show_reasoning` should be true or false."),
        ("show_reasoning", [], "`show_reasoning` should be true or false."),
        ("size", "big", "`size` should be a number between 0 and 10."),
        ("style", "odd", "`style` has no such choice. Please choose one of: plain, rich."),
        ("shape", "4:3", "`shape` has no such choice. Please choose one of: 16:9, square."),
        ("topic", {}, "`topic` should be text."),
        ("loud", 2, "`loud` should be true or false."),
    ],
)
def test_what_a_control_does_not_have_is_refused_in_plain_words(parameter, value, says):
    with pytest.raises(BotErrorNoRetry) as refusal:
        chosen({parameter: value}, POET, PROVIDERS)

    assert str(refusal.value) == says


@pytest.mark.parametrize("name", EVERY_CONTROL)
def test_a_control_that_the_bot_does_not_have_has_no_effect(name):
    config = bot(controls=[other for other in EVERY_CONTROL if other != name], models=["terra"])

    assert chosen({name: "terra", "nobody_knows": 1}, config, PROVIDERS) == Chosen()


@pytest.mark.parametrize(
    ("parameter", "value", "read"),
    [
        ("size", 3, 3),
        ("size", "3.0", 3),
        ("size", 99, 10),
        ("depth", "1.25", 1.25),
        ("style", "rich", "rich"),
        ("loud", "on", True),
        ("shape", "square", "square"),
        ("topic", "", ""),
    ],
)
def test_the_owners_own_controls_are_read_by_their_kind(parameter, value, read):
    own = chosen({parameter: value}, POET, PROVIDERS).own

    assert own == {**DEFAULTS, parameter: read}
    assert type(own[parameter]) is type(read)


def test_controls_of_poes_settings_are_the_owners_own():
    config = bot(poe={"parameter_controls": showing(slider(default_value=4))})

    assert chosen({}, config, PROVIDERS).own == {"size": 4}


def test_a_parameter_that_two_conditions_show_takes_what_either_offers():
    small, large = drop_down("cut", "xs", "s"), drop_down("cut", "l", "xl")
    config = bot(parameter_controls=showing(drop_down(), condition(small), condition(large, comparator="ne")))

    assert chosen({"cut": "xl"}, config, PROVIDERS).own == {"cut": "xl"}
    with pytest.raises(BotErrorNoRetry):
        chosen({"cut": "m"}, config, PROVIDERS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["terra", "1e999", "on"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
PARAMETERS = [*EVERY_CONTROL, *DEFAULTS, "size", "topic", "unknown"]


@given(st.sampled_from(PARAMETERS), ANYTHING)
def test_whatever_is_sent_is_in_range_or_refused(parameter, value):
    try:
        choice = chosen({parameter: value}, POET, PROVIDERS)
    except BotErrorNoRetry:
        return

    assert choice.model in {None, "gpt-6.1-terra-2026-10", "a"}
    assert 0 <= (choice.temperature or 0) <= 2
    assert 1 <= (choice.max_tokens or 1) <= 2000
    assert choice.reasoning_effort in {None, "low", "medium", "high"}
    assert choice.show_reasoning in {None, True, False}
    assert len((choice.system_message or "").encode()) <= 4 * 20_000
    assert set(choice.own) <= {*DEFAULTS, "size", "topic"}
    assert 0 <= choice.own.get("size", 0) <= 10
    assert 0.5 <= choice.own["depth"] <= 1.5
    assert choice.own["style"] in {"plain", "rich"}


def request(*turns):
    query = [fp.ProtocolMessage(role=role, content="", parameters=parameters) for role, parameters in turns]
    return fp.QueryRequest(version="", type="query", query=query, user_id="", conversation_id="", message_id="")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], {}),
        ([("bot", {"a": 1})], {}),
        ([("user", {"a": 1}), ("bot", {"a": 2}), ("user", {"b": 3})], {"b": 3}),
        ([("user", {"a": 1}), ("bot", {}), ("tool", {"a": 2})], {"a": 1}),
        ([("user", {"a": 1}), ("bot", {}), ("user", {})], {}),
    ],
)
def test_parameters_are_those_of_the_persons_last_message(turns, expected):
    assert parameters_of(request(*turns)) == expected
