"""What an answer costs, counted and not timed: calls of functions, messages, reads, modules. So it cannot flake.

The bounds lie a little above what is needed today. Whoever makes the server cheaper brings them down, and whoever
needs more says here why.
"""

import asyncio
import gc
import json
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from tests.apps import app_of, upstream_provider
from utils.providers.deltas import DeltaReader
from utils.providers.event_stream import EventStream
from utils.settings import ROOT

BOTS = """
bots:
- {bot_name: Usual, provider: upstream, fallbacks: [upstream], rate_limit: 1000000/minute}
- {bot_name: AtOnce, provider: upstream, flush_ms: 0}
- {bot_name: WordByWord, provider: upstream, flush_ms: 0, bot_class: bench.rig.word_by_word.WordByWord}
"""

MOST_MESSAGES = 9
MOST_CALLS_OF_AN_ANSWER = 1_000
MOST_CALLS_OF_A_TOKEN = 7
MOST_CALLS_OF_AN_EVENT = 13
MOST_CALLS_OF_AN_EARLIER_MESSAGE = 14
MOST_MODULES = 1_700


async def test_the_chunks_of_one_read_are_one_delta():
    events = EventStream().feed(chunks(300))

    delta = DeltaReader().read(events)

    assert delta is not None
    assert delta.text.count("~") == 300


@pytest.mark.parametrize("bot", ["Usual", "AtOnce"])
async def test_an_answer_that_is_there_takes_few_messages(tmp_path, bot):
    async with costs(tmp_path) as asked:
        cost = await asked(bot, tokens=300)

    assert cost.tokens == 300
    assert cost.messages <= MOST_MESSAGES


async def test_an_answer_takes_few_calls(tmp_path):
    async with costs(tmp_path) as asked:
        cost = await asked("Usual", tokens=1)

    assert cost.calls <= MOST_CALLS_OF_AN_ANSWER


async def test_a_token_takes_few_calls(tmp_path):
    async with costs(tmp_path) as asked:
        few, many = await asked("Usual", tokens=50), await asked("Usual", tokens=300)

    assert (many.calls - few.calls) / 250 <= MOST_CALLS_OF_A_TOKEN


async def test_an_event_takes_few_calls(tmp_path):
    async with costs(tmp_path) as asked:
        joined, single = await asked("AtOnce", tokens=300), await asked("WordByWord", tokens=300)

    assert single.texts == 300
    assert single.messages <= MOST_MESSAGES + 2 * (300 // 32)  # so often the bot lets the others have a turn
    assert (single.calls - joined.calls) / 300 <= MOST_CALLS_OF_AN_EVENT


async def test_a_long_conversation_takes_few_calls(tmp_path):
    async with costs(tmp_path) as asked:
        short, long = await asked("Usual", tokens=1, history=2), await asked("Usual", tokens=1, history=99)

    assert (long.calls - short.calls) / 97 <= MOST_CALLS_OF_AN_EARLIER_MESSAGE


async def test_an_answer_leaves_no_circles_for_the_garbage_collector(tmp_path):
    async with costs(tmp_path) as asked:
        gc.disable()
        try:
            for _ in range(20):  # what another thread loads meanwhile leaves some
                gc.collect()
                await asked("Usual", tokens=3)
                if not (found := gc.collect()):
                    break
        finally:
            gc.enable()

    assert found == 0


def test_the_way_of_an_answer_brings_few_modules(tmp_path):
    program = f"import pathlib, tests.test_it_costs_little as it; it.tell_modules(pathlib.Path({str(tmp_path)!r}))"

    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert told.returncode == 0, told.stderr
    modules = set(json.loads(told.stdout.splitlines()[-1]))
    assert not {"modal", "typer", "cryptography", "ruamel.yaml", "botocore", "streamlit"} & modules
    assert len(modules) <= MOST_MODULES


@dataclass
class Cost:
    """What one answer took."""

    calls: float = 0
    """Calls of functions written in Python, by the thread that answers."""
    body: bytes = b""
    sent: list[str] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return len(self.sent)

    @property
    def tokens(self) -> int:
        return self.body.count(b"~")

    @property
    def texts(self) -> int:
        return self.body.count(b"event: text")


@asynccontextmanager
async def costs(folder: Any) -> AsyncIterator[Any]:
    """The whole server on a ledger in SQLite, in front of an upstream that sends each answer with one write."""
    async with upstream() as address:
        app = app_of(folder, BOTS, upstream_provider(address), ledger="sqlite", **in_folder(folder))
        async with app.router.lifespan_context(app):

            async def asked(bot: str, *, tokens: int, history: int = 0, answers: int = 7) -> Cost:
                """The middle one of several answers."""
                for _ in range(3):  # what is made at first is made
                    await answer(app, bot, tokens, history)
                found = [await answer(app, bot, tokens, history) for _ in range(answers)]
                cost = found[-1]
                cost.calls = statistics.median(each.calls for each in found)
                return cost

            yield asked


def in_folder(folder: Any) -> dict[str, Any]:
    names = {"ledger_file": "ledger.db", "keys_file": "keys.json", "clients_file": "clients.json"}
    return {name: folder / file for name, file in names.items()}


async def answer(app: FastAPI, bot: str, tokens: int, history: int) -> Cost:
    """Ask the app itself, without a server, and count meanwhile."""
    cost, request = Cost(), [{"type": "http.request", "body": question(tokens, history), "more_body": False}]

    async def receive() -> Any:
        if not request:
            await asyncio.Event().wait()  # the listener stays
        return request.pop()

    async def send(message: Any) -> None:
        cost.sent.append(message["type"])
        cost.body += message.get("body", b"")

    def count(frame: object, event: str, argument: object) -> None:
        cost.calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        await app(scope(bot), receive, send)
    finally:
        sys.setprofile(before)
    assert b"event: error" not in cost.body
    return cost


def scope(bot: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/{bot}",
        "raw_path": f"/{bot}".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"bots.example")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


def question(tokens: int, history: int) -> bytes:
    said = [("bot" if number % 2 else "user", "hello there " * 20) for number in range(history)]
    query = [
        {"role": role, "content": text, "content_type": "text/markdown", "timestamp": 0, "message_id": f"m{number}"}
        for number, (role, text) in enumerate([*said, ("user", f"/tokens {tokens}")])
    ]
    ids = {"user_id": "u-1", "conversation_id": f"c-{uuid4()}", "message_id": f"m-{uuid4()}"}
    return json.dumps({"version": "1.1", "type": "query", "query": query, "metadata": "", **ids}).encode()


@asynccontextmanager
async def upstream() -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            tokens = int((await reader.readexactly(length)).rpartition(b"/tokens ")[2].partition(b'"')[0])
            body = chunks(tokens)
            opening = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body)
            writer.write(opening + body)

    async def until_left(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(until_left, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def chunks(tokens: int) -> bytes:
    """An answer as OpenAI streams it."""
    choices: list[dict[str, Any]] = [{"delta": {"content": " ~word"}, "finish_reason": None}] * tokens
    ends: list[dict[str, Any]] = [{"delta": {}, "finish_reason": "stop"}]
    said = [{"id": "1", "model": "demo", "choices": [{"index": 0, **choice}]} for choice in (*choices, *ends)]
    return b"".join(b"data: %b\n\n" % json.dumps(each).encode() for each in said) + b"data: [DONE]\n\n"


def tell_modules(folder: Any) -> None:
    """Print the modules of a process that has given an answer."""

    async def one() -> None:
        async with upstream() as address:
            app = app_of(folder, BOTS, upstream_provider(address), **in_folder(folder))
            async with app.router.lifespan_context(app):
                await answer(app, "Usual", 3, 0)

    asyncio.run(one())
    sys.stdout.write("\n" + json.dumps(sorted(sys.modules)) + "\n")
