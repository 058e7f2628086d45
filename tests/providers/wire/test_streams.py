"""The wire traffic of every vendor, over a real socket and in any pieces, is heard as what was said."""

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from tests.providers.asking import question
from tests.providers.upstreams import raw_server
from utils.errors import ProviderFailure
from utils.registry import PROFILE_NAMES

from .heard import HEARD, RECORDINGS, Heard, Listener

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n"
NOTHING_OF_ITS_OWN = {"replicate": "it has no API of this form; `test_provider` of its own room feeds it"}

WHOLE = [name for name, heard in HEARD.items() if heard.failure is None]


def recorded(name: str) -> bytes:
    return (RECORDINGS / f"{name}.sse").read_bytes()


def at_once(body: bytes) -> list[bytes]:
    return [body]


def byte_by_byte(body: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in body]


def at_random(body: bytes) -> list[bytes]:
    places = sorted(Random(body).sample(range(1, len(body)), 12))
    return [body[begin:end] for begin, end in pairwise([0, *places, len(body)])]


async def heard_of(provider_at, name: str, pieces: Iterable[bytes], headers: bytes = b"") -> Heard:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + headers + b"\r\n")
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        await writer.drain()

    listener, failure = Listener(), None
    async with raw_server(say) as address:
        provider = provider_at(address, profile=name.partition("-")[0])
        try:
            async for delta in provider.stream(question()):
                listener.said.append(delta)
        except ProviderFailure as exc:
            failure = type(exc)
    return listener.heard(failure)


def test_every_recording_is_expected_and_every_provider_has_one():
    on_disk = {path.stem for path in RECORDINGS.iterdir()}

    assert on_disk == set(HEARD)
    assert {name.partition("-")[0] for name in HEARD} | set(NOTHING_OF_ITS_OWN) == set(PROFILE_NAMES)


@pytest.mark.parametrize("cut", [byte_by_byte, at_random])
@pytest.mark.parametrize("name", HEARD)
async def test_what_was_said_is_heard_however_it_is_cut(provider_at, name, cut):
    assert await heard_of(provider_at, name, cut(recorded(name))) == HEARD[name]


@pytest.mark.parametrize("name", WHOLE)
async def test_what_was_said_is_heard_when_it_comes_at_once(provider_at, name):
    assert await heard_of(provider_at, name, at_once(recorded(name))) == HEARD[name]


def with_crlf(body: bytes) -> bytes:
    return body.replace(b"\n", b"\r\n")


def with_a_byte_order_mark(body: bytes) -> bytes:
    return b"\xef\xbb\xbf" + body


def without_blanks(body: bytes) -> bytes:
    return body.replace(b"data: ", b"data:").replace(b"\n\n", b"\n")


def with_fields_that_nobody_needs(body: bytes) -> bytes:
    return body.replace(b"data:", b"event: message\nid: 7\nretry: 3000\ndata:")


def with_comments(body: bytes) -> bytes:
    return b": ping\n\n" + body.replace(b"\n\n", b"\n\n: ping - 2026\n\n")


def without_the_last_line_ends(body: bytes) -> bytes:
    return body.rstrip()


@pytest.mark.parametrize(
    "dialect",
    [
        with_crlf,
        with_a_byte_order_mark,
        without_blanks,
        with_fields_that_nobody_needs,
        with_comments,
        without_the_last_line_ends,
    ],
)
@pytest.mark.parametrize("name", WHOLE)
async def test_what_was_said_is_heard_in_every_dialect_of_event_streams(
    provider_at, name, dialect: Callable[[bytes], bytes]
):
    assert await heard_of(provider_at, name, at_random(dialect(recorded(name)))) == HEARD[name]


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "xai-tools"])
async def test_no_end_mark_is_needed_behind_a_reason_to_finish(provider_at, name):
    body = recorded(name).replace(b"data: [DONE]", b"").replace(b"data:[DONE]", b"")

    assert await heard_of(provider_at, name, at_random(body)) == HEARD[name]


@pytest.mark.parametrize(
    ("said", "cost"), [("0.00042", Decimal("0.00042")), ("0.0", None), ("None", None), ("-1", None)]
)
async def test_the_cost_that_a_proxy_tells_in_a_header_is_part_of_the_usage(provider_at, said, cost):
    header = f"x-litellm-response-cost: {said}\r\n".encode()

    heard = await heard_of(provider_at, "litellm-reasoning", [recorded("litellm-reasoning")], header)

    assert heard.usage is not None
    assert heard.usage.cost == cost
