# ruff: noqa: E501  # a case on a line
"""One change: what it does to the text, what stays, and when it is refused."""

import pytest

from tests.registry.editing.files import bot, edit_of, edited, removing, setting, unsetting
from utils.errors import EditRefused
from utils.registry.editing import Add, Remove, SetField, field_path, value_of

WITH_COMMENTS = """\
# top
bots:
  - bot_name: Poet   # the poet
    provider: openai
    # temperature: 0.5
    poe: {introduction_message: Hi}   # greets

  # says it louder
  - bot_name: Shout
    provider: openai
    system_message: |
      Be
      loud
    fallbacks:
      - groq   # quick
      - groq:fast

# the end"""


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (setting("Poet", "temperature", 0.4), "greets\n", "greets\n    temperature: 0.4\n"),
        (setting("Poet", "provider", "groq"), "openai\n    # temp", "groq\n    # temp"),
        (setting("Poet", "poe.introduction_message", "a, b: c"), "{introduction_message: Hi}", '{introduction_message: "a, b: c"}'),
        (setting("Poet", "poe", {"introduction_message": "Hi"}), "poe: {introduction_message: Hi}   # greets\n", "poe:   # greets\n      introduction_message: Hi\n"),
        (setting("Poet", "poe.enable_image_comprehension", True), "Hi}", "Hi, enable_image_comprehension: true}"),
        (setting("Shout", "system_message", "Loud"), "|\n      Be\n      loud\n", "Loud\n"),
        (setting("Shout", "system_message", "A\n\nB\n"), "|\n      Be\n      loud\n", "|\n      A\n\n      B\n"),
        (setting("Poet", "bot_description", "yes"), "greets\n", 'greets\n    bot_description: "yes"\n'),
        (setting("Shout", "fallbacks.0", "groq:fast"), "- groq   # quick", "- groq:fast   # quick"),
        (setting("Shout", "fallbacks.2", "openai"), "- groq:fast\n", "- groq:fast\n      - openai\n"),
        (setting("Shout", "fallbacks", ["groq"]), ":\n      - groq   # quick\n      - groq:fast\n", ": [groq]\n"),
        (unsetting("Shout", "fallbacks.0"), "      - groq   # quick\n", ""),
        (unsetting("Shout", "fallbacks"), "    fallbacks:\n      - groq   # quick\n      - groq:fast\n", ""),
        (unsetting("Shout", "system_message"), "    system_message: |\n      Be\n      loud\n", ""),
        (unsetting("Poet", "poe.introduction_message"), "{introduction_message: Hi}", "{}"),
        (removing("Shout"), WITH_COMMENTS[WITH_COMMENTS.index("\n  # says") : WITH_COMMENTS.index("\n# the end")], ""),
        (removing("Poet"), WITH_COMMENTS[WITH_COMMENTS.index("  - bot_name: Poet") : WITH_COMMENTS.index("  # says")], ""),
        (bot("New"), "groq:fast\n", "groq:fast\n\n  - bot_name: New\n    provider: openai\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_what_changes_changes(tmp_path, change, old, new, newline, mark):
    assert WITH_COMMENTS.count(old) == 1

    after = edited(tmp_path, change, bots=mark + WITH_COMMENTS.replace("\n", newline))["bots"]

    assert after == mark + WITH_COMMENTS.replace(old, new).replace("\n", newline)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("bots: [{bot_name: A, provider: openai}]", bot("B"), "bots: [{bot_name: A, provider: openai}, {bot_name: B, provider: openai}]"),
        ("bots: [\n  {bot_name: A, provider: openai},  # a\n  {bot_name: B, provider: openai}  # b\n]\n", bot("C"), "bots: [\n  {bot_name: A, provider: openai},  # a\n  {bot_name: B, provider: openai},  # b\n  {bot_name: C, provider: openai}\n]\n"),
        ("bots:\n- {bot_name: A, provider: openai}", bot("B"), "bots:\n- {bot_name: A, provider: openai}\n- {bot_name: B, provider: openai}"),
        ("bots:\n-   bot_name: A\n    provider: openai\n", bot("B"), "bots:\n-   bot_name: A\n    provider: openai\n\n-   bot_name: B\n    provider: openai\n"),
        ("bots: []  # none\n", bot("B"), "bots:  # none\n  - bot_name: B\n    provider: openai\n"),
        ("bots:\n", bot("B"), "bots:\n  - bot_name: B\n    provider: openai\n"),
        ("", bot("B"), "bots:\n  - bot_name: B\n    provider: openai\n"),
        ("bots: [{bot_name: A, provider: openai}, {bot_name: B, provider: openai}]", removing("B"), "bots: [{bot_name: A, provider: openai}]"),
        ("bots:\n- bot_name: A\n  provider: openai\n# end\n", removing("A"), "bots: []\n# end\n"),
        ("bots: [{bot_name: A, provider: openai}]", removing("A"), "bots: []"),
        ("bots:\n- provider: openai\n  bot_name: A\n", unsetting("A", "model"), None),
        ("bots:\n- model: gpt-6-sol\n  bot_name: A\n  provider: openai\n", unsetting("A", "model"), "bots:\n- bot_name: A\n  provider: openai\n"),
        ("bots:\n- bot_name: A\n  provider: openai\n  model:\n", setting("A", "model", "gpt-6-sol"), "bots:\n- bot_name: A\n  provider: openai\n  model: gpt-6-sol\n"),
        ("bots:\n- bot_name: A\n  poe:\n  provider: openai", setting("A", "poe.introduction_message", "Hi"), "bots:\n- bot_name: A\n  poe:\n    introduction_message: Hi\n  provider: openai"),
    ],
)  # fmt: skip
def test_the_style_of_the_file_is_followed(tmp_path, before, change, after):
    if after is None:
        with pytest.raises(EditRefused, match="there is no `model`"):
            edited(tmp_path, change, bots=before)
    else:
        assert edited(tmp_path, change, bots=before)["bots"] == after


@pytest.mark.parametrize(
    ("comment", "stays"),
    [
        ("# about B", False),
        ("# about B\n# two lines", False),
        ("# --- the quick ones ---", True),
        ("# The three below are free.", True),
        ("# apart\n", True),
    ],
)
def test_a_comment_goes_with_its_entry_unless_it_is_the_heading_of_several(tmp_path, comment, stays):
    entry = "- {{bot_name: {}, provider: openai}}"
    text = "\n".join(
        ["bots:", entry.format("A"), "", comment, entry.format("B"), "", "# about C", entry.format("C"), ""]
    )

    after = edited(tmp_path, removing("B"), bots=text)["bots"]

    assert (comment.strip() in after) is stays
    assert "# about C\n- {bot_name: C" in after


def test_a_comment_above_entries_without_a_gap_is_their_heading(tmp_path):
    text = "bots:\n# quick\n- {bot_name: A, provider: openai}\n- {bot_name: B, provider: openai}\n"

    after = edited(tmp_path, removing("A"), bots=text)["bots"]

    assert after == "bots:\n# quick\n- {bot_name: B, provider: openai}\n"


ANCHORED = """\
bots:
  - &base
    bot_name: A
    provider: openai
    poe: &poe {introduction_message: Hi}
  - <<: *base
    bot_name: B
    poe: *poe
  - {bot_name: C, provider: openai}
"""


@pytest.mark.parametrize(
    "change",
    [
        setting("A", "temperature", 1),
        setting("A", "poe.introduction_message", "Ho"),
        setting("B", "poe.introduction_message", "Ho"),
        unsetting("A", "poe"),
        unsetting("B", "provider"),
        removing("A"),
    ],
)
def test_what_an_alias_elsewhere_means_is_not_changed(tmp_path, change):
    with pytest.raises(EditRefused, match=r"anchor|alias"):
        edited(tmp_path, change, bots=ANCHORED)

    assert (tmp_path / "bots.yaml").read_text() == ANCHORED


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (setting("B", "temperature", 1), "poe: *poe\n", "poe: *poe\n    temperature: 1\n"),
        (setting("B", "provider", "groq"), "poe: *poe\n", "poe: *poe\n    provider: groq\n"),
        (setting("B", "poe", {}), "*poe\n", "{}\n"),
        (setting("C", "temperature", 1), "C, provider: openai}", "C, provider: openai, temperature: 1}"),
    ],
)
def test_what_no_alias_means_is_changed_beside_anchors(tmp_path, change, old, new):
    assert edited(tmp_path, change, bots=ANCHORED)["bots"] == ANCHORED.replace(old, new)


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        (bot("Poet"), "exists", "already a bot `Poet`"),
        (removing("Pot"), "missing", "Did you mean `Poet`?"),
        (setting("Pot", "model", "x"), "missing", "Did you mean `Poet`?"),
        (setting("Poet", "provider.deep", 1), "missing", "it is one value"),
        (setting("Poet", "fallbacks.3", "groq"), "missing", "no element 3"),
        (Remove("providers", "openai"), "in_use", "is needed by Poet"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(tmp_path, change, reason, said):
    with pytest.raises(EditRefused) as refusal:
        edited(tmp_path, change)

    assert refusal.value.reason == reason
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (setting("Poet", "temprature", 1), "Did you mean `temperature`?"),
        (setting("Poet", "temperature", 7), "`temperature`"),
        (setting("Poet", "provider", "opnai"), "Did you mean `openai`?"),
        (bot("Two", path="/Poet"), "is already that of bot `Poet`"),
        (SetField("providers", "openai", ("enabled",), False), "bots.yaml:3: bot `Poet` asks for provider `openai`"),
        (Add("providers", {"name": "x", "api_base": "nowhere"}), "should be an address"),
    ],
)
def test_a_change_that_brings_a_mistake_is_refused_with_what_check_would_say(tmp_path, change, finding):
    edit = edit_of(tmp_path, change)
    before = {path: path.read_bytes() for path in edit.paths.values()}

    with pytest.raises(EditRefused) as refusal:
        edit.save()

    assert finding in " ".join(map(str, refusal.value.findings))
    assert {path: path.read_bytes() for path in edit.paths.values()} == before


def test_mistakes_that_were_there_do_not_hinder(tmp_path):
    text = "bots:\n- {bot_name: A, provider: nowhere}\n- {bot_name: B, provider: openai, modle: x}\n"

    after = edited(tmp_path, setting("B", "temperature", 1), unsetting("B", "modle"), bots=text)["bots"]

    assert after == "bots:\n- {bot_name: A, provider: nowhere}\n- {bot_name: B, provider: openai, temperature: 1}\n"


def test_a_mistake_that_was_hidden_by_another_one_does_not_hinder(tmp_path):
    text = "bots:\n- bot_name: A\n  provider: nowhere\n  modle: x\n"

    after = edited(tmp_path, unsetting("A", "modle"), bots=text)["bots"]

    assert after == "bots:\n- bot_name: A\n  provider: nowhere\n"


def test_a_provider_that_bots_need_goes_when_it_is_forced(tmp_path):
    after = edited(tmp_path, Remove("providers", "openai", force=True))

    assert "name: openai" not in after["providers"]


def test_an_entry_is_replaced_where_it_stands(tmp_path):
    change = Add("bots", {"bot_name": "Poet", "provider": "groq"}, replace=True)

    after = edited(tmp_path, change, bots=WITH_COMMENTS)["bots"]

    assert after.startswith("# top\nbots:\n  - bot_name: Poet\n    provider: groq\n\n  # says it louder\n")


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("0.4", "temperature", 0.4),
        ("60", "timeout", 60),
        ("true", "enabled", True),
        ("null", "model", None),
        ("[groq, 'openai:x']", "fallbacks", ["groq", "openai:x"]),
        ("{a: 1}", "settings", {"a": 1}),
        ("1.0", "version", "1.0"),
        ('"1"', "settings.x", "1"),
        ("You: answer # now", "system_message", "You: answer # now"),
        ("- not a list", "system_message", "- not a list"),
        ("it's \"so", "system_message", "it's \"so"),
        ("yes", "system_message", "yes"),
    ],
)
def test_a_value_is_read_as_its_owner_means_it(written, field, value):
    read = value_of(written, "bots", field_path(field))

    assert (read, type(read)) == (value, type(value))
