"""One record for each attempt, whatever came of it, through the door of Poe and with a real ledger."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from decimal import Decimal

import httpx
import pytest

from tests.apps import DEMO_PROVIDER, app_of, upstream_provider
from tests.serving import serving
from utils.chat import Origin, Usage
from utils.ledger import Forgetful
from utils.providers.demo.server import demo_app
from utils.routing.records import Records, record_of
from utils.routing.trace import Tried
from utils.settings import ROOT

BOT = "bots: [{bot_name: Bot, provider: upstream}]"


def question(text: str, user: str = "u-1") -> dict:
    return {"type": "query", "query": [{"role": "user", "content": text}], "user_id": user, "conversation_id": "c-1"}


async def ask(address: str, text: str, bot: str = "Bot") -> str:
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{address}/{bot}", json=question(text))).text


def written_in(folder) -> list[dict]:
    connection = sqlite3.connect(folder / "ledger.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM attempts ORDER BY number")]
    finally:
        connection.close()


def stored(folder) -> dict:
    return {"ledger": "sqlite", "ledger_file": folder / "ledger.db"}


async def test_an_answer_is_a_record(tmp_path):
    async with (
        serving(demo_app()) as model,
        serving(app_of(tmp_path, BOT, upstream_provider(model, profile="openai"), **stored(tmp_path))) as address,
    ):
        await ask(address, "/tokens 20")

    (row,) = written_in(tmp_path)
    assert (row["door"], row["bot"], row["provider"], row["model"]) == ("poe", "Bot", "upstream", "demo")
    assert (row["outcome"], row["error"], row["attempt"], row["cached"]) == ("answered", "", 1, 0)
    assert row["conversation"] == "c-1"
    assert row["output_tokens"] == 20
    assert 0 < row["first_content"] <= row["seconds"]
    assert len(row["user"]) == 32


async def test_every_attempt_of_an_answer_is_a_record(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: upstream, fallbacks: [demo], retries: 1}]"
    providers = f"{upstream_provider('http://127.0.0.1:9')}- {{name: demo, kind: demo, models: [demo]}}\n"

    async with serving(app_of(tmp_path, bots, providers, **stored(tmp_path))) as address:
        await ask(address, "/wait 0 /tokens 3")

    rows = written_in(tmp_path)
    assert [(row["provider"], row["outcome"], row["error"], row["attempt"]) for row in rows] == [
        ("upstream", "failed", "Unreachable", 1),
        ("demo", "answered", "", 2),
    ]
    assert rows[0]["input_tokens"] is None


async def test_an_answer_from_the_cache_is_a_record_that_cost_nothing(tmp_path):
    bots = "bots: [{bot_name: Bot, provider: upstream, cache: {ttl: 1h, scope: user}}]"

    async with (
        serving(demo_app()) as model,
        serving(app_of(tmp_path, bots, upstream_provider(model, profile="openai"), **stored(tmp_path))) as address,
    ):
        for _ in range(3):
            await ask(address, "/tokens 20")

    rows = written_in(tmp_path)
    assert [(row["cached"], row["cost"], row["cost_source"]) for row in rows[1:]] == 2 * [(1, 0, "cache")]
    assert [(row["output_tokens"], row["outcome"], row["provider"]) for row in rows] == 3 * [
        (20, "answered", "upstream")
    ]
    assert rows[0]["cached"] == 0


async def test_an_answer_that_nobody_waits_for_any_more_is_a_record(tmp_path):
    async with serving(app_of(tmp_path, BOT.replace("upstream", "demo"), **stored(tmp_path))) as address:
        async with httpx.AsyncClient() as client:
            async with client.stream("POST", f"{address}/Bot", json=question("/tokens 500 /wait 5")) as answer:
                async for _ in answer.aiter_lines():
                    break

    assert [row["outcome"] for row in written_in(tmp_path)] == ["cancelled"]


async def test_answers_that_the_end_of_the_server_stops_are_records(tmp_path):
    answers = []
    async with serving(app_of(tmp_path, BOT.replace("upstream", "demo"), **stored(tmp_path))) as address:
        client = httpx.AsyncClient()
        stack = client.stream("POST", f"{address}/Bot", json=question("/wait 0 /tokens 100000 /rate 50"))
        answer = await stack.__aenter__()
        async for line in answer.aiter_lines():
            if "text" in line:
                answers.append(line)
                break
    await stack.__aexit__(None, None, None)
    await client.aclose()

    assert answers
    assert [row["outcome"] for row in written_in(tmp_path)] == ["cancelled"]


async def test_a_ledger_that_does_not_work_changes_no_answer_and_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    broken = {"ledger": "sqlite", "ledger_file": tmp_path / "file" / "ledger.db"}

    async with serving(app_of(tmp_path, BOT.replace("upstream", "demo"), **broken)) as address:
        answer = await ask(address, "/wait 0 /tokens 3")
        async with httpx.AsyncClient() as client:
            health = (await client.get(f"{address}/health")).json()

    assert "event: done" in answer
    assert "event: error" not in answer
    ledger = health["environment"]["ledger"]
    assert health["status"] == "degraded"
    assert health["problems"] == [f"Records wait for the ledger: 1. {ledger['problem']}"]
    assert not ledger["durable"]
    assert ledger["problem"].startswith("the SQLite file ")


async def test_health_tells_that_records_do_not_last_in_the_log(tmp_path):
    async with serving(app_of(tmp_path, BOT.replace("upstream", "demo"), ledger="log")) as address:
        async with httpx.AsyncClient() as client:
            health = (await client.get(f"{address}/health")).json()

    ledger = health["environment"]["ledger"]
    assert (ledger["durable"], ledger["where"]) == (False, "the log")
    assert (health["status"], health["problems"]) == ("ok", [])


def test_a_server_that_is_told_to_end_writes_what_it_has(tmp_path):
    (tmp_path / "providers.yaml").write_text(DEMO_PROVIDER)
    (tmp_path / "bots.yaml").write_text("bots: [{bot_name: Bot, provider: demo}]")
    script = """
        import asyncio, os, signal, sys, httpx, uvicorn
        from utils.bot_factory import create_app
        from utils.settings import Settings

        async def main():
            server = uvicorn.Server(uvicorn.Config(create_app(Settings.read(), include_code_bots=False), port=0,
                                                   log_config=None, loop="none"))
            serving = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            body = {"type": "query", "query": [{"role": "user", "content": "/wait 0 /tokens 2"}], "user_id": "u"}
            async with httpx.AsyncClient() as client:
                for _ in range(5):
                    await client.post(f"http://127.0.0.1:{port}/Bot", json=body)
            os.kill(os.getpid(), signal.SIGTERM)
            await serving

        asyncio.run(main())
    """
    environment = os.environ | {
        "LEDGER": "sqlite",
        "LEDGER_FILE": str(tmp_path / "ledger.db"),
        "PROVIDER_CONFIG": str(tmp_path / "providers.yaml"),
        "BOT_CONFIG": str(tmp_path / "bots.yaml"),
        "ALLOW_WITHOUT_KEY": "true",
    }

    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert run.returncode in (0, -signal.SIGTERM), run.stderr
    assert [row["outcome"] for row in written_in(tmp_path)] == 5 * ["answered"]
    assert not (tmp_path / "ledger-journal").exists()


# --- What stands in a record ---


@pytest.mark.parametrize(
    ("usage", "cached", "cost", "source"),
    [
        (None, False, None, "unknown"),
        (Usage(3, 4), False, None, "unknown"),
        (Usage(3, 4, cost=Decimal("0.5")), False, Decimal("0.5"), "provider"),
        (Usage(3, 4, cost=Decimal(0)), False, Decimal(0), "provider"),
        (Usage(3, 4, cost=Decimal("NaN")), False, None, "unknown"),
        (Usage(3, 4, cost=Decimal(-1)), False, None, "unknown"),
        (Usage(3, 4, cost=Decimal("0.5")), True, Decimal(0), "cache"),
        (None, True, Decimal(0), "cache"),
    ],
)
def test_the_cost_is_what_the_provider_says_or_not_known_or_nothing(usage, cached, cost, source):
    record = record_of(Origin(), Tried(1, "openai", "m", "KEY", usage=usage, cached=cached))

    assert (record.cost, record.cost_source) == (cost, source)


def test_who_asked_and_what_came_of_it_stand_in_the_record():
    origin = Origin("poe", "Poet", "u", "c", "m", "ref")
    tried = Tried(2, "openai", "gpt", "KEY", "b", outcome="broken", error="BrokenStream", answered_by="gpt-2026")
    tried.queued, tried.first_content, tried.seconds = 0.5, 1.0, 2.0

    record = record_of(origin, tried)

    assert (record.door, record.bot, record.user, record.conversation, record.message, record.reference) == (
        *("poe", "Poet", "u"),
        *("c", "m", "ref"),
    )
    assert (record.attempt, record.key, record.variant, record.answered_by) == (2, "KEY", "b", "gpt-2026")
    assert (record.queued, record.first_content, record.seconds) == (0.5, 1.0, 2.0)
    assert record.input_tokens is record.output_tokens is None


def test_usage_that_cannot_be_read_spoils_no_answer():
    Records(Forgetful())(Origin(), Tried(1, "openai", None, None, usage=Usage(cost="free")))
