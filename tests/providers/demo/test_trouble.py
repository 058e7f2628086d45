"""What goes wrong on the wire, when it is ordered to."""

import json
from typing import Any

import httpx
import openai
import pytest

from .test_server import body, events


def words(raw: str) -> int:
    return raw.count('"content":"tok0') + raw.count('"content":" tok')


async def read_until_it_breaks(http: httpx.AsyncClient, request: dict[str, Any]) -> str:
    """What came before the connection broke."""
    read: list[bytes] = []
    async with http.stream("POST", "/chat/completions", json=request) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            await collect(response, read)
    return b"".join(read).decode()


async def collect(response: httpx.Response, into: list[bytes]) -> None:
    async for part in response.aiter_raw():
        into.append(part)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
async def test_a_status_is_real(client, status, failure, stream):
    with pytest.raises(failure) as caught:
        await client.chat.completions.create(**body(f"/fail {status}", stream=stream))

    assert caught.value.status_code == status
    assert caught.value.type


@pytest.mark.parametrize(
    ("order", "header"), [("429", "1"), ("429 7", "7"), ("503 3", "3"), ("503", None), ("599", None)]
)
async def test_a_failure_says_when_to_come_back(http, order, header):
    response = await http.post("/chat/completions", json=body(f"/fail {order}"))

    assert response.headers.get("retry-after") == header
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


async def test_a_hang_begins_and_says_nothing(http):
    async with http.stream("POST", "/chat/completions", json=body("/hang"), timeout=0.1) as response:
        parts = response.aiter_raw()
        first = await anext(parts)

        with pytest.raises(httpx.ReadTimeout):
            await anext(parts)

    assert response.status_code == 200
    assert b'"role":"assistant"' in first


async def test_a_hang_without_a_stream_is_pure_silence(http):
    with pytest.raises(httpx.ReadTimeout):
        await http.post("/chat/completions", json=body("/hang", stream=False), timeout=0.1)


@pytest.mark.parametrize("count", [0, 5])
async def test_a_break_drops_the_connection_after_so_many_tokens(http, count):
    raw = await read_until_it_breaks(http, body(f"/break {count} /tokens 100"))

    assert words(raw) == count
    assert "[DONE]" not in raw


async def test_a_break_without_a_stream_leaves_half_of_the_body(http):
    raw = await read_until_it_breaks(http, body("/break 5 /tokens 100", stream=False))

    with pytest.raises(json.JSONDecodeError):
        json.loads(raw)


@pytest.mark.parametrize("stream", [True, False])
async def test_html_is_a_web_page(http, stream):
    response = await http.post("/chat/completions", json=body("/html", stream=stream))

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(("stream", "expected"), [(True, "data: [DONE]\n\n"), (False, "")])
async def test_empty_has_no_words(http, stream, expected):
    response = await http.post("/chat/completions", json=body("/empty", stream=stream))

    assert (response.status_code, response.text) == (200, expected)


async def test_nodone_ends_without_saying_so(http):
    raw = (await http.post("/chat/completions", json=body("/nodone 3 /tokens 9"))).text

    assert words(raw) == 3
    assert "[DONE]" not in raw
    assert '"finish_reason":"' not in raw


async def test_nodone_without_a_stream_has_no_finish_reason(http):
    answer = (await http.post("/chat/completions", json=body("/nodone 2 /tokens 9", stream=False))).json()

    assert answer["choices"][0]["message"]["content"] == "tok0 tok1"
    assert answer["choices"][0]["finish_reason"] is None


async def test_an_error_inside_comes_behind_the_tokens(http):
    response = await http.post("/chat/completions", json=body("/error-inside 2 /tokens 9"))

    assert words(response.text) == 2
    assert response.text.split("\n\n")[-2].startswith('data: {"error":{"message":')


async def test_an_error_inside_a_whole_answer_has_status_200(http):
    response = await http.post("/chat/completions", json=body("/error-inside 2", stream=False))

    assert (response.status_code, list(response.json())) == (200, ["error"])


async def test_comments_are_only_signs_of_life(http):
    async with http.stream("POST", "/chat/completions", json=body("/comments")) as response:
        parts = response.aiter_raw()
        first, second = await anext(parts), await anext(parts)

    assert first == second == b": keep-alive\n\n"


async def test_a_drip_is_cut_anywhere(http):
    async with http.stream("POST", "/chat/completions", json=body("/drip /echo ünï")) as response:
        parts = [part async for part in response.aiter_raw()]

    assert "".join(json_text(b"".join(parts))) == "ünï"


def json_text(raw: bytes) -> list[str]:
    lines = [line.removeprefix("data: ") for line in raw.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line)["choices"][0]["delta"].get("content", "") for line in lines]


async def test_crlf_ends_every_line(http):
    raw = (await http.post("/chat/completions", json=body("/crlf /tokens 2"))).text

    assert raw.count("\r\n") == raw.count("\n") == 2 * 5


async def test_nulls_stand_between_the_tokens(http):
    chunks = await events(http, "/nulls /tokens 2")

    assert {"choices": None} in chunks
    assert {} in chunks
    assert words(json.dumps(chunks, separators=(",", ":"))) == 2


async def test_nulls_do_not_stop_the_openai_client(client):
    stream = await client.chat.completions.create(**body("/nulls /tokens 2"))

    chunks = [chunk async for chunk in stream]

    real = [chunk for chunk in chunks if chunk.id and chunk.choices and chunk.choices[0].delta]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in real) == "tok0 tok1"


async def test_a_list_holds_texts_and_thoughts(http):
    chunks = await events(http, "/list /think 1 /tokens 1")

    assert [chunk["choices"][0]["delta"] for chunk in chunks[1:3]] == [
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "thought0"}]}]},
        {"content": [{"type": "text", "text": "tok0"}]},
    ]


async def test_a_list_is_in_whole_answers_too(http):
    answer = (await http.post("/chat/completions", json=body("/list /tokens 1", stream=False))).json()

    assert answer["choices"][0]["message"]["content"] == [{"type": "text", "text": "tok0"}]


async def test_a_stream_may_be_answered_with_a_whole(http):
    response = await http.post("/chat/completions", json=body("/json-body /tokens 1"))

    assert response.headers["content-type"] == "application/json"
    assert response.json()["choices"][0]["message"]["content"] == "tok0"


async def test_the_model_orders_trouble_too(http):
    response = await http.post("/chat/completions", json={**body("hello"), "model": "demo-fail-503"})

    assert response.status_code == 503
