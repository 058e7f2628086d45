"""Which connections are used again, and which are not."""

import asyncio

import pytest

from tests.providers.upstreams import raw_server, until
from utils.providers.connections import connections as room
from utils.providers.connections import request_bytes, where

from .asking import ask, connections, question, whole

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nHi"


class Server:
    """Gives each question the same answer, and counts its connections."""

    def __init__(self, said: bytes = ANSWER) -> None:
        self.accepted = 0
        self.open = 0
        self._said = said

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.open += 1
        try:
            while await question(reader):
                writer.write(self._said)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.open -= 1


async def test_one_question_after_the_other_needs_one_connection():
    server = Server()

    async with raw_server(server) as address, connections() as over:
        for _ in range(5):
            await whole(await ask(over, address))

    assert server.accepted == 1


async def test_questions_at_the_same_time_need_one_each_and_leave_them_to_the_next():
    server = Server()

    async with raw_server(server) as address, connections() as over:
        for _ in range(2):
            responses = await asyncio.gather(*(ask(over, address) for _ in range(5)))
            for response in responses:
                await whole(response)

    assert server.accepted == 5


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nHi",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nHi",
    ],
)
async def test_a_server_that_wants_no_other_question_is_asked_anew(said):
    server = Server(said)

    async with raw_server(server) as address, connections() as over:
        for _ in range(2):
            await whole(await ask(over, address))

    assert server.accepted == 2


async def test_an_answer_that_is_left_ends_its_connection():
    server = Server(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nHi")

    async with raw_server(server) as address, connections() as over:
        response = await ask(over, address)
        response.close()
        response.close()

        await until(lambda: server.open == 0)


async def test_who_stops_waiting_for_a_head_leaves_no_connection_behind():
    server = Server(b"")

    async with raw_server(server) as address, connections() as over:
        asking = asyncio.create_task(ask(over, address))
        await until(lambda: server.open == 1)
        asking.cancel()
        await asyncio.wait([asking])

        await until(lambda: server.open == 0)
    assert asking.cancelled()


async def test_what_is_not_used_for_long_is_closed(monkeypatch):
    monkeypatch.setattr(room, "_IDLE_SECONDS", 0.05)
    server = Server()

    async with raw_server(server) as address, connections() as over:
        await whole(await ask(over, address))

        await until(lambda: server.open == 0)
        await whole(await ask(over, address))

    assert server.accepted == 2


async def test_closing_all_breaks_off_what_is_being_read():
    server = Server(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nHi")

    async with raw_server(server) as address, connections() as over:
        response = await ask(over, address)
        await response.read()
        reading = asyncio.create_task(response.read())
        await asyncio.sleep(0)
        await over.aclose()

        with pytest.raises(ConnectionError):
            await reading
        response.close()


async def test_a_connection_that_cannot_be_opened_in_time_is_given_up():
    async with raw_server(Server()) as address, connections() as over:
        with pytest.raises(TimeoutError, match="no connection within 0 seconds"):
            await over.to(where(address)[0], 0)


async def test_a_connection_that_is_closed_before_it_was_asked_is_told_at_once():
    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with raw_server(closes) as address, connections() as over:
        server, path = where(address)
        connection = await over.to(server, 5)
        await until(lambda: not connection.is_open)

        with pytest.raises(ConnectionResetError):
            await connection.ask(request_bytes("GET", server, path, {}, None), 60, 60)
