"""OpenAI's own client works as with OpenAI, whichever way it is used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.web.programs import Served, server
from utils.web.event_stream import EventStream

KEY = "a-long-key-for-a-program-1234567890"
HELLO = [{"role": "user", "content": "/echo hello"}]
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}


@asynccontextmanager
async def program(folder, monkeypatch) -> AsyncIterator[tuple[Served, AsyncOpenAI]]:
    monkeypatch.setenv("API_KEYS", KEY)
    async with server(folder) as served:
        async with AsyncOpenAI(api_key=KEY, base_url=f"{served.address}/v1", max_retries=0) as client:
            yield served, client


async def test_an_answer_in_one_piece(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        answer = await client.chat.completions.create(model="Poet", messages=HELLO, max_completion_tokens=5, n=1)

    assert answer.choices[0].message.content == "hello"
    assert answer.usage.completion_tokens == 1
    assert answer._request_id == answer.id.removeprefix("chatcmpl-")


async def test_a_stream(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        stream = await client.chat.completions.create(
            model="upstream:demo", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "hello"
    assert chunks[-1].usage.total_tokens > 0


async def test_the_clients_own_reading_of_a_stream(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        asked = [{"role": "user", "content": '/call add {"a": 1}'}]
        async with client.chat.completions.stream(model="Poet", messages=asked, tools=[TOOL]) as stream:
            answer = await stream.get_final_completion()

    assert answer.choices[0].finish_reason == "tool_calls"
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"a": 1}'


async def test_a_conversation_with_a_tool(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        messages = [{"role": "user", "content": '/call add {"a": 1}'}]
        first = await client.chat.completions.create(model="Poet", messages=messages, tools=[TOOL])
        message = first.choices[0].message
        result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "2"}
        second = await client.chat.completions.create(model="Poet", messages=[*messages, message, result])

    assert second.choices[0].message.content


@pytest.mark.parametrize("encoding", [openai.NOT_GIVEN, "float", "base64"])
async def test_vectors(tmp_path, monkeypatch, encoding):
    async with program(tmp_path, monkeypatch) as (_, client):
        made = await client.embeddings.create(model="upstream:demo", input=["a", "b"], encoding_format=encoding)
        again = await client.embeddings.create(model="demo", input="a")

    assert len(made.data) == 2
    if encoding != "base64":
        assert made.data[0].embedding == pytest.approx(again.data[0].embedding, abs=1e-6)


async def test_models(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        listed = [model.id async for model in client.models.list()]
        one = await client.models.retrieve("upstream:demo")

    assert listed[:3] == ["Poet", "Steady", "Chooser"]
    assert (one.id, one.owned_by) == ("upstream:demo", "upstream")


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ("/fail 429", openai.RateLimitError),
        ("/fail 503", openai.InternalServerError),
        ("/fail 400", openai.BadRequestError),
        ("/fail 404", openai.NotFoundError),
    ],
)
async def test_failures_are_the_clients_own_exceptions(tmp_path, monkeypatch, order, error):
    async with program(tmp_path, monkeypatch) as (_, client):
        with pytest.raises(error) as raised:
            await client.chat.completions.create(model="Poet", messages=[{"role": "user", "content": order}])

    assert raised.value.code
    assert "demo was ordered" not in str(raised.value)


async def test_a_failure_inside_a_stream_is_an_exception_too(tmp_path, monkeypatch):
    asked = [{"role": "user", "content": "/nodone 2\n/tokens 9"}]

    async with program(tmp_path, monkeypatch) as (_, client):
        stream = await client.chat.completions.create(model="Poet", messages=asked, stream=True)
        with pytest.raises(openai.APIError, match="stopped before its end"):
            _ = [chunk async for chunk in stream]


async def test_pings_in_a_silent_stream_are_passed_over(tmp_path, monkeypatch):
    asked = [{"role": "user", "content": "/wait 300\n/echo late"}]
    pinging = partial(EventStream, ping_seconds=0.05)
    monkeypatch.setattr("utils.web.openai_api.completions.EventStream", pinging)

    async with program(tmp_path, monkeypatch) as (served, client):
        stream = await client.chat.completions.create(model="upstream:demo", messages=asked, stream=True)
        said = [chunk.choices[0].delta.content or "" async for chunk in stream]
        body, key = {"model": "upstream:demo", "messages": asked, "stream": True}, {"authorization": f"Bearer {KEY}"}
        raw = await served.client.post("/v1/chat/completions", json=body, headers=key)
        failing = [{"role": "user", "content": "/wait 300\n/fail 503"}]
        stream = await client.chat.completions.create(model="upstream:demo", messages=failing, stream=True)
        with pytest.raises(openai.APIError, match="too busy"):
            _ = [chunk async for chunk in stream]

    assert "".join(said) == "late"
    assert raw.text.startswith(": ping\n\n")


async def test_a_wrong_key(tmp_path, monkeypatch):
    async with program(tmp_path, monkeypatch) as (_, client):
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="wrong").models.list()


async def test_the_client_that_blocks(tmp_path, monkeypatch):
    def ask(address):
        with OpenAI(api_key=KEY, base_url=f"{address}/v1") as client:
            whole = client.chat.completions.create(model="Poet", messages=HELLO)
            stream = client.chat.completions.create(model="Poet", messages=HELLO, stream=True)
            streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
            vectors = client.embeddings.create(model="upstream", input=["a"])
            return (
                whole.choices[0].message.content,
                streamed,
                len(vectors.data),
                [each.id for each in client.models.list()],
            )

    async with program(tmp_path, monkeypatch) as (served, _):
        whole, streamed, vectors, models = await asyncio.to_thread(ask, served.address)

    assert (whole, streamed, vectors) == ("hello", "hello", 1)
    assert "Poet" in models
