"""What servers say, byte by byte, and what is made of it."""

import asyncio
import gzip
import zlib
from contextlib import closing, suppress

import pytest

from tests.providers.upstreams import raw_server, until
from utils.providers.connections import NotHttp

from .asking import ask, connections, question, told, whole

CHUNKS = b"5\r\nHello\r\n6;size=6\r\n there\r\n0\r\n"

WELL_SAID = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nHello there",
    "in chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKS + b"\r\n",
    "in chunks with a trailer": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKS + b"X-Sum: 1\r\n\r\n",
    "up to the end of the connection": b"HTTP/1.1 200 OK\r\n\r\nHello there",
    "in the words of 1.0": b"HTTP/1.0 200 OK\r\n\r\nHello there",
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nHello there",
    "after a 103": b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nHello there",
    "with bare line ends": b"HTTP/1.1 200 OK\ncontent-length: 11\n\nHello there",
    "with an encoding that is none": b"HTTP/1.1 200 OK\r\ncontent-encoding: utf-8\r\n\r\nHello there",
    "with blanks behind a size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b"5 \r\nHello\r\n6 \r\n there\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("said", WELL_SAID.values(), ids=WELL_SAID)
@pytest.mark.parametrize("piece", [1, 7, 1000])
async def test_a_response_is_read_in_every_form_and_in_any_pieces(said, piece):
    pieces = [said[at : at + piece] for at in range(0, len(said), piece)]

    async with told(*pieces) as address, connections() as over:
        response = await ask(over, address)
        body = await whole(response)

    assert (response.status, body, response.is_complete) == (200, b"Hello there", True)
    assert "link" not in response.headers


async def test_headers_are_found_by_small_letters_and_the_first_of_a_name_counts():
    said = b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nretry-after: 9\r\nX-Odd: \xe9\r\ncontent-length: 0\r\n\r\n"

    async with told(said) as address, connections() as over:
        response = await ask(over, address)
        body = await whole(response)

    assert (response.status, body) == (429, b"")
    assert response.headers == {"retry-after": "7", "x-odd": "é", "content-length": "0"}


@pytest.mark.parametrize("status", [b"204 Nothing", b"304 The same"])
async def test_some_responses_have_no_body(status):
    async with told(b"HTTP/1.1 %b\r\n\r\n" % status, closes=False) as address, connections() as over:
        assert await whole(await ask(over, address)) == b""


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (b"", ConnectionError),
        (b"HTTP/1.1 200 OK\r\ncontent-le", ConnectionError),
        (b"SSH-2.0-OpenSSH_9.9\r\n", NotHttp),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 300_000, NotHttp),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx", NotHttp),
    ],
)
async def test_what_has_no_head_is_no_response(said, failure):
    async with told(said) as address, connections() as over:
        with pytest.raises(failure):
            await ask(over, address)


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (b"content-length: 12\r\n\r\nHello there", ConnectionError),
        (b"transfer-encoding: chunked\r\n\r\n5\r\nHello\r\n", ConnectionError),
        (b"transfer-encoding: chunked\r\n\r\n5\r\nHello\r\nzzzz\r\n", NotHttp),
        (b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nHello", NotHttp),
    ],
)
async def test_a_body_that_is_cut_off_is_not_taken_for_a_whole_one(said, failure):
    async with told(b"HTTP/1.1 200 OK\r\n" + said) as address, connections() as over:
        with pytest.raises(failure):
            await whole(await ask(over, address))


async def test_what_came_before_a_body_was_cut_off_can_be_read():
    async with (
        told(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nHello\r\nzzzz\r\n") as address,
        connections() as over,
    ):
        with closing(await ask(over, address)) as response:
            assert await response.read() == b"Hello"
            with pytest.raises(NotHttp):
                await response.read()


@pytest.mark.parametrize("too_much", [b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad", b"rubbish"])
async def test_what_comes_behind_a_response_belongs_to_nobody(too_much):
    asked = []

    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await question(reader))
        writer.write(WELL_SAID["with a length"] + too_much)
        await reader.read()

    async with raw_server(talkative) as address, connections() as over:
        bodies = [await whole(await ask(over, address)) for _ in range(2)]

    assert bodies == [b"Hello there"] * 2
    assert len(asked) == 2


async def test_what_comes_unasked_ends_the_connection():
    lines = []

    async def unasked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await question(reader)
        writer.write(WELL_SAID["with a length"])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 408 Too late\r\ncontent-length: 0\r\n\r\n")
        lines.append(await reader.read())

    async with raw_server(unasked) as address, connections() as over:
        await whole(await ask(over, address))

        await until(lambda: lines == [b""])


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nHi"])
async def test_silence_is_not_borne_for_ever(said):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await question(reader)
        writer.write(said)
        await reader.read()

    async with raw_server(silent) as address, connections() as over:
        with pytest.raises(TimeoutError, match=r"nothing came for 0\.1 seconds"):
            await whole(await ask(over, address, silence=0.1))


async def test_the_time_that_its_reader_takes_is_no_silence():
    read_first = asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await question(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nHello")
        await read_first.wait()
        writer.write(b" there")

    async with raw_server(waits) as address, connections() as over:
        with closing(await ask(over, address, silence=0.1)) as response:
            first = await response.read()
            await asyncio.sleep(0.3)
            read_first.set()
            second = await response.read()

    assert (first, second) == (b"Hello", b" there")


async def test_who_is_not_read_has_to_wait():
    sent, body = 0, b"x" * 65_536

    async def pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await question(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (500 * len(body)))
        for _ in range(500):
            writer.write(body)
            await writer.drain()
            sent += len(body)

    async with raw_server(pours) as address, connections() as over:
        response = await ask(over, address)
        await asyncio.sleep(0.1)
        when_not_read = sent
        read = len(await whole(response))

    assert when_not_read < 400 * len(body)
    assert read == 500 * len(body)


@pytest.mark.parametrize(("packing", "packed"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_little_that_is_packed_is_unpacked_in_pieces(packing, packed):
    much = bytes(20_000_000)
    little = packed(much)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {packing}\r\ncontent-length: {len(little)}\r\n\r\n".encode()

    pieces = []
    async with told(head + little, closes=False) as address, connections() as over:
        with closing(await ask(over, address)) as response:
            while piece := await response.read():
                pieces.append(piece)

    assert b"".join(pieces) == much
    assert max(map(len, pieces)) <= 1024 * 1024


async def test_a_server_may_answer_before_it_has_heard_all():
    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        with suppress(ConnectionError):
            await reader.read()

    async with raw_server(refuses) as address, connections() as over:
        response = await ask(over, address, body=b"x" * 30_000_000)
        response.close()
        following = await ask(over, address)
        following.close()

    assert (response.status, following.status) == (413, 413)
