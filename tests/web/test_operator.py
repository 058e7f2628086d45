"""The operator's door is shut for everybody who does not show its key, whatever is asked of it and however."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.keys import Keyring
from utils.routing import Board
from utils.web import OperatorDoor

KEY = "a-key-for-the-operator-0123456789"
SHOWN = {"authorization": f"Bearer {KEY}"}
PROVIDERS = """
providers:
- {name: together, api_base: https://llm.example/v1, api_key_env: TOGETHER_API_KEY, models: [openai/gpt-oss-120b]}
- {name: demo, kind: demo, models: [demo]}
"""
BOTS = "bots: [{bot_name: Bot, provider: together}, {bot_name: Poet, provider: demo}]"


@contextlib.asynccontextmanager
async def server(folder, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(folder, BOTS, PROVIDERS)
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as client:
        yield client


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)


async def raw(client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """What comes for a path that no client tidies up first."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    lines = [f"{method} {path} HTTP/1.1", "host: x", "connection: close", "content-length: 0"]
    writer.write("\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


BELOW = ["/admin", "/admin/", "/admin/reload", "/admin/reload/", "/admin/targets", "/admin/nothing", "/admin/../health"]
BELOW += ["/admin/%2e%2e/health", "/admin%2freload", "/%61dmin/reload", "/admin/targets/demo/out", "/admin//reload"]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_without_the_key_every_path_and_method_is_answered_alike(tmp_path, key, method):
    async with server(tmp_path) as client:
        answers = {await raw(client, method, path, {}) for path in BELOW}

    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.parametrize("path", ["//admin/reload", "/ADMIN/reload", "/health/../admin/reload", "/./admin/reload"])
async def test_a_path_that_only_resembles_the_door_leads_nowhere(tmp_path, key, path):
    async with server(tmp_path) as client:
        status, _ = await raw(client, "POST", path, SHOWN)

    assert status == 404


@pytest.mark.parametrize(("path", "status"), [("/admin/../health", 404), ("/admin/reload/", 404), ("/admin", 404)])
async def test_with_the_key_too_a_path_is_taken_as_it_is(tmp_path, key, path, status):
    async with server(tmp_path) as client:
        assert (await raw(client, "GET", path, SHOWN))[0] == status


@pytest.mark.parametrize("path", BELOW)
async def test_where_no_key_is_set_nobody_gets_in_and_is_told_what_to_set(tmp_path, path):
    async with server(tmp_path) as client:
        status, body = await raw(client, "POST", path, SHOWN)

    assert status == 403
    assert "set ADMIN_KEY" in json.loads(body)["error"]


@pytest.mark.parametrize("value", ["", "   "])
async def test_an_empty_key_is_none(tmp_path, monkeypatch, value):
    monkeypatch.setenv("ADMIN_KEY", value)

    async with server(tmp_path) as client:
        response = await client.get("/admin/targets", headers={"authorization": "Bearer"})

    assert response.status_code == 403


async def test_the_key_is_looked_up_whenever_it_is_needed(tmp_path, key, monkeypatch):
    async with server(tmp_path) as client:
        before = await client.get("/admin/targets", headers=SHOWN)
        monkeypatch.setenv("ADMIN_KEY", "another")
        after = await client.get("/admin/targets", headers=SHOWN)

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("given", [f"Basic {KEY}", KEY, f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", "Bearer ü"])
async def test_a_wrong_key_is_refused(tmp_path, key, given):
    async with server(tmp_path) as client:
        response = await client.get("/admin/targets", headers={"authorization": given.encode()})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_page_in_a_browser_is_refused_even_with_the_key(tmp_path, key):
    async with server(tmp_path) as client:
        response = await client.post("/admin/reload", headers={**SHOWN, "origin": "https://evil.example"})

    assert response.status_code == 403


def door_of(wrong_key_seconds: float) -> OperatorDoor:
    async def reload() -> dict[str, str]:
        return {}

    return OperatorDoor(Board(), reload, tuple, Keyring({"ADMIN_KEY": KEY}), wrong_key_seconds)


async def test_wrong_keys_wait_and_only_so_many_do_while_the_right_one_never_does():
    door = door_of(wrong_key_seconds=60)
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url="http://bots.example") as client:
        wrong = {"authorization": "Bearer wrong"}
        waiting = [asyncio.create_task(client.get("/admin/targets", headers=wrong)) for _ in range(20)]
        while door._key._guesses < 20:
            await asyncio.sleep(0)
        one_more = await client.get("/admin/targets", headers=wrong)
        right = await client.get("/admin/targets", headers=SHOWN)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert (one_more.status_code, right.status_code) == (429, 200)
    assert door._key._guesses == 0


async def test_the_files_are_read_again(tmp_path, key):
    async with server(tmp_path) as client:
        (tmp_path / "bots.yaml").write_text("bots: [{bot_name: Poet, provider: demo}, {bot_name: Lost, provider: no}]")
        response = await client.post("/admin/reload", headers=SHOWN)
        bots = (await client.get("/health")).json()["bots"]

    change = response.json()
    assert (change["removed"], change["unchanged"]) == (["bot Bot"], 3)
    assert len(change["problems"]) == 1
    assert bots == ["Poet"]


@pytest.mark.parametrize(
    ("target", "lanes"), [("together:openai/gpt-oss-120b", 1), ("together:openai%2Fgpt-oss-120b", 1), ("together", 1)]
)
async def test_a_target_is_taken_out_and_put_back(tmp_path, key, target, lanes):
    async with server(tmp_path) as client:
        out = await client.post(f"/admin/targets/{target}/out", headers=SHOWN, json={"reason": "maintenance"})
        while_out = (await client.get("/health")).json()["targets"]
        bots = (await client.get("/bots")).json()
        back = await client.post(f"/admin/targets/{target}/in", headers=SHOWN)
        afterwards = (await client.get("/health")).json()["targets"]

    assert (out.status_code, out.json()["lanes"], back.json()["lanes"]) == (200, lanes, lanes)
    assert [(each["target"], each["state"], each["reason"]) for each in while_out] == [
        ("together:openai/gpt-oss-120b", "open", "maintenance"),
        ("demo:demo", "closed", ""),
    ]
    assert bots["Bot"]["why_shut"] == "together:openai/gpt-oss-120b is open: maintenance"
    assert "why_shut" not in bots["Poet"]
    assert {each["state"] for each in afterwards} == {"closed"}


async def test_the_reason_may_stand_in_the_query(tmp_path, key):
    async with server(tmp_path) as client:
        await client.post("/admin/targets/demo/out", headers=SHOWN, params={"reason": "too  \n dear"})
        listed = await client.get("/admin/targets", headers=SHOWN)

    assert [each["reason"] for each in listed.json()["targets"]] == ["", "too dear"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/admin/targets/tohether/out", "", 404, "Did you mean `together`?"),
        ("POST", "/admin/targets/demo:dmeo/out", "", 404, "Did you mean `demo`?"),
        ("POST", "/admin/targets/demo/away", "", 404, "nothing at this address"),
        ("POST", "/admin/targets//out", "", 404, "nothing at this address"),
        ("POST", "/admin/targets/demo/out", "[", 400, "JSON object"),
        ("POST", "/admin/targets/demo/out", '{"reason": 1}', 400, "JSON object"),
        ("POST", "/admin/targets/demo/out", "x" * 20_000, 400, "too large"),
        ("GET", "/admin/targets/demo/out", "", 405, "POST"),
        ("GET", "/admin/reload", "", 405, "POST"),
        ("POST", "/admin/targets", "", 405, "GET"),
    ],
)
async def test_what_cannot_be_done_is_said(tmp_path, key, method, path, body, status, words):
    async with server(tmp_path) as client:
        response = await client.request(method, path, content=body, headers=SHOWN)

    assert response.status_code == status
    assert words in response.json()["error"]


async def test_the_names_of_keys_are_for_the_operator_alone(tmp_path, key):
    async with server(tmp_path) as client:
        listed, public = await client.get("/admin/targets", headers=SHOWN), await client.get("/health")

    assert [each["key"] for each in listed.json()["targets"]] == ["TOGETHER_API_KEY", None]
    assert all("key" not in each for each in public.json()["targets"])
    assert "TOGETHER_API_KEY" not in json.dumps(public.json()["targets"])


async def test_health_tells_how_each_target_fares(tmp_path):
    from utils.providers.demo.server import demo_app

    bots = "bots: [{bot_name: Bot, provider: upstream, retries: 0}]"
    async with serving(demo_app()) as model, serving(app_of(tmp_path, bots, upstream_provider(model))) as address:
        async with httpx.AsyncClient(base_url=address) as client:
            for question in ("/echo hi", "/fail 500"):
                query = {"type": "query", "query": [{"role": "user", "content": question}]}
                await client.post("/Bot", json=query)
            (target,) = (await client.get("/health")).json()["targets"]

    assert (target["target"], target["state"], target["attempts"]) == ("upstream:demo", "closed", 2)
    assert (target["success_rate"], target["in_flight"]) == (0.5, 0)
    assert 0 < target["first_content_p50"] <= target["first_content_p95"] < 10


async def test_health_names_no_more_targets_than_a_monitor_can_read(tmp_path):
    entries = ", ".join(f"{{bot_name: Bot{n}, provider: demo, model: m{n}}}" for n in range(150))
    app = app_of(tmp_path, f"bots: [{entries}]")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bots.example") as client:
        health = (await client.get("/health")).json()

    assert len(health["targets"]) == 100
