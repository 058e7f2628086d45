"""A stream goes out as it comes in, ends as it should, and costs nothing once nobody listens."""

import asyncio
import json

import httpx
import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from tests.web.programs import question, server


def events(text: str) -> list[str]:
    return [part.removeprefix("data: ") for part in text.split("\n\n") if part.startswith("data: ")]


def chunks(text: str) -> list[dict]:
    return [json.loads(event) for event in events(text) if event != "[DONE]"]


async def test_words_come_as_chunks_and_the_end_is_said(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question("/tokens 5", stream=True))

    assert response.headers["content-type"].startswith("text/event-stream")
    assert events(response.text)[-1] == "[DONE]"
    parts = chunks(response.text)
    assert "".join(part["choices"][0]["delta"].get("content", "") for part in parts) == "tok0 tok1 tok2 tok3 tok4"
    assert parts[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [part["choices"][0]["finish_reason"] for part in parts][-1] == "stop"
    assert {part["id"] for part in parts} == {f"chatcmpl-{response.headers['x-request-id']}"}
    assert all("usage" not in part for part in parts)
    assert ": x-poe-bots-route: upstream:demo answered" in response.text


async def test_the_count_of_tokens_comes_last_where_it_is_asked_for(tmp_path):
    body = question("/tokens 5", stream=True, stream_options={"include_usage": True})

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=body)

    *before, last = chunks(response.text)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 5
    assert all(part["usage"] is None for part in before)


async def test_every_line_is_ascii_and_says_the_same(tmp_path):
    words = "a\u2028b\u0085c\U0001f600"

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(f"/echo {words}", stream=True))

    assert response.content.isascii()
    said = (part["choices"][0]["delta"].get("content", "") for part in chunks(response.text))
    assert "".join(said) == words


async def test_thinking_and_calls_come_as_pieces(tmp_path):
    tool = {"type": "function", "function": {"name": "add"}}
    body = question('/think 3\n/call add {"a": 1}', stream=True, tools=[tool])

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=body)

    deltas = [part["choices"][0]["delta"] for part in chunks(response.text)]
    assert any(delta.get("reasoning_content") for delta in deltas)
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert (calls[0]["type"], calls[0]["function"]["name"]) == ("function", "add")
    assert "".join(call["function"]["arguments"] for call in calls) == '{"a": 1}'
    assert chunks(response.text)[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("order", ["/break 3", "/nodone 3", "/half-line 3"])
async def test_a_failure_after_the_first_word_ends_the_stream_with_an_error(tmp_path, order):
    async with server(tmp_path) as served:
        body = question(f"/slow 20 {order}\n/tokens 9", stream=True)
        response = await served.client.post("/v1/chat/completions", json=body)

    *said, last = chunks(response.text)
    assert response.status_code == 200
    assert said[0]["choices"][0]["delta"]["content"].startswith("tok0")
    assert last["error"]["code"] == "provider_broke_off"
    assert response.headers["x-request-id"] in last["error"]["message"]
    assert "[DONE]" not in response.text


async def nobody_is_asked_any_more(served) -> None:
    while served.model.state.open_streams or len(served.app.state.doors.openai):
        await asyncio.sleep(0)


async def test_when_the_listener_goes_the_model_is_asked_no_more(tmp_path):
    async with server(tmp_path) as served:
        body = question("/slow 50 /tokens 1000", stream=True)
        async with served.client.stream("POST", "/v1/chat/completions", json=body) as response:
            await anext(response.aiter_bytes())
            was_asked = served.model.state.open_streams

        async with asyncio.timeout(5):
            await nobody_is_asked_any_more(served)

        assert was_asked == 1
        assert served.app.state.generations.current.house.routes.board.traces[-1].tried[-1].outcome == "cancelled"


@pytest.mark.parametrize("stream", [False, True])
async def test_who_goes_before_the_first_word_leaves_nothing_behind(tmp_path, stream):
    async with server(tmp_path) as served:
        body = question("/wait 60000", stream=stream)
        asking = asyncio.create_task(served.client.post("/v1/chat/completions", json=body))
        async with asyncio.timeout(5):
            while not served.model.state.open_streams:
                await asyncio.sleep(0)
            asking.cancel()
            await nobody_is_asked_any_more(served)

    assert asking.cancelled() or asking.done()


async def test_a_slow_reader_is_waited_for_and_the_model_with_it(tmp_path, monkeypatch):
    held_up = asyncio.Semaphore(0)
    pause = FlowControl.pause_writing
    monkeypatch.setattr(FlowControl, "pause_writing", lambda flow: (pause(flow), held_up.release()))

    async with server(tmp_path) as served:
        body = json.dumps(question("/flood 32", stream=True, model="upstream:demo")).encode()
        host, port = httpx.URL(served.address).host, httpx.URL(served.address).port
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json"
        writer.write(f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await reader.readuntil(b"\r\n\r\n")
        async with asyncio.timeout(5):
            await held_up.acquire()  # this server by the reader
            await held_up.acquire()  # and the model by this server
        still_open = served.model.state.open_streams
        writer.close()
        async with asyncio.timeout(5):
            await nobody_is_asked_any_more(served)

    assert still_open == 1


async def test_a_server_that_stops_says_so_in_the_stream(tmp_path):
    async with server(tmp_path) as served:
        body = question("/slow 50 /tokens 1000", stream=True)
        async with served.client.stream("POST", "/v1/chat/completions", json=body) as response:
            pieces = response.aiter_text()
            first = await anext(pieces)
            await served.app.state.doors.end_all(0)
            rest = "".join([piece async for piece in pieces])

    assert "tok0" in first
    assert json.loads(events(rest)[-1])["error"]["code"] == "shutting_down"


async def test_a_change_of_the_files_lets_an_open_stream_come_to_its_end(tmp_path):
    async with server(tmp_path) as served:
        body = question("/slow 20 /tokens 20", stream=True, model="upstream:demo")
        async with served.client.stream("POST", "/v1/chat/completions", json=body) as response:
            pieces = response.aiter_text()
            said = await anext(pieces)
            (tmp_path / "providers.yaml").write_text("providers: [{name: demo, kind: demo, models: [demo]}]")
            (tmp_path / "bots.yaml").write_text("bots: [{bot_name: New, provider: demo}]")
            await served.app.state.generations.reload()
            said += "".join([piece async for piece in pieces])
        models = (await served.client.get("/v1/models")).json()["data"]

    assert events(said)[-1] == "[DONE]"
    assert "tok19" in said
    assert [model["id"] for model in models] == ["New", "demo:demo"]
