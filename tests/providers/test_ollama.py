"""A model on this machine, from `docs/providers/ollama.md` to the person in the chat."""

import re
import socket
from pathlib import Path

import httpx
import pytest

from tests.apps import app_of
from tests.serving import serving

from .upstreams import WHOLE, Upstream

DOCUMENT = (Path(__file__).parents[2] / "docs" / "providers" / "ollama.md").read_text(encoding="utf-8")
(ENTRY,) = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
BOT = "bots: [{bot_name: OllamaBot, provider: ollama}]"
QUESTION = {"type": "query", "query": [{"role": "user", "content": "Hi"}]}
NO_MODEL = b'{"error":{"message":"model \\"gpt-oss:20b\\" not found, try pulling it first","type":"api_error"}}'


@pytest.fixture
def ollama_at(tmp_path, monkeypatch):
    def make(address):
        monkeypatch.setenv("OLLAMA_BASE_URL", f"{address}/v1")
        return app_of(tmp_path, BOT, ENTRY)

    return make


async def test_the_bot_is_ready_without_any_key_while_ollama_runs(ollama_at):
    async with serving(Upstream(*WHOLE).app) as there, serving(ollama_at(there)) as address:
        async with httpx.AsyncClient() as client:
            listed = (await client.get(f"{address}/bots")).json()
            answer = await client.post(f"{address}/OllamaBot", json=QUESTION)

    assert listed["OllamaBot"]["ready"] is True
    assert "Hello" in answer.text


async def test_the_bot_says_that_ollama_does_not_run(ollama_at):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = f"http://localhost:{listener.getsockname()[1]}"

    (bot,) = ollama_at(there).state.overview().bots

    assert bot.why_not_ready == f"Ollama is not running at {there}"
    assert f"Ollama is not running at {re.sub(r'[0-9]+$', '11434', there)}" in DOCUMENT


async def test_a_model_that_was_not_pulled_is_a_model_that_is_not_there(ollama_at):
    missing = Upstream(NO_MODEL, status=404, headers={"content-type": "application/json"})

    async with serving(missing.app) as there, serving(ollama_at(there)) as address:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{address}/OllamaBot", json=QUESTION)

    assert "event: error" in answer.text
    assert "model" in answer.text
    assert "pulling" not in answer.text
