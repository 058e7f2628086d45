"""The bots of docs/writing-bots.md, taken from there and asked by fastapi_poe's own client over real sockets."""

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import fastapi_poe as fp
import httpx
import pytest
from fastapi_poe.client import BotErrorNoRetry, _BotContext

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.providers.demo.server import demo_app

DOCUMENTS = Path(__file__).resolve().parent.parent / "docs"
DOCUMENT = (DOCUMENTS / "writing-bots.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`bots/(\w+\.py)`:\n\n```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))
ENTRIES = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)

STORYTELLER = next(
    block
    for block in re.findall(r"^```yaml\n(.*?)^```$", (DOCUMENTS / "poe.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    if "bot_name: Storyteller" in block
)
KEY = "k" * 32


@pytest.fixture(autouse=True)
def _one_key_for_all(monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with every file of the document, in the place of `bots`."""
    folder = tmp_path / f"bots_of_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, code in FILES.items():
        (folder / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


@pytest.fixture
def served(package, tmp_path):
    """Serves entries of YAML and the files of the document beside a model that writes down what it is asked."""

    @asynccontextmanager
    async def opened(entries="bots: []\n"):
        upstream = demo_app()
        entries = entries.replace("bot_class: bots.", f"bot_class: {package}.")
        entries = re.sub(r"provider: \w+", "provider: upstream", entries)
        entries = re.sub(r" *fallbacks: .*\n| *charge: .*\n", "", entries)
        async with serving(upstream) as model:
            app = app_of(tmp_path, entries, upstream_provider(model), code_bots=package)
            assert app.state.overview().problems == ()
            async with serving(app) as address:
                yield Served(address, upstream)

    return opened


class Served:
    """The bots, and what their model was asked."""

    def __init__(self, address, upstream):
        self.address = address
        self._upstream = upstream

    @property
    def asked(self):
        return self._upstream.state.requests[-1][1]["messages"]

    async def ask(self, bot, *messages):
        answer = fp.get_bot_response(list(messages), bot, KEY, base_url=f"{self.address}/")
        text = ""
        async for part in answer:
            text = part.text if part.is_replace_response else text + part.text
        return text

    def told(self, bot, session):
        return _BotContext(endpoint=f"{self.address}/{bot}", session=session, api_key=KEY)


def said(content, role="user", **fields):
    return fp.ProtocolMessage(role=role, content=content, **fields)


def entry_of(file):
    return next(block for block in ENTRIES if f"bots.{file}." in block)


def with_class(dotted_name, bot_name):
    return f"bots: [{{bot_name: {bot_name}, provider: upstream, bot_class: {dotted_name}}}]\n".replace(
        "bot_class: bots.", "bot_class: bots."
    )


async def test_the_translator_asks_for_nothing_but_a_translation_of_the_last_message(served):
    history = [said("My name is Ada."), said("Hello Ada!", role="bot"), said("/echo Bom dia")]

    async with served(entry_of("translator")) as bots:
        answers = [await bots.ask(bot, *history) for bot in ("IntoPortuguese", "IntoGerman")]
        order, question = bots.asked

    assert answers == ["Bom dia", "Bom dia"]
    assert order["role"] == "system"
    assert "into German, casually" in order["content"]
    assert question == {"role": "user", "content": "/echo Bom dia"}
