"""An entry is given as a whole, and what is the same in it stays as it is written."""

import pytest

from tests.registry.editing.files import BOTS, edit_of, edited
from utils.errors import EditRefused
from utils.registry.editing import Revise, Write, entry_in, written_in

STYLED = """\
bots:
  # the quiet one
  - bot_name: "Poet"     # quoted
    provider: 'openai'
    timeout: 60.0        # long
    fallbacks:
      - groq             # cheap
      - "openai:gpt-6-sol"
    poe: {introduction_message: Hi}   # short

  - {bot_name: Bard, provider: openai}  # on one line
"""
POET = {
    "bot_name": "Poet",
    "provider": "openai",
    "timeout": 60,
    "fallbacks": ["groq", "openai:gpt-6-sol"],
    "poe": {"introduction_message": "Hi"},
}


def revised(folder, name, data, bots=STYLED):
    return edited(folder, Revise("bots", name, data), bots=bots)["bots"]


def test_what_says_the_same_changes_nothing(tmp_path):
    assert revised(tmp_path, "Poet", POET) == STYLED


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ({"timeout": 30}, "timeout: 60.0        # long", "timeout: 30        # long"),
        ({"fallbacks": ["groq"]}, '      - "openai:gpt-6-sol"\n', ""),
        ({"fallbacks": ["openai:gpt-6-sol"]}, "      - groq             # cheap\n", ""),
        ({"fallbacks": ["groq", "openai"]}, '- "openai:gpt-6-sol"', "- openai"),
        ({"poe": {"introduction_message": "Ho"}}, "message: Hi}", "message: Ho}"),
        ({"provider": "groq"}, "'openai'", "groq"),
    ],
)
def test_only_the_value_that_differs_is_written_anew(tmp_path, change, old, new):
    assert revised(tmp_path, "Poet", {**POET, **change}) == STYLED.replace(old, new)


def test_a_field_that_is_not_given_any_more_is_taken_out_with_its_comment(tmp_path):
    data = {name: value for name, value in POET.items() if name != "timeout"}

    assert revised(tmp_path, "Poet", data) == STYLED.replace("    timeout: 60.0        # long\n", "")


def test_lines_take_the_place_of_an_entry_and_its_comment_above_stays(tmp_path):
    text, data = entry_in("- bot_name: Poet\n  # why\n  provider: openai\n")

    new = edited(tmp_path, Write("bots", text, data, instead_of="Poet"), bots=STYLED)["bots"]

    assert new.startswith(
        "bots:\n  # the quiet one\n  - bot_name: Poet\n    # why\n    provider: openai\n\n  - {bot_name: B"
    )


def test_lines_take_the_place_of_an_entry_on_one_line(tmp_path):
    text, data = entry_in("bot_name: Bard # old\nprovider: openai")

    new = edited(tmp_path, Write("bots", text, data, instead_of="Bard"), bots=STYLED)["bots"]

    assert new.endswith("\n\n  - bot_name: Bard # old\n    provider: openai\n")


@pytest.mark.parametrize("bots", [BOTS, STYLED, "bots: []\n", "bots: [{bot_name: A, provider: openai}]\n", ""])
def test_what_is_shown_of_an_entry_can_be_written_again(tmp_path, bots):
    text, data = entry_in("bot_name: New   # one more\nprovider: openai\nsystem_message: |\n  One.\n\n  Two.\n")
    once = edited(tmp_path, Write("bots", text, data), bots=bots)["bots"]
    shown = written_in(once, "bots")[-1]

    twice = edited(tmp_path, Write("bots", *entry_in(shown.text), instead_of="New"), bots=once)["bots"]

    assert (shown.name, dict(shown.data)) == ("New", data)
    assert twice == once


def test_line_ends_of_the_file_are_kept(tmp_path):
    text, data = entry_in("bot_name: New\r\nprovider: openai\r\n")

    new = edited(tmp_path, Write("bots", text, data), bots=BOTS.replace("\n", "\r\n"))["bots"]

    assert new.count("\r\n") == new.count("\n") == 6


def test_an_entry_on_an_anchor_is_shown_with_what_it_says(tmp_path):
    text = "bots:\n- &a {bot_name: A, provider: openai}\n- {<<: *a, bot_name: B}\n- *a\n"

    shown = written_in(text, "bots")

    assert [entry.text for entry in shown][1] == "bot_name: B\nprovider: openai\n"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Revise("bots", "Nobody", POET), "missing"),
        (Revise("bots", "Poet", {**POET, "bot_name": "Bard"}), "exists"),
        (Revise("bots", "Poet", {"provider": "openai"}), "invalid"),
        (Write("bots", "bot_name: Bard\nprovider: openai", {"bot_name": "Bard", "provider": "openai"}), "exists"),
        (Write("bots", "bot_name: X\n...\n", {"bot_name": "X", "provider": "openai"}), "shared"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path, change, reason):
    edit = edit_of(tmp_path, change, bots=STYLED)

    with pytest.raises(EditRefused) as refused:
        edit.save()

    assert refused.value.reason == reason
    assert (tmp_path / "bots.yaml").read_text() == STYLED
