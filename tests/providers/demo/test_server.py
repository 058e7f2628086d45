"""The demo over HTTP, as any client sees it."""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from utils.providers.demo.server import demo_app


def body(text: str, *, stream: bool = True, **fields) -> dict[str, Any]:
    return {"model": "demo", "messages": [{"role": "user", "content": text}], "stream": stream, **fields}


async def events(http: httpx.AsyncClient, text: str, **fields) -> list[dict[str, Any]]:
    """The chunks of the stream; its end is checked and left out."""
    raw = (await http.post("/chat/completions", json=body(text, **fields))).text
    *chunks, done, rest = raw.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(chunk.removeprefix("data: ")) for chunk in chunks]


async def until(true: Callable[[], bool], seconds: float = 0.1) -> None:
    """Returns as soon as it is true. Fails when it has not become so in time."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.001)


async def test_a_stream_is_role_then_tokens_then_reason_then_usage(http):
    chunks = await events(http, "/echo one two", stream_options={"include_usage": True})

    assert [chunk["choices"][0]["delta"] for chunk in chunks[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": "one"},
        {"content": " two"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None, None, None, "stop"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 5
    assert len({chunk["id"] for chunk in chunks}) == 1


async def test_usage_comes_only_when_asked_for(http):
    chunks = await events(http, "/echo one")

    assert not any("usage" in chunk for chunk in chunks)


async def test_every_token_is_sent_when_it_is_there(http):
    async with http.stream("POST", "/chat/completions", json=body("/tokens 3 /slow 20")) as response:
        reads = [read async for read in response.aiter_raw()]

    assert sum(b"tok" in read for read in reads) == 3


async def test_thoughts_are_reasoning_content(http):
    chunks = await events(http, "/think 1 /tokens 1")

    assert [chunk["choices"][0]["delta"] for chunk in chunks[1:3]] == [
        {"reasoning_content": "thought0"},
        {"content": "tok0"},
    ]


async def test_the_openai_client_reads_a_stream(client):
    stream = await client.chat.completions.create(**body("/echo Grüße,\u2028\n\U0001f600!"))

    chunks = [chunk async for chunk in stream]

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Grüße,\u2028\n\U0001f600!"
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_the_openai_client_reads_a_whole_answer(client):
    answer = await client.chat.completions.create(**body("/echo one two", stream=False))

    assert answer.choices[0].message.content == "one two"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 2


@pytest.mark.parametrize("stream", [True, False])
async def test_the_openai_client_reads_tool_calls(client, stream):
    order = '/call add {"a": 1}\n/call sub {"b": [2, 3]}'

    if stream:
        async with client.chat.completions.stream(model="demo", messages=body(order)["messages"]) as running:
            answer = await running.get_final_completion()
    else:
        answer = await client.chat.completions.create(**body(order, stream=False))

    calls = answer.choices[0].message.tool_calls
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("add", '{"a": 1}'),
        ("sub", '{"b": [2, 3]}'),
    ]
    assert answer.choices[0].finish_reason == "tool_calls"


async def test_the_openai_client_lists_the_models(client):
    assert "demo" in [model.id async for model in client.models.list()]


@pytest.mark.parametrize("encoding", ["float", "base64", openai.omit])
async def test_the_openai_client_gets_the_same_vector_for_the_same_text(client, encoding):
    answer = await client.embeddings.create(
        model="demo", input=["cat", "dog", "cat"], dimensions=16, encoding_format=encoding
    )

    first, second, third = (item.embedding for item in answer.data)
    assert first == third != second
    if encoding != "base64":
        assert len(first) == 16
        assert math.isclose(math.hypot(*first), 1, abs_tol=1e-6)


@pytest.mark.parametrize("given_input", ["cat", [1, 2], [[1, 2]]])
async def test_one_text_makes_one_vector(http, given_input):
    answer = (await http.post("/embeddings", json={"input": given_input})).json()

    assert [len(item["embedding"]) for item in answer["data"]] == [8]


async def test_pictures_and_texts_in_parts_are_understood(client):
    content = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]

    answer = await client.chat.completions.create(model="demo", messages=[{"role": "user", "content": content}])

    assert "1 picture." in answer.choices[0].message.content
    assert "“Look”" in answer.choices[0].message.content


async def test_a_whole_tool_loop_comes_to_its_end(client):
    question = {"role": "user", "content": "call add"}
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
    first = await client.chat.completions.create(model="demo", messages=[question], tools=[tool])
    call = first.choices[0].message
    result = {"role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "3"}

    last = await client.chat.completions.create(model="demo", messages=[question, call, result], tools=[tool])

    assert last.choices[0].message.content == "`add` answered: 3"


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (b"{", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b"[]", None),
        (b"{}", "messages"),
        (b'{"messages": []}', "messages"),
        (b'{"messages": 5}', "messages"),
        (b'{"messages": [{"role": "king"}]}', "messages[0].role"),
        (b'{"messages": [{"role": "user", "content": "hi"}], "max_tokens": "many"}', "max_tokens"),
    ],
)
async def test_a_bad_body_is_explained(http, content, param):
    response = await http.post("/chat/completions", content=content)

    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert error["message"]


@pytest.mark.parametrize("content", [b"{}", b'{"input": {}}', b'{"input": "a", "dimensions": 0}'])
async def test_a_bad_request_for_embeddings_is_explained(http, content):
    response = await http.post("/embeddings", content=content)

    assert response.status_code == 400
    assert response.json()["error"]["param"] in ("input", "dimensions")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/chat/completions", 405)])
async def test_an_unknown_path_is_an_openai_error(http, method, path, status):
    response = await http.request(method, path)

    assert response.status_code == status
    assert path in response.json()["error"]["message"]


async def test_requests_are_remembered(app, http):
    await http.post("/chat/completions", json=body("hello"), headers={"Authorization": "Bearer k"})

    headers, received = app.state.requests[-1]
    assert headers["authorization"] == "Bearer k"
    assert received == body("hello")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "order", ["/hang", "/slow 60000 /tokens 5", "/wait 60000", "/comments", "/wait 60000 /fail 503"]
)
async def test_an_answer_ends_when_the_client_hangs_up(app, http, order, stream):
    asking = asyncio.create_task(http.post("/chat/completions", json=body(order, stream=stream)))
    await until(lambda: app.state.open_streams == 1, seconds=2)

    asking.cancel()

    await until(lambda: app.state.open_streams == 0)


async def test_no_answer_is_open_when_all_are_read(app, http):
    await events(http, "hello")

    await until(lambda: app.state.open_streams == 0)


async def test_a_server_has_a_usual_length():
    app: Starlette = demo_app(tokens=7)
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url="http://demo/v1") as http:
        answer = await http.post("/chat/completions", json=body("hello", stream=False))

    assert answer.json()["usage"]["completion_tokens"] == 7


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), quirks=st.sets(st.sampled_from(["drip"])))
async def test_any_text_arrives_unchanged(text, quirks):
    order = "".join(f"/{quirk} " for quirk in quirks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(demo_app()), base_url="http://demo/v1") as http:
        chunks = await events(http, f"{order}/echo {text}")

    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == text
