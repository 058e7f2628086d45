"""What a client of the API may spend is kept, whichever door it comes in by and however many servers there are."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from tests.apps import app_of
from tests.ledger.databases import new_postgresql
from tests.serving import serving
from tests.web.programs import question, server
from utils.keys.clients import create_client
from utils.ledger.budgets import Budgets
from utils.ledger.database import Database

EMBEDDINGS = {"model": "upstream", "input": "x" * 400}
PRICED = """
providers:
- name: upstream
  kind: demo
  models: [{name: demo, price: {input: 0, output: 1000000}}]
"""


def key_of(folder, budget: str, name: str = "anna") -> str:
    return create_client(folder / "clients.json", name, "2026-01-01", budget=budget)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine is no store that cannot be reached."""
    monkeypatch.setattr(
        Budgets.__init__,
        "__kwdefaults__",
        {**Budgets.__init__.__kwdefaults__, "patience": 30.0, "first_patience": 30.0},
    )


async def settled(app) -> None:
    await app.state.generations.current.house.routes.budgets.settled()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", question()),
        ("/v1/chat/completions", question(model="upstream:demo")),
        ("/chat", {"message": "/echo hello", "bot": "Poet"}),
        ("/v1/embeddings", EMBEDDINGS),
    ],
)
async def test_who_has_used_it_up_is_refused_until_a_new_period_begins(tmp_path, path, body):
    key = key_of(tmp_path, "1 tokens per day")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        first = await served.client.post(path, json=body)
        await settled(served.app)
        second = await served.client.post(path, json=body)

    assert first.status_code == 200, first.text
    assert second.status_code == 429
    assert second.json()["error"]["code"] == "insufficient_quota"
    assert 0 < int(second.headers["retry-after"]) <= 86400
    assert second.headers["x-should-retry"] == "false"


async def test_another_client_has_money_of_its_own_and_another_key_of_the_same_name_has_not(tmp_path):
    anna, bob = key_of(tmp_path, "1 tokens per month"), key_of(tmp_path, "1 tokens per month", "bob")

    async with server(tmp_path, key=anna) as served:
        await served.client.post("/v1/chat/completions", json=question())
        await settled(served.app)
        hers = await served.client.post("/v1/chat/completions", json=question())
        his = await served.client.post(
            "/v1/chat/completions", json=question(), headers={"authorization": f"Bearer {bob}"}
        )

    assert (hers.status_code, his.status_code) == (429, 200)


@pytest.mark.parametrize(("path", "body"), [("/v1/chat/completions", question()), ("/v1/embeddings", EMBEDDINGS)])
async def test_of_many_at_once_with_money_for_one_one_is_answered(tmp_path, path, body):
    key = key_of(tmp_path, "1 tokens per day")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        answers = await asyncio.gather(*(served.client.post(path, json=body) for _ in range(12)))
        asked = len(served.asked)

    codes = sorted(answer.status_code for answer in answers)
    refused = {answer.json()["error"]["code"] for answer in answers if answer.status_code != 200}
    assert codes.count(200) == 1
    assert refused <= {"budget_held", "insufficient_quota"}
    assert asked <= 1


async def test_a_stream_is_settled_with_what_it_has_cost(tmp_path, monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", "a-key-for-the-operator-0123456789")
    key = key_of(tmp_path, "100000 tokens per day")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        answer = await served.client.post("/v1/chat/completions", json=question(stream=True))
        await settled(served.app)
        shown = {"authorization": "Bearer a-key-for-the-operator-0123456789"}
        listed = (await served.client.get("/usage/budgets", headers=shown)).json()["budgets"]

    assert answer.text.endswith("[DONE]\n\n")
    [line] = listed
    assert (line["entry"], line["kind"], line["name"], line["per"]) == ("client anna", "client", "anna", "day")
    assert 0 < line["spent_tokens"] < 1000
    assert (line["reserved_tokens"], line["usd"], line["tokens"]) == (0, None, 100000)


async def test_a_budget_that_cannot_be_understood_opens_nothing(tmp_path):
    key = key_of(tmp_path, "a lot")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        answer = await served.client.post("/v1/chat/completions", json=question())

    assert answer.status_code == 503
    assert "budget of this client" in answer.json()["error"]["message"]


async def test_a_client_of_the_variable_may_have_a_budget(tmp_path, monkeypatch):
    key = "a-long-key-for-a-program-1234567890"
    from utils.keys.clients import hash_of

    monkeypatch.setenv("API_KEYS", f"anna:{hash_of(key)}; 1 tokens per day, bob:{'0' * 64}")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        first = await served.client.post("/v1/chat/completions", json=question())
        await settled(served.app)
        second = await served.client.post("/v1/chat/completions", json=question())

    assert (first.status_code, second.status_code) == (200, 429)


@pytest.mark.parametrize(("said", "status"), [("closed", 503), ("open", 200)])
async def test_while_nobody_knows_what_was_spent_the_owner_chooses(tmp_path, said, status):
    key = key_of(tmp_path, f"5 usd per day when_unavailable={said}")

    async with server(tmp_path, key=key) as served:
        served.client.timeout = httpx.Timeout(60)
        budgets = served.app.state.generations.current.house.routes.budgets
        budgets.store = Away()
        answer = await served.client.post("/v1/chat/completions", json=question())

    assert answer.status_code == status


class Away:
    """A store that cannot be reached."""

    async def reserve(self, hold, now):
        raise OSError("away")

    async def settle(self, hold, spent):
        return []


@asynccontextmanager
async def two_servers(folder, address: str, key: str):
    """Two servers on one PostgreSQL, each with an engine of its own."""
    async with AsyncExitStack() as stack:
        clients, apps = [], []
        for name in ("one", "two"):
            place = folder / name
            place.mkdir()
            app = app_of(
                place,
                "bots: [{bot_name: Poet, provider: upstream, max_tokens: 50}]",
                PRICED,
                ledger="database",
                ledger_file=place / "ledger.db",
                clients_file=folder / "clients.json",
            )
            at = await stack.enter_async_context(serving(app))
            headers = {"authorization": f"Bearer {key}"}
            clients.append(await stack.enter_async_context(httpx.AsyncClient(base_url=at, headers=headers, timeout=60)))
            apps.append(app)
        yield clients, apps


async def test_two_servers_on_one_database_share_the_money(tmp_path, monkeypatch):
    with new_postgresql() as address:
        monkeypatch.setenv("DATABASE_URL", address)
        database = Database.of(address)
        await database.ready()
        await database.aclose()
        key = key_of(tmp_path, "1 usd per month when_unavailable=closed")
        async with two_servers(tmp_path, address, key) as (clients, apps):
            asking = [client.post("/v1/chat/completions", json=question()) for client in clients for _ in range(4)]
            answers = await asyncio.gather(*asking)
            for app in apps:
                await settled(app)
            after = [await client.post("/v1/chat/completions", json=question()) for client in clients]

    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert [answer.json()["error"]["code"] for answer in after] == ["insufficient_quota"] * 2
