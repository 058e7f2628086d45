"""The owner reads what the answers took and cost; nobody else does."""

import contextlib
import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.apps import app_of
from tests.ledger.summaries.records import failure, record
from tests.serving import serving
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.question import BY
from utils.ledger.summaries.rollups import roll_up
from utils.providers.demo.server import demo_app
from utils.web.openapi import openapi_document

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
        ("bot=Poet&bot=Cook", "bot"),
        ("bot=Po%00et", "bot"),
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


async def test_an_answer_out_of_the_cache_is_counted_with_what_it_has_saved(tmp_path, key):
    bots = "bots: [{bot_name: Poet, provider: upstream, cache: {ttl: 1h, scope: bot}}]"
    model = demo_app()
    async with serving(model) as upstream:
        providers = f"""
providers:
- name: upstream
  api_base: {upstream}/v1
  models: [{{name: demo, price: {{input: 1000, output: 1000}}}}]
  profile_overrides: {{stream_usage: request}}
"""
        app = app_of(tmp_path, bots, providers, ledger="sqlite", ledger_file=tmp_path / "ledger.db")
        async with serving(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as client:
            for _ in range(2):
                asked = {"model": "Poet", "messages": [{"role": "user", "content": "/echo Hello!"}]}
                assert (await client.post("/v1/chat/completions", json=asked)).status_code == 200

    async with server(tmp_path) as client:
        told = (await client.get("/usage?by=bot", headers=SHOWN)).json()["total"]
        single = (await client.get("/usage/attempts", headers=SHOWN)).json()["answers"]

    assert len(model.state.requests) == 1
    assert (told["requests"], told["cache_hits"]) == (2, 1)
    assert told["saved_tokens"] == told["input_tokens"] + told["output_tokens"] > 0
    assert told["saved_cost"] == told["cost"] != "0"
    assert sorted(answer["cost"] for answer in single) == ["0", told["cost"]]
    assert [each["cached"] for answer in single for each in answer["attempts"]] == [True, False]


async def test_single_answers_are_told_as_json_and_as_a_table(tmp_path, key):
    slow, quick = record(reference="r1", seconds=9.0), record(reference="r2", bot="=1+1")
    async with server(tmp_path, slow, quick) as client:
        told = (await client.get(f"/usage/attempts?order=slowest&{MARCH}", headers=SHOWN)).json()
        table = await client.get(f"/usage/attempts?order=slowest&format=csv&{MARCH}", headers=SHOWN)

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [answer["reference"] for answer in told["answers"]] == ["r1", "r2"]
    assert [(row["reference"], row["bot"], row["seconds"]) for row in rows] == [
        ("r1", "Poet", "9.0"),
        ("r2", "'=1+1", "2.0"),
    ]
    assert table.headers["content-disposition"] == 'attachment; filename="attempts.csv"'


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("order=slow", "order"),
        ("limit=0", "limit"),
        ("to=tomorrow", "to"),
        ("bots=x", "bots"),
        ("format=xml", "format"),
    ],
)
async def test_a_question_about_answers_that_makes_no_sense_is_told_by_its_field(tmp_path, key, query, field):
    async with server(tmp_path) as client:
        response = await client.get(f"/usage/attempts?{query}", headers=SHOWN)

    assert (response.status_code, response.json()["field"]) == (400, field)


async def test_budgets_are_listed_also_before_anything_was_spent(tmp_path, key):
    bots = "bots: [{bot_name: Poet, provider: demo, budget: [{usd: 5, per: month}, {tokens: 9, scope: user}]}]"
    app = app_of(tmp_path, bots, ledger="off", clients_file=tmp_path / "clients.json")
    async with serving(app) as address, httpx.AsyncClient(base_url=address, headers=SHOWN) as client:
        told = (await client.get("/usage/budgets")).json()["budgets"]
        refused = await client.get("/usage/budgets?bot=Poet")

    assert [
        (line["entry"], line["scope"], line["per"], line["whose"], line["usd"], line["tokens"]) for line in told
    ] == [
        ("bot Poet", "user", "day", None, None, 9),
        ("bot Poet", "bot", "month", "Poet", "5", None),
    ]
    assert {(line["spent_usd"], line["spent_tokens"], line["reserved_usd"], line["share"]) for line in told} == {
        ("0", 0, "0", 0)
    }
    assert (refused.status_code, refused.json()["field"]) == (400, "bot")


# --- What it says is as the OpenAPI document has it ---


def mistakes(answer: httpx.Response, schema: str) -> list[str]:
    """What is not as the document says."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": openapi_document("")["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(answer.json())]


ALL_SORTS = (
    *(record(variant=variant, reference=f"r{number}") for variant in "ab" for number in range(40)),
    record(cost=None, first_content=None, input_tokens=None, output_tokens=None, seconds=0.0),
    record(cached=True, cost=Decimal(0), cost_source="cache"),
    record(outcome="cancelled", error="ServerDied", cost=None, first_content=None, output_tokens=None),
    record(outcome="outrun", reasoning_tokens=5),
    failure(reference="r1", attempt=2),
)


@pytest.mark.parametrize("by", BY)
async def test_a_summary_is_as_the_document_says(tmp_path, key, by):
    async with server(tmp_path, *ALL_SORTS) as client:
        answer = await client.get(f"/usage?by={by}&{MARCH}", headers=SHOWN)

    assert answer.json()["groups"]
    assert mistakes(answer, "UsageSummary") == []


async def test_single_answers_are_as_the_document_says(tmp_path, key):
    async with server(tmp_path, *ALL_SORTS) as client:
        answer = await client.get(f"/usage/attempts?limit=200&{MARCH}", headers=SHOWN)

    assert sum(len(each["attempts"]) for each in answer.json()["answers"]) == len(ALL_SORTS)
    assert mistakes(answer, "UsageAnswers") == []


async def test_budgets_and_refusals_are_as_the_document_says(tmp_path, key):
    bots = "bots: [{bot_name: Poet, provider: demo, budget: [{usd: 5, per: month}, {tokens: 9, scope: user}]}]"
    app = app_of(tmp_path, bots, ledger="off", clients_file=tmp_path / "clients.json")
    async with serving(app) as address, httpx.AsyncClient(base_url=address, headers=SHOWN) as client:
        budgets, refused = await client.get("/usage/budgets"), await client.get("/usage/budgets?bot=Poet")

    assert len(budgets.json()["budgets"]) == 2
    assert mistakes(budgets, "UsageBudgets") == mistakes(refused, "WrongField") == []


@pytest.mark.parametrize(
    "path",
    ["/usage", "/usage/", "/usage/x", "/usage/attempts", "/usage/budgets", "/metrics", "/metrics/x"],
)
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
