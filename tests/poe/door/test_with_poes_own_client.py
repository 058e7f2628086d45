"""The door, seen by a client that was not written here, over real sockets."""

import asyncio
import json

import fastapi_poe as fp
import httpx
import pytest
from fastapi_poe.client import BotError, BotErrorNoRetry, _BotContext

from tests.apps import app_of, upstream_provider
from tests.serving import serving
from utils.providers.demo.server import demo_app

KEY = "k" * 32
DEMO = "bots: [{bot_name: DemoBot, provider: demo, poe: {introduction_message: Hello there}}]"
UPSTREAM = "bots: [{bot_name: Bot, provider: upstream, retries: 0}]"


@pytest.fixture(autouse=True)
def _one_key_for_all(monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)


def said(content, role="user", **fields):
    return fp.ProtocolMessage(role=role, content=content, **fields)


async def ask(address, *messages, bot="DemoBot", key=KEY):
    answer = fp.get_bot_response(list(messages), bot, key, base_url=f"{address}/")
    return "".join([part.text async for part in answer])


async def test_a_question_is_answered(tmp_path):
    async with serving(app_of(tmp_path, DEMO)) as address:
        assert await ask(address, said("/echo Grüße, 日本 🙂\nand more")) == "Grüße, 日本 🙂\nand more"


async def test_the_bot_remembers_what_was_said_before(tmp_path):
    history = [said("My name is Ada."), said("Hello Ada!", role="bot"), said("What is my name?")]

    async with serving(app_of(tmp_path, DEMO)) as address:
        assert "Ada" in await ask(address, *history)


async def test_ids_and_meta_survive_a_whole_request(tmp_path):
    query = fp.QueryRequest(
        version="1.2", type="query", query=[said("/echo hi")], user_id="u-1", conversation_id="c-1", message_id="m-1"
    )

    async with serving(app_of(tmp_path, DEMO)) as address:
        parts = [part async for part in fp.stream_request(query, "DemoBot", KEY, base_url=f"{address}/")]

    assert isinstance(parts[0], fp.MetaResponse)
    assert "".join(part.text for part in parts) == "hi"


async def test_the_settings_are_read(tmp_path):
    async with serving(app_of(tmp_path, DEMO)) as address, httpx.AsyncClient() as session:
        context = _BotContext(endpoint=f"{address}/DemoBot", session=session, api_key=KEY)

        settings = await context.fetch_settings()

    assert settings["introduction_message"] == "Hello there"


async def test_feedback_reactions_and_errors_are_taken(tmp_path):
    async with serving(app_of(tmp_path, DEMO)) as address, httpx.AsyncClient() as session:
        context = _BotContext(endpoint=f"{address}/DemoBot", session=session, api_key=KEY)

        await context.report_feedback("m-1", "u-1", "c-1", "like")
        await context.report_reaction("m-1", "u-1", "c-1", "heart")
        await context.report_error("oops", {"a": 1})


async def test_a_wrong_key_gets_no_answer(tmp_path):
    async with serving(app_of(tmp_path, DEMO)) as address:
        with pytest.raises(BotError):
            await ask(address, said("hi"), key="x" * 32)


async def test_the_text_of_a_file_reaches_the_model(tmp_path):
    file = fp.Attachment(url="https://x/n.txt", content_type="text/plain", name="n.txt", parsed_content="forty-two")
    upstream = demo_app()

    async with serving(upstream) as model, serving(app_of(tmp_path, UPSTREAM, upstream_provider(model))) as address:
        await ask(address, said("What is in it?", attachments=[file]), bot="Bot")

    _, body = upstream.state.requests[-1]
    assert "forty-two" in body["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("order", "allow_retry", "sentence"),
    [
        ("/fail 401", False, "does not accept the server's key"),
        ("/fail 402", False, "used up its credit"),
        ("/fail 404", False, "does not offer its model"),
        ("/fail 400", False, "did not accept its request"),
        ("/fail 429", True, "too many requests"),
        ("/fail 503", True, "overloaded"),
        ("/html", True, "something that is no answer"),
        ("/empty", True, "an empty answer"),
        ("/break 5 /slow 20", False, "cut off"),
        ("/nodone 5 /slow 20", False, "cut off"),
        ("/error-inside 5 /slow 20", False, "Please try again"),
        ("/error-inside 0", True, "Please try again"),
        ("/hang", True, "took too long"),
        ("/comments", True, "took too long"),
    ],
)
async def test_a_model_that_misbehaves_becomes_one_clear_sentence(tmp_path, order, allow_retry, sentence):
    upstream = demo_app()
    providers = upstream_provider("ADDRESS", timeout="0.3")

    async with serving(upstream) as model:
        app = app_of(tmp_path, UPSTREAM, providers.replace("ADDRESS", model))
        async with serving(app) as address:
            with pytest.raises(BotError) as failed:
                await ask(address, said(order), bot="Bot")

    assert sentence in str(failed.value)
    assert json.loads(str(failed.value))["allow_retry"] is allow_retry
    assert isinstance(failed.value, BotErrorNoRetry) is not allow_retry
    assert len(upstream.state.requests) == 1


@pytest.mark.parametrize("order", ["/drip", "/crlf", "/nulls", "/list", "/json-body"])
async def test_a_model_that_is_merely_odd_is_understood(tmp_path, order):
    async with serving(demo_app()) as model:
        async with serving(app_of(tmp_path, UPSTREAM, upstream_provider(model))) as address:
            answer = await ask(address, said(f"{order} /tokens 20"), bot="Bot")

    assert len(answer.split()) == 20


async def test_when_the_person_leaves_the_model_is_stopped_within_a_tenth_of_a_second(tmp_path):
    upstream = demo_app()
    body = {"type": "query", "query": [{"role": "user", "content": "/tokens 5 /slow 60000"}]}
    headers = {"Authorization": f"Bearer {KEY}"}

    async with serving(upstream) as model, serving(app_of(tmp_path, UPSTREAM, upstream_provider(model))) as address:
        async with httpx.AsyncClient() as client:
            async with client.stream("POST", f"{address}/Bot", json=body, headers=headers) as response:
                async for line in response.aiter_lines():
                    if line.startswith("event: text"):
                        break
                assert upstream.state.open_streams == 1

        async with asyncio.timeout(0.1):
            while upstream.state.open_streams:
                await asyncio.sleep(0.002)


async def test_a_bot_that_never_waits_does_not_keep_the_others_from_answering(tmp_path):
    class Flood(fp.PoeBot):
        async def get_response(self, request):
            while True:
                yield fp.PartialResponse(text="x" * 10)

    app = app_of(tmp_path, DEMO)
    mounted = app.state.door.bots["/DemoBot"]
    app.state.door.bots["/Flood"] = type(mounted)(Flood(), "Flood", "/Flood", mounted.key_names)
    body = {"type": "query", "query": [{"role": "user", "content": "hi"}]}

    async with serving(app) as address, httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
        async with client.stream("POST", f"{address}/Flood", json=body) as flood:
            await anext(flood.aiter_raw())

            async with asyncio.timeout(5):
                assert await ask(address, said("/echo still here")) == "still here"


async def test_a_server_that_stops_ends_open_answers_with_an_error_that_may_be_retried(tmp_path):
    app = app_of(tmp_path, DEMO)
    body = {"type": "query", "query": [{"role": "user", "content": "/tokens 5 /slow 60000"}]}

    async with serving(app) as address, httpx.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
        async with client.stream("POST", f"{address}/DemoBot", json=body) as response:
            lines = response.aiter_lines()
            async for line in lines:
                if line.startswith("event: text"):
                    break
            await app.state.door.open_answers.end_all()
            rest = [line async for line in lines]

    assert any("restarting" in line and '"allow_retry": true' in line for line in rest)
    assert rest[-3:-1] == ["event: done", "data: {}"]
