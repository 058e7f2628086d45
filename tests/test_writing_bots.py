"""The bots of docs/writing-bots.md, taken from there and asked by fastapi_poe's own client over real sockets."""

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import fastapi_poe as fp
import httpx
import pytest
import respx
from fastapi_poe.client import BotErrorNoRetry, _BotContext

from tests.apps import app_of
from tests.serving import serving
from utils.providers.demo.server import demo_app

DOCUMENTS = Path(__file__).resolve().parent.parent / "docs"
DOCUMENT = (DOCUMENTS / "writing-bots.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`bots/(\w+\.py)`:\n\n```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))
PROVIDERS = """
providers:
- {name: openai, api_base: ADDRESS/OPENAI, models: [demo]}
- {name: anthropic, api_base: ADDRESS/v1, models: [demo]}
"""
KEY = "k" * 32


@pytest.fixture(autouse=True)
def _one_key_for_all(monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that stands in for `bots`, with every file that the document shows."""
    folder = tmp_path / f"package_of_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, code in FILES.items():
        (folder / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


class Served:
    """The bots at an address, and what their model was asked."""

    def __init__(self, address, upstream):
        self.address = address
        self.upstream = upstream

    @property
    def asked(self):
        """The messages of every request to the model."""
        return [body["messages"] for _, body in self.upstream.state.requests]

    async def ask(self, bot, *messages, bot_query_id=""):
        """What the person reads in the end."""
        ids = {"user_id": "u", "conversation_id": "c", "message_id": "", "bot_query_id": bot_query_id}
        query = fp.QueryRequest(version="1.2", type="query", query=list(messages), **ids)
        text = ""
        async for part in fp.stream_request(query, bot, KEY, base_url=f"{self.address}/"):
            text = part.text if part.is_replace_response else text + part.text
        return text

    @asynccontextmanager
    async def as_poe(self, bot):
        """What Poe asks and tells besides questions."""
        async with httpx.AsyncClient() as session:
            yield _BotContext(endpoint=f"{self.address}/{bot}", session=session, api_key=KEY)


@pytest.fixture
def served(package, tmp_path):
    """Serves entries as they stand in the document, and its bots that have a name of their own."""

    @asynccontextmanager
    async def opened(entries="bots: []", openai="v1"):
        upstream = demo_app()
        async with serving(upstream) as model:
            in_package = entries.replace("bot_class: bots.", f"bot_class: {package}.")
            providers = PROVIDERS.replace("ADDRESS", model).replace("OPENAI", openai)
            app = app_of(tmp_path, in_package, providers, code_bots=package)
            assert app.state.overview().problems == ()
            async with serving(app) as address:
                yield Served(address, upstream)

    return opened


def said(content, role="user", **fields):
    return fp.ProtocolMessage(role=role, content=content, **fields)


def entries_with(words, document=DOCUMENT):
    """The YAML of the document that holds these words."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if words in block)


def test_every_file_of_the_document_is_tried_here():
    assert set(FILES) == {
        "translator.py",
        "storyteller.py",
        "summary.py",
        "word_count.py",
        "listener.py",
        "patient.py",
    }
    assert DOCUMENT.count("```python") == len(FILES)


# --- One thing changed ---

TRANSLATORS = entries_with("bots.translator.Translator")


async def test_the_translator_asks_for_nothing_but_a_translation_of_the_last_message(served):
    history = [said("My name is Ada."), said("Hello Ada!", role="bot"), said("/echo Bom dia")]

    async with served(TRANSLATORS) as bots:
        answers = [await bots.ask(bot, *history) for bot in ("IntoPortuguese", "IntoGerman")]

    assert answers == ["Bom dia", "Bom dia"]
    orders = [order["content"] for order, _ in bots.asked]
    assert "into Portuguese, formally" in orders[0]
    assert "into German, casually" in orders[1]
    assert [question for _, question in bots.asked] == [{"role": "user", "content": "/echo Bom dia"}] * 2


def test_a_setting_that_the_translator_does_not_know_is_an_error_with_its_line(package, tmp_path):
    mistaken = TRANSLATORS.replace("formal:", "fromal:").replace("bots.translator", f"{package}.translator")

    app = app_of(tmp_path, mistaken, PROVIDERS.replace("ADDRESS", "http://127.0.0.1:9"))

    (problem,) = app.state.overview().problems
    assert "bots.yaml:9" in problem
    assert "`fromal`" in problem


@pytest.mark.parametrize(
    ("parameters", "order"),
    [
        ({}, "Tell a story that is for children and ends well."),
        ({"audience": "adults", "happy_end": False}, "Tell a story that is for adults and may end badly."),
    ],
)
async def test_the_storyteller_knows_what_the_person_chose(served, parameters, order):
    controls = entries_with("bot_name: Storyteller", (DOCUMENTS / "poe.md").read_text(encoding="utf-8"))
    entries = controls.replace("provider:", "bot_class: bots.storyteller.Storyteller\n    provider:")

    async with served(entries) as bots:
        await bots.ask("Storyteller", said("/echo Once", parameters=parameters))

    assert bots.asked[0][0] == {"role": "system", "content": order}


# --- Something of its own around the answer ---

SUMMARY = entries_with("bots.summary.Summary")
FILE = fp.Attachment(
    url="https://x/n.txt", content_type="text/plain", name="n.txt", parsed_content="so many words " * 9
)


async def test_the_summary_is_given_the_file_and_adds_a_line_of_its_own(served):
    async with served(SUMMARY) as bots:
        text = await bots.ask("Summary", said("/echo In short.", attachments=[FILE]))

    assert text == "In short.\n\n*25 words less to read.*"
    instructions, question = bots.asked[0]
    assert instructions == {"role": "system", "content": "Summarise the file in three sentences."}
    assert FILE.parsed_content.strip() in question["content"]


async def test_the_summary_says_what_it_needs_and_that_asking_again_is_no_use(served):
    async with served(SUMMARY) as bots:
        with pytest.raises(BotErrorNoRetry) as refused:
            await bots.ask("Summary", said("Summarise!"))

    assert json.loads(str(refused.value))["text"].startswith("Please attach the file that I should summarise.")
    assert bots.asked == []


async def test_the_next_provider_summarises_when_the_first_is_not_there(served):
    async with served(SUMMARY, openai="nowhere") as bots:
        text = await bots.ask("Summary", said("/echo In short.", attachments=[FILE]))

    assert text.startswith("In short.")


async def test_a_failure_that_the_summary_knows_nothing_of_is_explained(served):
    async with served(SUMMARY) as bots:
        with pytest.raises(BotErrorNoRetry, match="used up its credit"):
            await bots.ask("Summary", said("/fail 402", attachments=[FILE]))


@respx.mock(base_url="https://api.poe.com")
async def test_the_summary_is_paid_for(respx_mock, served):
    respx_mock.route(host="127.0.0.1").pass_through()
    paid = 'event: result\r\ndata: {"status": "success"}\r\n\r\n'
    calls = [
        respx_mock.post(f"/bot/cost/q-1/{verb}").respond(200, text=paid, headers={"content-type": "text/event-stream"})
        for verb in ("authorize", "capture")
    ]

    async with served(SUMMARY) as bots:
        await bots.ask("Summary", said("/echo In short.", attachments=[FILE]), bot_query_id="q-1")

    amounts = [json.loads(route.calls.last.request.content)["amounts"] for route in calls]
    assert [amount["amount_usd_milli_cents"] for (amount,) in amounts] == [300, 300]


# --- Written for fastapi_poe ---


async def test_a_bot_that_was_written_for_fastapi_poe_is_served_as_it_is(served):
    async with served() as bots, bots.as_poe("WordCount") as poe:
        answer = await bots.ask("WordCount", said("one two three"))
        settings = await poe.fetch_settings()

    assert answer == "3 words"
    assert settings["introduction_message"] == "Paste a text."


# --- Hooks ---


async def test_the_listener_counts_dislikes_and_tells_of_them(served):
    entries = "bots: [{bot_name: Listener, provider: openai, bot_class: bots.listener.Listener}]"

    async with served(entries) as bots, bots.as_poe("Listener") as poe:
        for feedback in ("dislike", "like", "dislike"):
            await poe.report_feedback("m", "u", "c", feedback)
        facts = json.loads(await bots.ask("Listener", said("bot info")))

    assert facts["dislikes"] == 2
    assert facts["provider"] == "openai"


async def test_the_patient_bot_has_settings_and_a_pace_of_its_own(served):
    async with served() as bots, bots.as_poe("Patient") as poe:
        answer = await bots.ask("Patient", said("hi"))
        settings = await poe.fetch_settings()

    assert answer == "Let me think about that."
    assert settings["introduction_message"] == "No hurry."
