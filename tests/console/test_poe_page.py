"""The page Poe, as its logic: what a bot needs there, whether its settings are known, what Poe has said."""

import httpx
import pytest

from tests.apps import app_of
from tests.console.conftest import ADMIN_KEY
from tests.console.showing import buttons, by_key, everything, open_page, option
from utils.cli.local_server import serving_in_background

ACCESS = "poe-access-canary-0123456789abcd"
BOTS = """
bots:
- {bot_name: Poet, provider: demo}
- {bot_name: Other, provider: demo}
"""


@pytest.fixture
def poe(tmp_path, monkeypatch, console_at):
    """The page, and the address of the server behind it."""
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setattr("utils.operations.STATE", tmp_path / "synced.json")
    servers = []

    def opened(**settings):
        servers.append(serving_in_background(app_of(tmp_path, BOTS, ledger="off", **settings)))
        address = servers[-1].__enter__()
        return open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "poe"), address

    yield opened
    for server in servers:
        server.__exit__(None, None, None)


def told(console):
    return everything(console).replace("\\", "")


def codes(console):
    return [each.value for each in console.code]


def test_a_server_that_nobody_reaches_says_how_it_comes_online_and_what_the_bot_needs(poe):
    page, _ = poe()

    assert "Poe cannot reach this server yet" in told(page)
    assert "modal deploy app.py" in codes(page)
    assert {"Poet", "https://<address of the server>/Poet"} <= set(codes(page))
    assert "python config_manager.py keys set POE_ACCESS_KEY_POET" in codes(page)
    assert by_key(page, "poe_sync_Poet").disabled


def test_with_an_address_and_a_key_everything_is_there_to_paste_and_the_key_is_not(poe, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_POET", ACCESS)

    page, _ = poe(public_url="https://bots.example/")

    assert "https://bots.example/Poet" in codes(page)
    assert "Poe cannot reach" not in told(page)
    assert "It ends in `…abcd`" in told(page)
    assert ACCESS not in told(page) + "".join(codes(page))


def test_when_poe_calls_it_is_said_and_what_it_reports_is_words_only(poe, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_POET", ACCESS)
    page, address = poe(public_url="https://bots.example")
    for said in ({"type": "settings"}, {"type": "report_error", "message": "<img src=x> ![y](https://evil.example)"}):
        httpx.post(f"{address}/Poet", json=said, headers={"authorization": f"Bearer {ACCESS}"})

    by_key(page, "poe_again_Poet").click().run()

    assert "2 times since the server started, lately just now." in told(page)
    assert "What Poe has reported, 1 of late" in told(page)
    assert "<img src=x> ![y](https://evil.example)" in told(page)
    assert "![" not in everything(page)
    assert "**1** of 2 bots called by Poe" in told(page)


def test_what_is_asked_where_poe_cannot_reach_the_server_was_not_asked_by_poe(poe, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_POET", ACCESS)
    page, address = poe()
    httpx.post(f"{address}/Poet", json={"type": "settings"}, headers={"authorization": f"Bearer {ACCESS}"})

    by_key(page, "poe_again_Poet").click().run()

    assert "**0** of 2 bots called by Poe" in told(page)
    assert "Once since the server started, lately just now. What is asked *As on Poe*" in told(page)
    assert ":gray[:material/radio_button_unchecked:] 4. Poe calls" in told(page)


def test_the_settings_are_told_and_the_answer_of_poe_is_shown(poe, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_POET", ACCESS)
    page, _ = poe(public_url="https://bots.example")

    async def told_poe(self, bot, *, force):
        return {"synced": True, "result": "synced", "message": "Poe has taken the settings."}

    monkeypatch.setattr("utils.operations.PoeRelations.sync", told_poe)
    by_key(page, "poe_sync_Poet").click().run()

    assert "Poe has taken the settings\\." in [each.value for each in page.success]


def test_another_bot_is_looked_at_and_all_of_them_at_a_glance(poe):
    page, _ = poe(public_url="https://bots.example")

    option(page, "Bot", "Other")

    assert "https://bots.example/Other" in codes(page)
    assert list(page.dataframe[0].value["Bot"]) == ["Poet", "Other"]
    assert list(page.dataframe[0].value["Access key"]) == ["missing", "missing"]


def test_without_the_key_nothing_is_told(poe, monkeypatch):
    page, _ = poe()
    monkeypatch.delenv("ADMIN_KEY")

    page.run()

    assert "This server has no admin key" in told(page)
    assert "Try again" in buttons(page)
    assert codes(page) == []
