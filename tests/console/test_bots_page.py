"""The page Bots, as its logic: how each fares, and a bot that is added, changed and removed."""

import httpx
import pytest
from streamlit.proto.SelectWidgetFilterMode_pb2 import FILTER_MODE_CONTAINS

from tests.apps import app_of
from tests.console.conftest import ADMIN_KEY, BOTS, PROVIDERS
from tests.console.showing import button, buttons, by_key, connect, everything, meant, open_page, option, write
from utils.cli.local_server import serving_in_background

AS_FORM, AS_YAML = ":material/edit_note: Form", ":material/code: As YAML"
HOSTILE = "<script>alert(1)</script>"
ODD = f"""
- {{bot_name: "{HOSTILE}", provider: demo}}
- {{bot_name: Wrong, provider: demo, temprature: 1}}
- {{bot_name: Resting, provider: demo, enabled: false}}
"""


@pytest.fixture
def page(address, console_at):
    """The page with the admin key."""
    return open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "bots")


def told(console):
    return everything(console).replace("\\", "").replace("\u00a0", " ")


def new_bot(page, name="Poet", provider="demo"):
    write(button(page, "Add a bot").click().run(), "Name", name)
    return option(page, "Provider", provider)


def test_each_bot_says_how_it_is_and_how_its_model_fares(address, page):
    for _ in range(2):
        httpx.post(f"{address}/chat", json={"message": "/echo hi", "bot": "Steady"})

    page.run()

    assert "**Locked**" in told(page)
    assert "not ready" in told(page)
    assert "WORKSHOP_API_KEY is not set." in told(page)
    assert "python config_manager.py keys set WORKSHOP_API_KEY" in told(page)
    assert "2 asked · 0 % answered" in told(page)
    assert "first word" in told(page)


def test_of_several_who_may_answer_each_says_how_it_is(tmp_path, monkeypatch, console_at):
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    bots = "bots: [{bot_name: Steady, provider: keyed, fallbacks: [demo]}]"
    with serving_in_background(app_of(tmp_path, bots, PROVIDERS, ledger="off")) as address:
        page = open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "bots")

    assert ":green-badge[:material/check_circle: ready]" in told(page)
    assert "keyed:large: **not ready** (WORKSHOP_API_KEY is not set) · :gray[not asked yet]" in told(page)
    assert "demo:demo: :gray[not asked yet]" in told(page)
    assert "keys set WORKSHOP_API_KEY" in told(page)


def test_what_is_taken_out_is_said_with_the_reason(address, page):
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    httpx.post(f"{address}/admin/targets/demo/out", params={"reason": "*maintenance*"}, headers=key)

    page.run()

    assert "taken out" in told(page)
    assert r"\*maintenance\*" in everything(page)
    assert "ready, without 1 of 2" in told(page)


def test_a_mistake_a_switched_off_bot_and_a_name_of_html_are_told_as_they_are(tmp_path, monkeypatch, console_at):
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    with serving_in_background(app_of(tmp_path, BOTS + ODD, PROVIDERS, ledger="off")) as address:
        page = open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "bots")

    assert "has a mistake" in told(page)
    assert "Did you mean `temperature`?" in told(page)
    assert "switched off" in told(page)
    assert f"**{HOSTILE}**" in told(page)
    assert HOSTILE not in everything(page)


def test_a_new_bot_is_shown_as_a_difference_and_then_saved(tmp_path, address, page):
    before = (tmp_path / "bots.yaml").read_text()
    write(new_bot(page), "System message", "In verse.\nAlways.")

    button(page, "Review and save").click().run()
    shown = page.code[0].value
    assert (tmp_path / "bots.yaml").read_text() == before
    meant(page, button(page, "Review and save"), "Save")

    assert "+ - bot_name: Poet" in shown.replace("+- ", "+ - ")
    assert (tmp_path / "bots.yaml").read_text().startswith(before.rstrip("\n"))
    assert "Poet is saved and served" in told(page)
    assert {"Chat with it", "Connect it to Poe", "Close"} <= set(buttons(page))
    assert "Poet" in httpx.get(f"{address}/bots").json()


def test_enter_takes_one_fallback_and_never_all_that_match(page):
    new_bot(page)

    assert page.multiselect[0].proto.select_all == 0
    assert page.multiselect[0].proto.filter_mode == FILTER_MODE_CONTAINS


def test_every_problem_stands_at_its_field_and_is_named_beside_the_button(page):
    write(button(page, "Add a bot").click().run(), "Name", "a/b")

    button(page, "Review and save").click().run()

    assert "`bot_name` should hold no `/`" in told(page)
    assert "To mend above: **Name**" in told(page)
    assert page.code == []


def test_what_is_missing_stands_at_its_own_field(page):
    button(page, "Add a bot").click().run()

    button(page, "Review and save").click().run()

    assert "To mend above: **Name**, **Provider**." in told(page)


def test_a_name_that_is_taken_stands_at_the_name(page):
    button(new_bot(page, "DemoBot"), "Review and save").click().run()

    assert "There is already a bot `DemoBot`." in told(page)
    assert "To mend above: **Name**" in told(page)


def test_a_field_that_nobody_knows_is_named_with_the_nearest_and_comments_stay(tmp_path, page):
    by_key(page, "bots_edit_DemoBot").click().run()
    page.button_group[0].set_value(AS_YAML).run()
    lines = "bot_name: DemoBot\nprovider: demo\n"

    button(write(page, "Its lines", f"{lines}temprature: 1\n"), "Review and save").click().run()
    assert "Did you mean `temperature`?" in told(page)
    write(page, "Its lines", f"{lines}temperature: 1   # my own\n")
    meant(page, button(page, "Review and save"), "Save")

    assert "DemoBot is saved and served" in told(page)
    assert "# my own" in (tmp_path / "bots.yaml").read_text()


def test_a_mistake_in_the_form_stays_in_the_lines(page):
    write(new_bot(page), "Name", "a/b")

    page.button_group[0].set_value(AS_YAML).run()

    assert "bot_name: a/b" in page.text_area[0].value


def test_lines_that_are_no_yaml_keep_the_person_where_they_are(page):
    by_key(page, "bots_edit_DemoBot").click().run()
    page.button_group[0].set_value(AS_YAML).run()

    write(page, "Its lines", "bot_name: [")
    page.button_group[0].set_value(AS_FORM).run()

    assert "no valid YAML" in told(page)
    assert page.text_area[0].value == "bot_name: ["


def test_what_two_have_changed_in_one_entry_stays_of_both(tmp_path, address, page):
    write(by_key(page, "bots_edit_DemoBot").click().run(), "Description", "Mine.")
    put(address, "DemoBot", {"bot_name": "DemoBot", "provider": "demo", "temperature": 0.5})

    button(page, "Review and save").click().run()
    assert "Somebody has changed this entry meanwhile" in told(page)
    meant(page, button(page, "Review and save"), "Save")

    text = (tmp_path / "bots.yaml").read_text()
    assert "temperature: 0.5" in text
    assert "Mine." in text


def test_a_change_of_another_entry_stands_in_nobodys_way(tmp_path, address, page):
    write(by_key(page, "bots_edit_DemoBot").click().run(), "Description", "Mine.")
    put(address, "Locked", {"bot_name": "Locked", "provider": "keyed", "bot_description": "Theirs."})

    meant(page, button(page, "Review and save"), "Save")

    assert "DemoBot is saved and served" in told(page)
    assert {"Mine.", "Theirs."} <= set((tmp_path / "bots.yaml").read_text().replace("}", "").replace(",", "").split())


def test_an_entry_that_was_removed_meanwhile_may_be_added_again(address, page):
    by_key(page, "bots_edit_Locked").click().run()
    httpx.delete(f"{address}/admin/config/bots/Locked", headers={"authorization": f"Bearer {ADMIN_KEY}"})
    write(page, "Description", "Mine.")

    button(page, "Review and save").click().run()
    assert "Somebody has removed this entry meanwhile" in told(page)
    meant(page, button(page, "Review and save"), "Save")

    assert "Locked is saved and served" in told(page)


def test_what_is_saved_and_not_served_is_said_with_the_reason(page, monkeypatch):
    def broken(*_):
        raise RuntimeError

    new_bot(page)
    monkeypatch.setattr("utils.bot_factory.BotFactory.next", broken)
    meant(page, button(page, "Review and save"), "Save")

    assert "Poet** is saved, and not in force, because this went wrong: RuntimeError" in told(page)
    assert "What was served before goes on." in told(page)


def test_a_bot_is_removed_after_a_question(tmp_path, page):
    meant(page, by_key(page, "bots_remove_Locked"), "Remove")

    assert "Locked" not in (tmp_path / "bots.yaml").read_text()
    assert "**Locked** is removed." in [each.value for each in page.success]


def test_who_has_a_wrong_key_may_look_and_change_nothing(address, page):
    connect(page, address, "a-wrong-key")

    assert "Here you may only look. The admin key is missing or wrong." in told(page)
    assert "**DemoBot**" in told(page)
    assert not {"Add a bot", "Change"} & set(buttons(page))
    assert [each.key for each in page.button if "remove" in each.key] == []


def test_a_server_without_an_admin_key_says_how_it_gets_one(address, console_at):
    page = open_page(console_at(address, ADMIN_KEY=""), "bots")

    assert "Here you may only look. This server has no admin key" in told(page)
    assert "Set `ADMIN_KEY` where it runs" in told(page)


@pytest.mark.parametrize("path", ["bots", "providers", "poe"])
def test_a_server_that_is_away_is_a_sentence(console_at, path):
    page = open_page(console_at("http://127.0.0.1:9", ADMIN_KEY=ADMIN_KEY), path)

    assert "The server is away" in told(page)
    assert "Try again" in buttons(page)
    assert not page.exception


def put(address, name, entry):
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    answer = httpx.put(f"{address}/admin/config/bots/{name}", json={"entry": entry}, headers=key)
    assert answer.json()["saved"]
