"""The whole way: Poe asks the app, the app asks Replicate's API, over sockets."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps import app_of
from tests.providers.upstreams import until
from tests.serving import serving

from .fake import Replicate, done, failed, output

BOT = "bots: [{bot_name: Llama, provider: replicate, system_message: Be brief., max_tokens: 9}]"
QUESTION = {
    "version": "1.1",
    "type": "query",
    "query": [{"role": "user", "content": "Hi"}, {"role": "bot", "content": "Hello"}, {"role": "user", "content": "?"}],
    "user_id": "u",
    "conversation_id": "c",
    "message_id": "m",
}


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_canary_of_this_test")


def app_at(folder: Path, api_base: str) -> Any:
    lines = ("kind: replicate", "api_key_env: REPLICATE_API_TOKEN", "models: [meta/meta-llama-3-8b-instruct]")
    text = f"providers:\n- name: replicate\n  api_base: {api_base}\n  " + "\n  ".join((*lines, "timeout: 2", ""))
    return app_of(folder, BOT, text)


def events_in(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\r\n")) for block in text.strip().split("\r\n\r\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


async def heard(app: Any) -> list[tuple[str, dict[str, Any]]]:
    async with serving(app) as address, httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/Llama", json=QUESTION)
    return events_in(answer.text)


async def test_an_answer_of_replicate_reaches_poe(tmp_path):
    fake = Replicate(output("Hello"), output(" you"), done())

    async with fake.running() as base:
        events = await heard(app_at(tmp_path, base))

    assert "".join(data["text"] for name, data in events if name == "text") == "Hello you"
    assert events[-1][0] == "done"
    (body,) = fake.bodies
    assert body["input"]["max_tokens"] == 9
    assert body["input"]["prompt"].startswith(
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief."
    )


@pytest.mark.parametrize(
    "fake",
    [Replicate(failed("CUDA out of memory")), Replicate(states=({"status": "failed", "error": "division by zero"},))],
)
async def test_a_failure_of_replicate_is_a_sentence_for_the_person(tmp_path, fake):
    async with fake.running() as base:
        events = await heard(app_at(tmp_path, base))

    (error,) = [data for name, data in events if name == "error"]
    assert error["allow_retry"] is True
    assert not any(word in json.dumps(events) for word in ("CUDA", "division", "canary"))


async def test_a_person_who_goes_stops_the_prediction(tmp_path):
    fake = Replicate(output("Hello"), asyncio.Event())

    async with fake.running() as base, serving(app_at(tmp_path, base)) as address, httpx.AsyncClient() as client:
        async with client.stream("POST", f"{address}/Llama", json=QUESTION) as answer:
            async for line in answer.aiter_lines():
                if "Hello" in line:
                    break

        await until(lambda: fake.cancelled == ["abc123"] and fake.open_streams == 0)


async def test_without_its_key_the_bot_waits_for_it(tmp_path, monkeypatch):
    monkeypatch.delenv("REPLICATE_API_TOKEN")
    app = app_at(tmp_path, "https://api.replicate.com/v1")

    (bot,) = app.state.overview().bots

    assert bot.why_not_ready == "REPLICATE_API_TOKEN is not set"
