"""Trouble in the middle of bytes, more than anybody wants, and the ways to say when to come back."""

import asyncio
import gzip
import json
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from utils.chat import ChatMessage, ChatRequest
from utils.errors import BrokenStream, EmptyAnswer, Overloaded, ProviderFailure, RateLimited, TimedOut, Unreachable
from utils.providers.demo import DemoProvider
from utils.providers.demo.directives import WAITS

from .test_server import body


async def read(http, order, into, stream=True):
    async with http.stream("POST", "/chat/completions", json=body(order, stream=stream)) as response:
        async for part in response.aiter_raw():
            into.append(part)
        return response


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("count", [0, 1, 37, 100])
async def test_an_answer_ends_after_so_many_bytes(http, count, stream):
    parts: list[bytes] = []

    await read(http, f"/end-after {count} /tokens 5", parts, stream)

    assert len(b"".join(parts)) == count


async def test_a_reset_is_no_ordinary_end(http):
    parts: list[bytes] = []

    with pytest.raises(httpx.ReadError):
        await read(http, "/reset-after 500 /tokens 50 /slow 5", parts)
    assert len(b"".join(parts)) <= 500


async def test_a_slam_comes_before_the_headers(http):
    with pytest.raises(httpx.ReadError):
        await read(http, "/slam", [])


@pytest.mark.parametrize("order", ["/no-headers", "/no-body", "/stall-after 37"])
async def test_silence_may_begin_anywhere(http, order):
    parts: list[bytes] = []

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await read(http, order, parts)
    assert len(b"".join(parts)) == (37 if "37" in order else 0)


async def test_half_a_line_and_half_a_character_are_what_they_say(http):
    line: list[bytes] = []
    character: list[bytes] = []

    await read(http, "/half-line 2 /tokens 9", line)
    await read(http, "/half-character 2 /tokens 9", character)

    last = b"".join(line).split(b"\n")[-1]
    with pytest.raises(json.JSONDecodeError):
        json.loads(last.removeprefix(b"data: "))
    with pytest.raises(UnicodeDecodeError):
        b"".join(character).decode()


@pytest.mark.parametrize("order", ["/endless-line", "/comment-flood", "/error-flood", "/roles"])
async def test_a_flood_goes_on_until_nobody_listens(app, http, order):
    async with http.stream("POST", "/chat/completions", json=body(order)) as response:
        parts = response.aiter_raw()
        assert [bool(await anext(parts)) for _ in range(3)] == [True] * 3

    async with asyncio.timeout(1):
        while app.state.open_streams:
            await asyncio.sleep(0.005)


async def test_a_bomb_is_hundreds_of_times_as_large_as_it_looks(http):
    parts: list[bytes] = []

    response = await read(http, "/bomb 8", parts)

    packed = b"".join(parts)
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed)
    assert response.headers["content-encoding"] == "gzip"
    assert len(unpacked) > 400 * len(packed)
    assert len(unpacked) > 7_000_000
    with pytest.raises(EOFError):
        gzip.decompress(packed)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_flood_of_answer_is_as_large_as_ordered(http, stream):
    parts: list[bytes] = []

    await read(http, "/flood 1", parts, stream)

    assert b"".join(parts).count(b"x") >= 63 * 1024 * 16


@pytest.mark.parametrize("way", WAITS)
async def test_a_429_says_when_to_come_back(http, way):
    response = await http.post("/chat/completions", json=body(f"/busy {way}"))

    headers, error = response.headers, response.json()["error"]
    said = {
        "ms": headers.get("retry-after-ms"),
        "body": error.get("details", [{}])[0].get("retryDelay"),
        "words": error["message"] if "try again in" in error["message"] else None,
    }.get(way, headers.get("retry-after"))
    assert response.status_code == 429
    assert (said is None) == (way == "nothing")
    if way == "date":
        assert abs((parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()) < 5


@pytest.mark.parametrize(
    ("order", "failure"),
    [
        ("/busy float", RateLimited),
        ("/end-after 9", BrokenStream),
        ("/reset-after 9", BrokenStream),
        ("/half-line 2", BrokenStream),
        ("/half-character 2", BrokenStream),
        ("/endless-line", BrokenStream),
        ("/bomb 9", BrokenStream),
        ("/error-flood", Overloaded),
        ("/slam", Unreachable),
        ("/empty-body", EmptyAnswer),
        *((order, TimedOut) for order in ("/no-headers", "/no-body", "/stall-after 9", "/roles", "/comment-flood")),
    ],
)
async def test_in_this_process_it_is_the_nearest_failure(order, failure):
    request = ChatRequest((ChatMessage("user", order),), timeout=0.01)

    with pytest.raises(ProviderFailure) as caught:
        async for _ in DemoProvider().stream(request):
            pass

    assert type(caught.value) is failure


@pytest.mark.parametrize(("begun", "rest"), [("tok0 tok1", " tok2"), ("Something else", "tok0 tok1 tok2")])
async def test_an_answer_that_is_begun_is_gone_on_with(http, begun, rest):
    messages = [{"role": "user", "content": "/tokens 3"}, {"role": "assistant", "content": begun}]

    answer = await http.post("/chat/completions", json={"model": "demo", "messages": messages})

    assert answer.json()["choices"][0]["message"]["content"] == rest
