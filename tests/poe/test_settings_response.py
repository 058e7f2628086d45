"""`poe:` of bots.yaml, and what Poe is told."""

import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.poe.controls.bots import bot, showing, slider
from utils.poe.settings_response import settings_response, wrong_settings

EVERYTHING = {
    "response_version": 2,
    "server_bot_dependencies": {"Claude-Haiku": 1},
    "allow_attachments": False,
    "introduction_message": "Hello",
    "expand_text_attachments": False,
    "enable_image_comprehension": True,
    "enforce_author_role_alternation": True,
    "enable_multi_entity_prompting": False,
    "rate_card": "[usd_milli_cents=30] a message",
    "cost_label": "[usd_milli_cents=30]+",
    "parameter_controls": showing(slider()),
}


def test_every_setting_that_poe_has_is_right():
    assert list(wrong_settings(EVERYTHING)) == []


def test_every_setting_that_is_unset_is_right():
    assert list(wrong_settings(dict.fromkeys(EVERYTHING))) == []


@pytest.mark.parametrize(
    ("settings", "place", "message"),
    [
        (
            {"introduction_mesage": "Hi"},
            "introduction_mesage",
            "Poe has no setting `introduction_mesage`. Did you mean `introduction_message`?",
        ),
        ({"zebra": None}, "zebra", "Poe has no setting `zebra`."),
        (
            {"allow_attachments": "maybe"},
            "allow_attachments",
            "Poe's setting `allow_attachments` should be true or false.",
        ),
        ({"rate_card": 5}, "rate_card", "Poe's setting `rate_card` should be text; put it in quotes."),
        (
            {"server_bot_dependencies": ["Claude"]},
            "server_bot_dependencies",
            "Poe's setting `server_bot_dependencies` should be a mapping.",
        ),
        (
            {"server_bot_dependencies": {"Claude": "often"}},
            "server_bot_dependencies.Claude",
            "Poe's setting `server_bot_dependencies.Claude` should be a whole number.",
        ),
        (
            {"response_version": 1},
            "response_version",
            "Poe's setting `response_version` is always 2 here; leave it out.",
        ),
        (
            {"custom_rate_card": "x"},
            "custom_rate_card",
            "Poe's setting `custom_rate_card` is outdated; write `rate_card` instead.",
        ),
        (
            {"enable_multi_bot_chat_prompting": True},
            "enable_multi_bot_chat_prompting",
            "Poe's setting `enable_multi_bot_chat_prompting` is outdated;"
            " write `enable_multi_entity_prompting` instead.",
        ),
        (
            {"context_clear_window_secs": "x"},
            "context_clear_window_secs",
            "Poe's setting `context_clear_window_secs` is outdated and has no effect any more; leave it out.",
        ),
        (
            {"allow_user_context_clear": True},
            "allow_user_context_clear",
            "Poe's setting `allow_user_context_clear` is outdated and has no effect any more; leave it out.",
        ),
        (
            {"parameter_controls": []},
            "parameter_controls",
            "Poe's setting `parameter_controls` should be a mapping.",
        ),
        (
            {"parameter_controls": showing(slider(step=0))},
            "parameter_controls.sections.0.controls.0.step",
            "Poe's setting `parameter_controls.sections.0.controls.0.step` should be greater than 0.",
        ),
    ],
)
def test_a_mistake_in_poes_settings_is_told_with_its_place(settings, place, message):
    steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))

    assert list(wrong_settings({**EVERYTHING, **settings})) == [(message, steps)]


@given(
    st.dictionaries(
        st.sampled_from(sorted(EVERYTHING)) | st.text(),
        st.none() | st.booleans() | st.integers() | st.text() | st.dictionaries(st.text(), st.integers()),
    )
)
def test_settings_without_a_mistake_can_be_told_to_poe(settings):
    if not list(wrong_settings(settings)):
        told = settings_response(bot(poe=settings), sees=True, controls=None)

        assert isinstance(told, fp.SettingsResponse)
        assert told.response_version == 2


def test_a_bot_takes_files_and_has_texts_read_unless_it_says_otherwise():
    told = settings_response(bot(), sees=True, controls=None)

    assert told.response_version == 2
    assert told.allow_attachments is True
    assert told.expand_text_attachments is True


@pytest.mark.parametrize("sees", [True, False])
def test_poe_describes_pictures_to_a_model_that_does_not_see(sees):
    told = settings_response(bot(poe={"enable_image_comprehension": None}), sees=sees, controls=None)

    assert told.enable_image_comprehension is not sees


def test_controls_and_prices_are_told():
    told = settings_response(bot(), sees=True, controls=showing(slider()), rate_card="a card", cost_label="a label")

    said = told.model_dump(exclude_none=True)
    assert said["parameter_controls"] == showing(slider())
    assert (said["rate_card"], said["cost_label"]) == ("a card", "a label")


def test_what_stands_in_the_file_wins():
    config = bot(poe=EVERYTHING)

    told = settings_response(config, sees=True, controls=showing(slider("other")), rate_card="x", cost_label="y")

    assert told.model_dump(exclude_none=True) == EVERYTHING
