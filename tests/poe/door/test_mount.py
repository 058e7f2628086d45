import json

import httpx
import pytest

from tests.apps import app_of
from utils.version import VERSION

KEY = "k" * 32
BOTS = """
bots:
- {bot_name: DemoBot, provider: demo, bot_description: A demo, poe: {introduction_message: Hello there}}
- {bot_name: Other, provider: demo, path: /deep/Other, access_key_env: OTHERS_KEY}
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)
    return app_of(tmp_path, BOTS, allow_without_key=False, max_body_mb=1)


def poe(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


def query(text="hello"):
    return {"type": "query", "query": [{"role": "user", "content": text}]}


def bearer(key=KEY, scheme="Bearer"):
    return {"Authorization": f"{scheme} {key}"}


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/DemoBot", b"not json", 400),
        ("/DemoBot", b"[]", 400),
        ("/DemoBot", b"{}", 400),
        ("/DemoBot", b'{"type": "query"}', 400),
        ("/DemoBot", b'{"type": "dance"}', 501),
        ("/DemoBot", b'{"type": "settings"}', 200),
        ("/DemoBot/", b'{"type": "settings"}', 200),
        ("/Nobody", b'{"type": "settings"}', 404),
        ("/demobot", b'{"type": "settings"}', 404),
        ("/", b'{"type": "settings"}', 405),
        ("/health", b'{"type": "settings"}', 405),
    ],
)
async def test_every_request_gets_the_status_that_the_protocol_wants(app, path, content, status):
    async with poe(app) as client:
        response = await client.post(path, content=content, headers=bearer())

    assert response.status_code == status
    assert status == 200 or "error" in response.json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (bearer(), 200),
        (bearer(scheme="bearer"), 200),
        (bearer(scheme="BEARER"), 200),
        (bearer("x" * 32), 401),
        (bearer(KEY[:-1]), 401),
        (bearer(KEY + "k"), 401),
        (bearer(scheme="Basic"), 401),
        ({"Authorization": "Bearer ключ".encode()}, 401),
        ({"Authorization": KEY}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": ""}, 401),
        ({}, 401),
    ],
)
async def test_only_the_bots_own_key_opens_the_door(app, headers, status):
    async with poe(app) as client:
        response = await client.post("/DemoBot", json={"type": "settings"}, headers=headers)

    assert response.status_code == status


async def test_a_bot_without_a_key_refuses_and_says_which_one_is_missing(app):
    async with poe(app) as client:
        response = await client.post("/deep/Other", json={"type": "settings"}, headers=bearer())

    assert response.status_code == 401
    assert "OTHERS_KEY" in response.json()["error"]


async def test_a_key_counts_from_the_moment_it_is_set(app, monkeypatch):
    monkeypatch.setenv("OTHERS_KEY", "o" * 32)

    async with poe(app) as client:
        response = await client.post("/deep/Other", json={"type": "settings"}, headers=bearer("o" * 32))

    assert response.status_code == 200


async def test_without_a_key_anybody_may_come_in_where_that_is_allowed(tmp_path):
    app = app_of(tmp_path, BOTS, allow_without_key=True)

    async with poe(app) as client:
        response = await client.post("/DemoBot", json={"type": "settings"})

    assert response.status_code == 200


async def test_a_key_that_is_set_is_wanted_even_where_none_would_be_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_DEMOBOT", KEY)
    app = app_of(tmp_path, BOTS, allow_without_key=True)

    async with poe(app) as client:
        response = await client.post("/DemoBot", json={"type": "settings"})

    assert response.status_code == 401


@pytest.mark.parametrize("headers", [{}, {"content-length": "3000000"}])
async def test_a_body_over_the_limit_is_refused_by_what_it_says_and_by_what_it_is(app, headers):
    async def pieces():
        for _ in range(3):
            yield b" " * 1_000_000

    async with poe(app) as client:
        response = await client.post("/DemoBot", content=pieces(), headers={**bearer(), **headers})

    assert response.status_code == 413


async def test_a_content_length_that_is_no_number_is_survived(app):
    body = json.dumps({"type": "settings"}).encode()

    async with poe(app) as client:
        response = await client.post("/DemoBot", content=body, headers={**bearer(), "content-length": "many"})

    assert response.status_code == 200


async def test_a_browser_that_opens_a_bots_address_is_told_what_it_is(app):
    async with poe(app) as client:
        response = await client.get("/DemoBot")

    assert response.status_code == 405
    assert "bot for Poe" in response.json()["error"]


async def test_settings_are_answered_in_the_version_that_poe_reads(app):
    async with poe(app) as client:
        settings = (await client.post("/DemoBot", json={"type": "settings"}, headers=bearer())).json()

    assert settings["response_version"] == 2
    assert settings["introduction_message"] == "Hello there"


@pytest.mark.parametrize(
    "report",
    [
        {"type": "report_feedback", "feedback_type": "like", "message_id": "m"},
        {"type": "report_feedback", "feedback_type": "shrug"},
        {"type": "report_reaction", "reaction": "heart", "message_id": "m"},
        {"type": "report_error", "message": "oops", "metadata": {"a": 1}},
        {"type": "report_error"},
    ],
)
async def test_reports_are_taken_with_thanks(app, report):
    async with poe(app) as client:
        response = await client.post("/DemoBot", json=report, headers=bearer())

    assert (response.status_code, response.json()) == (200, {})


async def test_bot_info_is_answered_with_who_the_bot_is(app):
    async with poe(app) as client:
        response = await client.post("/DemoBot", json=query(" Bot Info\n"), headers=bearer())

    text = "".join(json.loads(line[6:]).get("text", "") for line in response.text.splitlines() if line[:5] == "data:")
    assert json.loads(text) == {
        "name": "DemoBot",
        "description": "A demo",
        "version": "1.0.0",
        "provider": "demo",
        "model": "demo",
        "settings": {},
    }


async def test_the_version_of_the_server_is_no_secret(app):
    async with poe(app) as client:
        assert (await client.get("/health")).json()["version"] == VERSION


async def test_a_page_of_another_server_may_not_talk_to_a_bot_without_a_key(tmp_path):
    app = app_of(tmp_path, BOTS, allow_without_key=True)

    async with poe(app) as client:
        response = await client.post("/DemoBot", json={"type": "settings"}, headers={"Origin": "https://evil.example"})

    assert response.status_code == 401
