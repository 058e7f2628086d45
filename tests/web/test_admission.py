"""The API is shut for everybody who has no key, whatever is asked and however; this machine alone may do without."""

import asyncio
import hashlib
import json

import httpx
import pytest

from tests.web.programs import question, server
from utils.keys.clients import ClientKeys, create_client, hash_of, revoke_client
from utils.web import Admission, ApiDoor
from utils.web.visit import Visit

KEY = "a-long-key-for-a-program-1234567890"
SHOWN = {"authorization": f"Bearer {KEY}"}
BELOW = ["/v1", "/v1/", "/v1/chat/completions", "/v1/models", "/v1/nothing", "/chat", "/chat/conversations/x", "/v1//x"]
BELOW += ["/v1/../health", "/v1/%2e%2e/health", "/v1%2fmodels", "/%761/models", "/v1/%0Amodels"]


async def raw(address: str, method: str, path: str, *lines: str) -> tuple[int, bytes, bytes]:
    """What comes for a path that no client tidies up first."""
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    request = [f"{method} {path} HTTP/1.1", "connection: close", "content-length: 0", *lines]
    writer.write("\r\n".join([*request, "", ""]).encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(answer.split()[1]), body, head


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_without_a_key_every_path_and_method_is_answered_alike(tmp_path, monkeypatch, method):
    monkeypatch.setenv("API_KEYS", KEY)

    async with server(tmp_path) as served:
        answers = {(await raw(served.address, method, path, "host: localhost"))[:2] for path in BELOW}

    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.parametrize("path", ["//v1/models", "/V1/models", "/health/../v1/models", "/./v1/models", "/v1x"])
async def test_a_path_that_only_resembles_the_door_leads_nowhere(tmp_path, path):
    async with server(tmp_path) as served:
        assert (await raw(served.address, "GET", path, "host: localhost"))[0] == 404


@pytest.mark.parametrize("name", ["api-key", "x-api-key", "Authorization"])
async def test_a_key_may_be_shown_as_clients_of_others_show_it(tmp_path, monkeypatch, name):
    monkeypatch.setenv("API_KEYS", KEY)
    scheme = "bearer " if name == "Authorization" else ""

    async with server(tmp_path) as served:
        right = await served.client.get("/v1/models", headers={name: f"{scheme}{KEY}"})
        wrong = await served.client.get("/v1/models", headers={name: f"{scheme}{KEY}x"})
        both = await served.client.get("/v1/models", headers={"api-key": KEY, "authorization": "Bearer wrong"})

    assert [right.status_code, wrong.status_code, both.status_code] == [200, 401, 401]


@pytest.mark.parametrize("given", [f"Basic {KEY}", KEY, f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", "Bearer ü", "Bearer"])
async def test_a_wrong_key_is_refused(tmp_path, monkeypatch, given):
    monkeypatch.setenv("API_KEYS", KEY)

    async with server(tmp_path) as served:
        response = await served.client.get("/v1/models", headers={"authorization": given.encode()})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "entries",
    [
        KEY,
        f"anna:{KEY}",
        f"anna:{hashlib.sha256(KEY.encode()).hexdigest()}",
        f" other-key-of-another-one , bob:{KEY} ,",
    ],
)
async def test_the_variable_may_hold_keys_or_their_hashes(tmp_path, monkeypatch, entries):
    monkeypatch.setenv("API_KEYS", entries)

    async with server(tmp_path, allow_without_key=False) as served:
        assert (await served.client.get("/v1/models", headers=SHOWN)).status_code == 200


async def test_a_key_in_the_address_is_refused_also_when_it_is_right(tmp_path, monkeypatch):
    monkeypatch.setenv("API_KEYS", KEY)

    async with server(tmp_path) as served:
        response = await served.client.get("/v1/models", params={"api_key": KEY}, headers=SHOWN)

    assert response.status_code == 400
    assert KEY not in response.text


async def test_without_any_key_on_the_server_nobody_gets_in_and_is_told_what_to_do(tmp_path):
    async with server(tmp_path, allow_without_key=False) as served:
        response = await served.client.post("/v1/chat/completions", json=question(), headers=SHOWN)

    assert response.status_code == 403
    assert "keys create-client" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "lines",
    [
        ["host: localhost", "origin: https://evil.example"],
        ["host: localhost", "origin: null"],
        ["host: evil.example"],
        ["host: 192.168.1.7"],
        ["host: localhost.evil.example"],
    ],
)
async def test_where_no_key_is_needed_no_page_in_a_browser_gets_in(tmp_path, lines):
    async with server(tmp_path) as served:
        assert (await raw(served.address, "GET", "/chat/conversations", *lines))[0] == 403


async def test_where_no_key_is_needed_only_this_machine_gets_in(tmp_path):
    door = door_of(tmp_path, allow_without_key=True)

    for host, status in (("127.0.0.1", 404), ("::1", 404), ("10.0.0.7", 403)):
        transport = httpx.ASGITransport(app=door, client=(host, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.get("/v1/nothing")).status_code == status


def door_of(folder, **how) -> ApiDoor:
    async def nothing(visit: Visit):
        raise AssertionError

    clients = ClientKeys(folder / "clients.json", {"API_KEYS": KEY} if not how.get("allow_without_key") else {})
    return ApiDoor(Admission(clients, **how), lambda path: {}, max_body_bytes=100)


async def test_wrong_keys_wait_and_only_so_many_do_while_the_right_one_never_does(tmp_path):
    door = door_of(tmp_path, wrong_key_seconds=60)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://localhost") as client:
        wrong = {"authorization": "Bearer wrong"}
        waiting = [asyncio.create_task(client.get("/v1/models", headers=wrong)) for _ in range(20)]
        while len(door) < 20:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        one_more = await client.get("/v1/models", headers=wrong)
        right = await client.get("/v1/models", headers=SHOWN)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert (one_more.status_code, right.status_code) == (429, 404)
    assert len(door) == 0


async def test_a_client_is_let_in_from_its_creation_to_its_end(tmp_path):
    file = tmp_path / "clients.json"

    async with server(tmp_path, allow_without_key=False) as served:
        key = create_client(file, "anna", "")
        create_client(file, "bob", "")
        shown = {"authorization": f"Bearer {key}"}
        while_it_is_there = await served.client.get("/v1/models", headers=shown)
        revoke_client(file, "anna")
        afterwards = await served.client.get("/v1/models", headers=shown)

    assert (while_it_is_there.status_code, afterwards.status_code) == (200, 401)
    assert key.startswith("pk-")
    assert key not in file.read_text()


async def test_a_client_asks_only_what_is_allowed_to_it(tmp_path):
    key = create_client(tmp_path / "clients.json", "anna", "", ["Poet", "upstream:demo"])
    tried = ["Poet", "upstream:demo", "upstream", "upstream:thinker", "Chooser", "demo:demo"]

    async with server(tmp_path, key=key) as served:
        answers = {
            model: (await served.client.post("/v1/chat/completions", json=question(model=model))).status_code
            for model in tried
        }
        models = (await served.client.get("/v1/models")).json()["data"]
        bot = await served.client.post("/chat", json={"message": "hi", "bot": "Chooser"})
        vectors = await served.client.post("/v1/embeddings", json={"input": "a", "model": "demo:demo"})

    assert answers == {
        "Poet": 200,
        "upstream:demo": 200,
        "upstream": 200,
        "upstream:thinker": 403,
        "Chooser": 404,
        "demo:demo": 403,
    }
    assert [model["id"] for model in models] == ["Poet", "upstream:demo"]
    assert (bot.status_code, vectors.status_code) == (404, 403)


async def test_a_client_asks_only_as_often_as_it_may(tmp_path):
    key = create_client(tmp_path / "clients.json", "anna", "", rate_limit="2/hour")
    other = create_client(tmp_path / "clients.json", "bob", "")

    async with server(tmp_path, key=key) as served:
        answers = [await served.client.post("/v1/chat/completions", json=question()) for _ in range(3)]
        listed = await served.client.get("/v1/models")
        another = await served.client.post(
            "/v1/chat/completions", json=question(), headers={"authorization": f"Bearer {other}"}
        )

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 3500
    assert (listed.status_code, another.status_code) == (200, 200)


async def test_the_limit_of_a_bot_holds_for_each_client(tmp_path):
    bots = "bots: [{bot_name: Poet, provider: upstream, rate_limit: 1/hour}]"

    async with server(tmp_path, bots) as served:
        answers = [await served.client.post("/v1/chat/completions", json=question(user=str(n))) for n in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": "x", "clients": []}', b"\xff"])
async def test_a_damaged_file_lets_nobody_in_and_is_told_of_in_health(tmp_path, content):
    (tmp_path / "clients.json").write_bytes(content)

    async with server(tmp_path) as served:
        response = await served.client.get("/v1/models", headers=SHOWN)
        problems = (await served.client.get("/health")).json()["problems"]

    assert response.status_code == 401
    assert any("clients.json" in problem for problem in problems)


async def test_what_a_client_may_spend_and_nobody_understands_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setenv("API_KEYS", f"anna:{hash_of(KEY)}; lots")

    async with server(tmp_path) as served:
        health = (await served.client.get("/health")).json()

    assert health["status"] == "degraded"
    [problem] = health["problems"]
    assert problem.startswith("client `anna` of the API gets no answers: `lots` is no budget: write for example")


async def test_an_entry_that_cannot_be_used_is_told_of_without_its_words(tmp_path, monkeypatch):
    monkeypatch.setenv("API_KEYS", f"short,{KEY}")

    async with server(tmp_path) as served:
        problems = json.dumps((await served.client.get("/health")).json()["problems"])

    assert "API_KEYS: entry 1 cannot be used" in problems
    assert "short" not in problems
    assert KEY not in problems
