"""Every log line of an answer has the reference that its person may read, and no line of another answer has it."""

import asyncio
import json
import re

import httpx
import structlog

from tests.apps import app_of
from tests.serving import serving
from utils.logs import configure_logging, reference_of_this_request, request_reference
from utils.settings import Settings

BOTS = """
bots:
- {bot_name: Careful, provider: broken, fallbacks: [demo]}
- {bot_name: Lost, provider: broken}
"""
PROVIDERS = """
providers:
- {name: broken, api_base: "http://127.0.0.1:9/v1", models: [large]}
- {name: demo, kind: demo, models: [demo]}
"""


def question(message: str) -> dict[str, object]:
    turns = [{"role": "user", "content": "hello"}]
    return {"type": "query", "version": "1.2", "query": turns, "message_id": message, "conversation_id": "c"}


async def test_all_log_lines_of_an_answer_have_the_reference_that_is_told_to_the_person(tmp_path, capsys):
    configure_logging(Settings(log_format="json"), ())

    async with serving(app_of(tmp_path, BOTS, PROVIDERS)) as address, httpx.AsyncClient(base_url=address) as client:
        answers = await asyncio.gather(*(client.post("/Lost", json=question(f"m{number}")) for number in range(3)))

    told = [match[1] for answer in answers if (match := re.search(r"Reference: (\w+)", answer.text))]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(set(told)) == 3
    for reference in told:
        assert {"answer.route", "answer.failed"} <= {line["event"] for line in lines if line.get("ref") == reference}


async def test_a_route_that_ends_well_after_a_detour_is_logged_with_a_reference_too(tmp_path, capsys):
    configure_logging(Settings(log_format="json"), ())

    async with serving(app_of(tmp_path, BOTS, PROVIDERS)) as address, httpx.AsyncClient(base_url=address) as client:
        await client.post("/Careful", json=question("m"))

    routes = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "answer.route" in line]
    assert [len(route["ref"]) for route in routes] == [8]


async def test_a_task_that_is_started_for_a_request_has_its_reference_and_nobody_has_it_afterwards():
    async def looking() -> str:
        return reference_of_this_request()

    with request_reference("3f9a1c2e"):
        seen = await asyncio.create_task(looking())

    assert seen == "3f9a1c2e"
    assert reference_of_this_request() == ""
    assert structlog.contextvars.get_contextvars() == {}
