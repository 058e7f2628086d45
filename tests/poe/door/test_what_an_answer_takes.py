"""What one answer costs the event loop: messages, tasks and timers. Numbers that may only go down."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from tests.apps import app_of
from utils.chat import ChatRequest, Delta, Usage

BOTS = "bots: [{bot_name: Bench, provider: demo}]"
QUESTION = json.dumps({"type": "query", "query": [{"role": "user", "content": "hello"}]}).encode()


class Saying:
    """A provider that says so many words, a piece at each turn of the loop."""

    def __init__(self, words: int) -> None:
        self.words = words

    async def stream(self, request: ChatRequest):
        for _ in range(self.words):
            yield Delta(text="word ")
            await asyncio.sleep(0)
        yield Delta(finish_reason="stop", usage=Usage(1, self.words))


async def taken(app: Any) -> tuple[Counter[str], bytes]:
    """What the answer to one question has taken, and the answer."""
    counts: Counter[str] = Counter()
    said = bytearray()
    loop = asyncio.get_running_loop()
    call_at = loop.call_at

    def counted_task(loop, coro, **more):
        counts["tasks"] += 1
        return asyncio.Task(coro, loop=loop, **more)

    def counted_timer(*args, **more):
        counts["timers"] += 1
        return call_at(*args, **more)

    requests = iter([{"type": "http.request", "body": QUESTION}])

    async def receive():
        return next(requests, None) or await asyncio.Event().wait()

    async def send(message):
        counts["messages"] += 1
        said.extend(message.get("body", b""))

    scope = {"type": "http", "method": "POST", "path": "/Bench", "headers": [], "query_string": b""}
    loop.set_task_factory(counted_task)
    loop.call_at = counted_timer  # type: ignore[method-assign, assignment]
    try:
        await app({**scope, "raw_path": b"/Bench", "http_version": "1.1"}, receive, send)
    finally:
        loop.set_task_factory(None)
        del loop.call_at
    return counts, bytes(said)


@pytest.mark.parametrize("words", [1, 300])
async def test_an_answer_that_is_already_there_takes_few_tasks_and_a_handful_of_messages(tmp_path, words):
    app = app_of(tmp_path, BOTS, ledger="off")
    app.state.generations.current.pool.get("demo").stream = Saying(words).stream
    await taken(app)

    counts, said = await taken(app)

    assert said.count(b"word ") == words
    assert said.endswith(b"event: done\r\ndata: {}\r\n\r\n")
    # The answer itself, who watches for a hang-up, and the clock that sends gathered words.
    assert counts["tasks"] <= 2 + (words > 1)
    assert counts["timers"] <= 4
    assert counts["messages"] <= (3 if words == 1 else 9)
