"""Controls by name, and the owner's own beside them."""

from typing import get_args

import fastapi_poe as fp
import pytest
from fastapi_poe import types
from hypothesis import given
from hypothesis import strategies as st

from tests.poe.controls.bots import PROVIDERS, bot, condition, drop_down, showing, slider
from utils.poe.controls import controls_of, ready_made, wrong_controls, wrong_controls_of
from utils.registry.bot_config import Control

NAMES = get_args(Control)


def made(name, **fields):
    (section,) = ready_made(bot(controls=[name], **fields), PROVIDERS)["sections"]
    (control,) = section["controls"]
    return control


def test_a_bot_without_controls_has_none():
    assert ready_made(bot(), PROVIDERS) is None
    assert controls_of(bot(), PROVIDERS) is None


def test_controls_stand_in_the_order_in_which_they_are_asked_for_and_once():
    controls = ready_made(bot(controls=["temperature", "model", "temperature"]), PROVIDERS)

    (section,) = controls["sections"]
    assert controls["api_version"] == "2"
    assert [control["parameter_name"] for control in section["controls"]] == ["temperature", "model"]


def test_the_model_is_chosen_from_the_offers_and_the_bots_own_is_the_default():
    control = made("model", model="terra", models=["gpt-6-luna"])

    assert control["default_value"] == "openai:gpt-6.1-terra-2026-10"
    assert control["options"] == [
        {"value": "openai:gpt-6.1-terra-2026-10", "name": "terra"},
        {"value": "openai:gpt-6-luna", "name": "gpt-6-luna"},
    ]


def test_a_bot_without_any_model_offers_none():
    assert ready_made(bot(provider="bare", controls=["model"]), PROVIDERS) is None


@pytest.mark.parametrize(("configured", "shown"), [(None, 1), (0, 0), (0.3, 0.3)])
def test_the_temperature_begins_where_the_bot_has_it(configured, shown):
    control = made("temperature", temperature=configured)

    assert control["default_value"] == shown
    assert (control["min_value"], control["max_value"], control["step"]) == (0, 2, 0.1)


@pytest.mark.parametrize(("configured", "most"), [(None, 16_384), (1, 2), (2000, 2000), (100_000, 100_000)])
def test_answers_may_be_as_long_as_the_owner_allows(configured, most):
    control = made("max_tokens", max_tokens=configured)

    assert (control["min_value"], control["max_value"]) == (1, most)
    assert control.get("default_value") == configured


def test_the_effort_begins_with_the_models_own():
    control = made("reasoning_effort")

    assert control["default_value"] == "default"
    assert [option["value"] for option in control["options"]] == ["default", "low", "medium", "high"]


def test_the_bots_own_instructions_are_not_shown():
    assert "secret" not in str(made("system_message", system_message="a secret"))


@pytest.mark.parametrize(("reasoning", "shown"), [("show", True), ("hide", False), ("status", False)])
def test_reasoning_is_on_where_the_bot_shows_it(reasoning, shown):
    assert made("show_reasoning", reasoning=reasoning)["default_value"] is shown


MODELS = st.sampled_from(["gpt-6-luna", "terra", "bare:a", "bare:b:c", "openai:terra", "new", "org/own:8b", "x:y", ""])


@given(
    st.fixed_dictionaries(
        {"controls": st.lists(st.sampled_from(NAMES)), "models": st.lists(MODELS)},
        optional={
            "provider": st.sampled_from(["openai", "bare", "unknown"]),
            "model": MODELS,
            "temperature": st.floats(0, 2),
            "max_tokens": st.integers(1, 2**62),
            "reasoning": st.sampled_from(["hide", "show", "status"]),
        },
    )
)
def test_ready_made_controls_are_always_right(fields):
    controls = ready_made(bot(**fields), PROVIDERS)

    assert controls is None or not list(wrong_controls(controls))
    assert controls is None or types.ParameterControls.model_validate(controls)


def test_the_owners_sections_come_after_the_ready_made_one():
    own = showing(slider())

    controls = controls_of(bot(controls=["model"], parameter_controls=own), PROVIDERS)

    assert [section.get("name") for section in controls["sections"]] == ["Options", None]
    assert fp.SettingsResponse.model_validate({"parameter_controls": controls})


@pytest.mark.parametrize(
    "fields", [{"parameter_controls": showing(slider())}, {"poe": {"parameter_controls": showing(slider())}}]
)
def test_the_owners_controls_stand_alone_where_none_is_ready_made(fields):
    assert controls_of(bot(**fields), PROVIDERS) == showing(slider())


def test_the_owners_controls_may_depend_on_the_ready_made_ones():
    own = showing(condition(slider(), left={"parameter_name": "model"}))

    assert list(wrong_controls_of(bot(controls=["model"], parameter_controls=own), PROVIDERS)) == []


def test_mistakes_are_placed_in_the_bots_own_entry():
    own = showing(slider("temperature"), drop_down(default_value="odd"))
    config = bot(controls=["temperature"], models=["nowhere:a"], parameter_controls=own)

    assert [place for _, place in wrong_controls_of(config, PROVIDERS)] == [
        ("models", 0),
        ("parameter_controls", "sections", 0, "controls", 1, "default_value"),
        ("parameter_controls", "sections", 0, "controls", 0, "parameter_name"),
    ]


def test_controls_that_would_hide_others_are_a_mistake():
    config = bot(controls=["model"], poe={"parameter_controls": showing(slider())})

    assert list(wrong_controls_of(config, PROVIDERS)) == [
        (
            "`poe.parameter_controls` would hide `controls` and `parameter_controls`; move what it holds to"
            " `parameter_controls`.",
            ("poe", "parameter_controls"),
        )
    ]
