"""docs/providers/adding-a-provider.md does what it says."""

import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps import app_of
from tests.serving import serving
from utils.providers.profiles import profile_of
from utils.registry import ProviderRegistry

from .installed import installing
from .upstreams import WHOLE, Upstream

DOCUMENT = (Path(__file__).parents[2] / "docs" / "providers" / "adding-a-provider.md").read_text(encoding="utf-8")
THREE_LINES, WITH_OVERRIDES, WITH_PLUGIN = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def block(language: str) -> str:
    (only,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    return str(only)


def question(text: str) -> dict[str, Any]:
    return {"type": "query", "query": [{"role": "user", "content": text}]}


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """The package of the document, installed under the entry points that its pyproject.toml names."""
    project = tomllib.loads(block("toml"))["project"]
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with installing(tmp_path / "site") as installed:
        kinds = project["entry-points"]["poe_bots.providers"]
        yield installed(block("python"), package=project["name"], module="poe_bots_parrot", **kinds)


async def test_the_plugin_of_the_document_answers_through_poes_door(tmp_path, plugin):
    app = app_of(tmp_path, "bots: [{bot_name: Polly, provider: polly}]", WITH_PLUGIN)

    async with serving(app) as address, httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/Polly", json=question("Hello"))
        refused = await client.post(f"{address}/Polly", json=question("word " * 300))
        listed = (await client.get(f"{address}/providers")).json()

    texts = re.findall(r'"text": ?"([^"]*)"', answer.text)
    assert "".join(texts) == "Hello! Hello! "
    assert "event: error" in refused.text
    assert "user_message_too_long" in refused.text
    assert listed["polly"]["ready"] is True


async def test_its_wrong_settings_are_told_with_file_and_line(tmp_path, plugin):
    app = app_of(tmp_path, "bots: []", WITH_PLUGIN.replace("times: 2", "tims: 2"))

    assert app.state.overview().problems == (
        "providers.yaml:5: provider `polly`: its settings ['tims'] are not known; it has `times`.",
    )


async def test_three_lines_make_an_openai_compatible_provider(tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", "key-of-acme")
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as there:
        text = THREE_LINES.replace("https://api.acme.example", there)
        app = app_of(tmp_path, "bots: [{bot_name: Acme, provider: acme}]", text)
        async with serving(app) as address, httpx.AsyncClient() as client:
            answer = await client.post(f"{address}/Acme", json=question("Hi"))

    assert "Hello" in answer.text
    assert upstream.bodies[0]["model"] == "acme-large"
    assert upstream.requests[0].headers["authorization"] == "Bearer key-of-acme"


def test_the_overrides_of_the_document_are_a_profile(tmp_path):
    (tmp_path / "providers.yaml").write_text(WITH_OVERRIDES, encoding="utf-8")

    registry = ProviderRegistry.load(tmp_path / "providers.yaml", {})

    assert registry.problems == ()
    assert profile_of(registry["acme"], "acme-large").max_tokens_param == "max_completion_tokens"
    assert profile_of(registry["acme"], "acme-thinker-2").sampling is False
