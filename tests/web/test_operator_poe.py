"""The owner sees how the bots stand with Poe, and tells it of one."""

import json

import pytest
from starlette.responses import Response

from tests.poe.sync.fake_poe import FakePoe
from tests.serving import serving
from tests.web.owner import BOTS, KEY, owned

ACCESS = "poe-access-canary-0123456789abcd"
SHOWN = {"authorization": f"Bearer {ACCESS}"}


@pytest.fixture(autouse=True)
def _places(monkeypatch, tmp_path):
    monkeypatch.setenv("ADMIN_KEY", KEY)
    monkeypatch.setenv("POE_ACCESS_KEY_POET", ACCESS)
    monkeypatch.setattr("utils.operations.STATE", tmp_path / "synced.json")


async def poet(server):
    (row,) = (await server.client.get("/admin/poe")).json()["bots"]
    return row


async def test_a_bot_is_told_with_its_address_and_its_keys_name(tmp_path):
    async with owned(tmp_path, public_url="https://bots.example/") as server:
        answer = await server.client.get("/admin/poe")

    row = answer.json()["bots"][0]
    assert answer.json()["public_url"] == "https://bots.example"
    assert (row["bot"], row["path"], row["url"]) == ("Poet", "/Poet", "https://bots.example/Poet")
    assert (row["access_key_names"], row["has_access_key"]) == (["POE_ACCESS_KEY_POET", "POE_ACCESS_KEY"], True)
    assert (row["key_hint"], ACCESS in answer.text) == ("…abcd", False)
    assert (row["in_sync"], row["synced_at"], row["calls"], row["last_called_at"]) == (None, None, 0, None)


async def test_without_an_address_or_a_key_there_is_none(tmp_path, monkeypatch):
    monkeypatch.delenv("POE_ACCESS_KEY_POET")
    async with owned(tmp_path) as server:
        row = await poet(server)

    assert (row["url"], row["has_access_key"], row["key_hint"]) == (None, False, None)


async def test_whatever_poe_asks_is_counted_and_its_complaints_are_kept_without_keys(tmp_path):
    async with owned(tmp_path) as server:
        query = [{"role": "user", "content": "hi"}]
        for said in (
            {"type": "query", "query": query},
            *({"type": "report_error", "message": f"{number} {ACCESS} \ud800" + "x" * 5_000} for number in range(25)),
            {"type": "report_error", "message": {"not": "text"}},
            {"type": "report_reaction", "reaction": "like"},
            {"type": "something-new"},
        ):
            await server.client.post("/Poet", content=json.dumps(said), headers=SHOWN)
        await server.client.post("/Poet", json={"type": "settings"}, headers={"authorization": "Bearer wrong"})
        row = await poet(server)

    assert (row["calls"], row["last_call"]) == (29, "other")
    assert row["calls_by_type"] == {"query": 1, "report_error": 26, "report_reaction": 1, "other": 1}
    assert row["last_called_at"] > 1_700_000_000
    assert (len(row["errors"]), row["errors"][0]["message"]) == (20, "")
    assert row["errors"][1]["message"].startswith("24 *** ?xxx")
    assert max(len(error["message"]) for error in row["errors"]) == 500


async def test_poe_is_told_of_one_bot_and_it_is_remembered(tmp_path, monkeypatch):
    poe = FakePoe()
    async with serving(poe) as address, owned(tmp_path) as server:
        monkeypatch.setattr("utils.operations.POE", f"{address}/bot")
        first = (await server.client.post("/admin/poe/Poet/sync")).json()
        in_sync = await poet(server)
        second = (await server.client.post("/admin/poe/Poet/sync")).json()
        forced = (await server.client.post("/admin/poe/Poet/sync?force=true")).json()
        entry = {"bot_name": "Poet", "provider": "demo", "poe": {"introduction_message": "Hi"}}
        await server.client.put("/admin/config/bots/Poet", json={"entry": entry})
        changed = await poet(server)

    assert (first["synced"], first["result"], first["message"]) == (True, "synced", "Poe has taken the settings.")
    assert (second["synced"], second["result"], forced["result"]) == (True, "unchanged", "synced")
    assert [told.path[2] for told in poe.told] == ["Poet", "Poet"]
    assert (in_sync["in_sync"], in_sync["synced_hash"]) == (True, in_sync["settings_hash"])
    assert in_sync["synced_at"] > 1_700_000_000
    assert (changed["in_sync"], changed["synced_hash"]) == (False, in_sync["settings_hash"])


async def test_why_poe_was_not_told_is_said_without_the_key(tmp_path, monkeypatch):
    async with serving(FakePoe([Response(f"{ACCESS} is unknown", 404)])) as address, owned(tmp_path) as server:
        monkeypatch.setattr("utils.operations.POE", f"{address}/bot")
        refused = await server.client.post("/admin/poe/Poet/sync")
        row = await poet(server)

    assert (refused.status_code, refused.json()["synced"], row["in_sync"]) == (200, False, None)
    assert "compare both with the bot's page on Poe" in refused.json()["message"]
    assert ACCESS not in refused.text


async def test_a_bot_without_a_key_is_not_synced(tmp_path, monkeypatch):
    monkeypatch.delenv("POE_ACCESS_KEY_POET")
    async with owned(tmp_path) as server:
        refused = (await server.client.post("/admin/poe/Poet/sync")).json()

    assert (refused["synced"], refused["result"]) == (False, "skipped")
    assert "set POE_ACCESS_KEY_POET" in refused["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/admin/poe/Peot/sync", 404),
        ("POST", "/admin/poe//sync", 404),
        ("POST", "/admin/poe/Poet/sync/", 404),
        ("GET", "/admin/poe/Poet/sync", 405),
        ("POST", "/admin/poe", 405),
    ],
)
async def test_nothing_else_is_there(tmp_path, method, path, status):
    async with owned(tmp_path, BOTS) as server:
        answer = await server.client.request(method, path)

    assert answer.status_code == status
