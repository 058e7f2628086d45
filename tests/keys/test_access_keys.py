import pytest

from utils.keys import access_key_names, find_access_key


@pytest.mark.parametrize(
    ("bot_name", "own"),
    [
        ("ClaudeBot", "POE_ACCESS_KEY_CLAUDEBOT"),
        ("my-bot_2", "POE_ACCESS_KEY_MY_BOT_2"),
        ("A  bot, really!", "POE_ACCESS_KEY_A_BOT_REALLY"),
        ("GPT-6.1", "POE_ACCESS_KEY_GPT_6_1"),
        ("-edge-", "POE_ACCESS_KEY_EDGE"),
        ("Straße", "POE_ACCESS_KEY_STRASSE"),
        ("Café au lait", "POE_ACCESS_KEY_CAF_AU_LAIT"),
    ],
)
def test_a_bot_has_a_variable_of_its_own_and_then_the_common_one(bot_name, own):
    assert access_key_names(bot_name) == (own, "POE_ACCESS_KEY")


@pytest.mark.parametrize("bot_name", ["猫", "!!!", "—"])
def test_a_name_without_a_letter_that_a_variable_can_hold_has_only_the_common_one(bot_name):
    assert access_key_names(bot_name) == ("POE_ACCESS_KEY",)


def test_a_configured_variable_is_the_only_one():
    assert access_key_names("ClaudeBot", "MY_KEY") == ("MY_KEY",)


def test_the_first_variable_that_is_set_counts(monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", "common")
    names = access_key_names("Poet")

    before = find_access_key(names)
    monkeypatch.setenv("POE_ACCESS_KEY_POET", " ")
    blank = find_access_key(names)
    monkeypatch.setenv("POE_ACCESS_KEY_POET", "own")

    assert (before, blank, find_access_key(names)) == ("common", "common", "own")


def test_no_variable_is_no_key():
    assert find_access_key(access_key_names("Poet")) is None
