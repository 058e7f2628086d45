"""The owner reads what the answers took and cost; nobody else does."""

import contextlib
import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.apps import app_of
from tests.ledger.summaries.records import record
from tests.serving import serving
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.rollups import roll_up

KEY = "a-key-for-the-operator-0123456789"
SHOWN = {"authorization": f"Bearer {KEY}"}
BOTS = "bots: [{bot_name: Poet, provider: demo}]"
MARCH = "from=2026-03-01&to=2026-03-31"


@contextlib.asynccontextmanager
async def server(folder: Path, *records, **settings) -> AsyncIterator[httpx.AsyncClient]:
    file = folder / "ledger.db"
    database = Database.of(file)
    async with database.begin() as connection:
        if records:
            await insert_records(connection, records, (roll_up,))
    await database.aclose()
    app = app_of(folder, BOTS, **{"ledger": "sqlite", "ledger_file": file, **settings})
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as client:
        yield client


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)


async def test_the_summary_is_told_as_json(tmp_path, key):
    async with server(tmp_path, record(), record(bot="Cook", cost=Decimal("0.1"))) as client:
        response = await client.get(f"/usage?by=bot&{MARCH}", headers=SHOWN)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert [(line["bot"], line["cost"]) for line in response.json()["groups"]] == [("Cook", "0.1"), ("Poet", "0.002")]


@pytest.mark.parametrize(("query", "accept"), [("&format=csv", "*/*"), ("", "text/csv"), ("", "text/CSV, */*;q=0.1")])
async def test_the_summary_is_told_as_a_table(tmp_path, key, query, accept):
    async with server(tmp_path, record()) as client:
        response = await client.get(f"/usage?by=model&{MARCH}{query}", headers={**SHOWN, "accept": accept})

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert response.headers["content-type"].startswith("text/csv")
    assert [(row["provider"], row["model"], row["requests"]) for row in rows] == [("openai", "luna", "1")]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
async def test_no_name_becomes_a_formula(tmp_path, key, name):
    async with server(tmp_path, record(bot=name)) as client:
        response = await client.get(f"/usage?by=bot&{MARCH}&format=csv", headers=SHOWN)

    row = next(csv.DictReader(io.StringIO(response.text, newline="")))
    assert row["bot"] == f"'{name}"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("by=weather", "by"),
        ("format=pdf", "format"),
        ("limit=-1", "limit"),
        ("colour=red", "colour"),
        ("by=model&user=ann", "user"),
    ],
)
async def test_a_bad_question_is_refused_with_the_name_of_the_field(tmp_path, key, query, field):
    async with server(tmp_path) as client:
        response = await client.get(f"/usage?{query}", headers=SHOWN)

    assert response.status_code == 400
    assert response.json()["field"] == field
    assert f"`{field}`" in response.json()["error"]


async def test_an_answer_that_was_just_given_is_in_it_and_its_person_is_not(tmp_path, key):
    question = {"type": "query", "version": "1.2", "query": [{"role": "user", "content": "hello"}], "user_id": "u-ann"}
    async with server(tmp_path) as client:
        await client.post("/Poet", json=question)
        while not (found := (await client.get("/usage?by=user", headers=SHOWN)).json())["groups"]:
            pass

    line = found["groups"][0]
    assert (line["requests"], line["answered"], line["cost"], line["unknown_cost"]) == (1, 1, "0", 0)
    assert "u-ann" not in line["user"]


async def test_where_no_database_is_kept_that_is_said(tmp_path, key):
    async with server(tmp_path, ledger="off") as client:
        response = await client.get("/usage", headers=SHOWN)

    assert response.status_code == 503
    assert "LEDGER=sqlite" in response.json()["error"]


@pytest.mark.parametrize("path", ["/usage", "/usage/", "/usage/x", "/metrics", "/metrics/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE", "OPTIONS"])
async def test_without_the_key_nothing_is_said_whatever_is_asked(tmp_path, key, method, path):
    async with server(tmp_path) as client:
        response = await client.request(method, path)

    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/usage", "/metrics"])
async def test_where_no_key_is_set_nobody_gets_in(tmp_path, path):
    async with server(tmp_path) as client:
        response = await client.get(path, headers=SHOWN)

    assert response.status_code == 403
    assert "ADMIN_KEY" in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/usage", 405), ("GET", "/usage/", 404), ("GET", "/usage/x", 404), ("HEAD", "/usage", 200)],
)
async def test_with_the_key_only_reading_at_the_very_path_is_answered(tmp_path, key, method, path, status):
    async with server(tmp_path) as client:
        response = await client.request(method, path, headers=SHOWN)

    assert response.status_code == status
