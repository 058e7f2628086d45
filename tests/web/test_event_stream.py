"""A stream stays open while nothing comes, and ends when nobody reads it; nobody waits for ever for a request."""

import asyncio
import json
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from tests.virtual_time import run
from utils.keys.clients import ClientKeys
from utils.web import Admission, ApiDoor
from utils.web.event_stream import PING, EventStream
from utils.web.refusals import Refused

FRAME = b"data: {}\n\n"


class Listener:
    """Who asks at a door, without a network. `stops_after` so many messages it takes nothing any more."""

    def __init__(self, *, stops_after: int | None = None, body_comes: bool = True) -> None:
        self.sent: list[tuple[float, MutableMapping[str, Any]]] = []
        self._stops_after = stops_after
        self._body_comes = body_comes

    async def receive(self) -> dict[str, Any]:
        if self._body_comes:
            self._body_comes = False
            return {"type": "http.request", "body": b"{}", "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self._stops_after is not None and len(self.sent) >= self._stops_after:
            await asyncio.Event().wait()
        self.sent.append((asyncio.get_running_loop().time(), message))

    @property
    def status(self) -> int:
        return int(self.sent[0][1]["status"])

    @property
    def bodies(self) -> list[tuple[float, bytes]]:
        return [(at, message["body"]) for at, message in self.sent if message["type"] == "http.response.body"]


async def asked(listener: Listener, folder, frames: AsyncGenerator[bytes, None] | None = None) -> float:
    """Ask a door that answers with these events; how long it took."""

    async def action(visit):
        return EventStream(frames)

    admission = Admission(ClientKeys(folder / "none.json", environ={}), allow_without_key=True)
    door = ApiDoor(admission, lambda path: {"POST": action}, max_body_bytes=1000)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/x",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
        "server": ("localhost", 80),
    }
    await door(scope, listener.receive, listener.send)
    assert len(door) == 0
    return asyncio.get_running_loop().time()


def test_in_silence_there_are_pings_and_only_there(tmp_path):
    async def slow():
        yield FRAME
        await asyncio.sleep(50)
        yield FRAME
        for _ in range(40):
            await asyncio.sleep(1)
            yield FRAME

    listener = Listener()
    run(asked(listener, tmp_path, slow()))

    pings = [at for at, body in listener.bodies if body == PING]
    assert pings == [15, 30, 45]
    assert listener.bodies[-1] == (90, b"")


def test_before_the_first_word_too_and_a_failure_is_then_an_event(tmp_path):
    async def failing():
        await asyncio.sleep(20)
        raise Refused(502, "It has failed.")
        yield

    listener = Listener()
    run(asked(listener, tmp_path, failing()))

    assert listener.status == 200
    (begun, ping), (_, failed) = listener.bodies
    assert (begun, ping) == (15, PING)
    assert json.loads(failed.removeprefix(b"data: "))["error"]["message"].startswith("It has failed.")


def test_a_failure_that_comes_sooner_has_a_status_of_its_own(tmp_path):
    async def failing():
        await asyncio.sleep(10)
        raise Refused(502, "It has failed.")
        yield

    listener = Listener()
    run(asked(listener, tmp_path, failing()))

    assert listener.status == 502


@pytest.mark.parametrize("taken", [1, 3])
def test_who_takes_nothing_for_five_minutes_is_given_up_and_the_work_with_it(tmp_path, taken):
    ended = []

    async def endless():
        try:
            while True:
                await asyncio.sleep(0.01)
                yield FRAME
        finally:
            ended.append(asyncio.get_running_loop().time())

    listener = Listener(stops_after=taken)
    seconds = run(asked(listener, tmp_path, endless()))

    assert seconds == pytest.approx(300, abs=1)
    assert ended == [pytest.approx(300, abs=1)]
    assert len(listener.sent) == taken


def test_a_request_that_does_not_come_whole_is_waited_for_one_minute(tmp_path):
    listener = Listener(body_comes=False)
    seconds = run(asked(listener, tmp_path))

    assert (listener.status, seconds) == (408, 60)
    assert json.loads(listener.bodies[0][1])["error"]["type"] == "timeout_error"


def test_nothing_is_made_of_an_answer_whose_listener_does_not_read(tmp_path):
    made = []

    async def many():
        for number in range(100):
            made.append(number)
            yield FRAME

    run(asked(Listener(stops_after=4), tmp_path, many()))

    assert len(made) == 4
