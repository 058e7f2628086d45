"""What single steps of an answer take, in this process: `python -m bench.micro`. CPU microseconds, medians of 9."""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta, Origin
from utils.ledger import UsageRecord
from utils.ledger.database import Database
from utils.ledger.stored import StoredLedger
from utils.logs import Scrubber
from utils.poe.door.frames import text_frame
from utils.providers import ProviderPool
from utils.providers.deltas import DeltaReader
from utils.providers.event_stream import EventStream
from utils.providers.request_body import as_json, request_body
from utils.registry import BotConfig, ProviderConfig, ProviderRegistry
from utils.routing import Routes
from utils.routing.breaker import Breaker
from utils.routing.cache.key import key_of

_REPEATS = 9
_CHUNK = (
    b'{"id":"chatcmpl-0123456789abcdefghijklmnopqrs","object":"chat.completion.chunk","created":1795226400,'
    b'"model":"bench","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,'
    b'"delta":{"content":" model"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"abcdef"}'
)
_STREAM = b"data: " + _CHUNK + b"\n\n"
_UPSTREAM = ProviderConfig(name="upstream", api_base="http://127.0.0.1:1/v1", default_model="bench")
_LINE = "2026-01-01T00:00:00Z [info] answer.given bot=Bench provider=upstream model=bench seconds=1.25 ref=0123456789ab"


@dataclass(frozen=True)
class Step:
    """A step, and in how many parts one call of it is to be divided."""

    name: str
    call: Callable[[], object]
    parts: int = 1


def main(seconds: float = 0.05) -> int:
    """Print a line for each step; each repeat takes about so many seconds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for step in (*_of_streams(), *_of_requests(), *_of_guards()):
        print(f"{step.name:58} {_microseconds(step, seconds):9.3f} µs")
    with _writing() as step:
        print(f"{step.name:58} {_microseconds(step, seconds):9.3f} µs")
    print(f"{'an answer of one delta: the share of its route':58} {asyncio.run(_route(seconds)):9.3f} µs")
    return 0


def _microseconds(step: Step, seconds: float) -> float:
    began, times = time.thread_time(), 0
    while time.thread_time() - began < seconds / 5:
        step.call()
        times += 1
    return median(_once(step, 5 * times) for _ in range(_REPEATS))


def _once(step: Step, times: int) -> float:
    began = time.thread_time()
    for _ in range(times):
        step.call()
    return 1e6 * (time.thread_time() - began) / times / step.parts


def _of_streams() -> Iterator[Step]:
    for many in (1, 45):
        yield Step(f"a chunk decoded, {many} with one read", partial(_read, _STREAM * many), many)
    yield Step("a frame made, 6 characters", partial(text_frame, " model"))
    yield Step("a frame made, 240 characters", partial(text_frame, " model" * 40))


def _of_requests() -> Iterator[Step]:
    for many in (3, 20, 100):
        yield Step(f"a request body made, {many} messages", partial(_body, _request(many)))
    for many in (3, 100):
        yield Step(f"a cache key, {many} messages", partial(key_of, _request(many), "upstream:bench", "bot"))


def _read(stream: bytes) -> object:
    return DeltaReader().read(EventStream().feed(stream))


def _body(request: ChatRequest) -> bytes:
    return as_json(request_body(_UPSTREAM, request), "upstream")


def _of_guards() -> Iterator[Step]:
    breaker = Breaker()
    yield Step("the breaker, asked and told of a success", lambda: breaker.insist().succeeded())
    scrub = Scrubber([f"secret-number-{number:04}-of-many" for number in range(10)])
    yield Step("the redaction of a log line, 10 secrets", lambda: scrub(None, "info", _LINE))


@contextmanager
def _writing() -> Iterator[Step]:
    """What the answer waits for; a thread of its own brings the record to the database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = StoredLedger(Database.of(folder / "ledger.db"), folder / "journal")
        asyncio.run(ledger.open())
        facts: dict[str, Any] = {"bot": "Bench", "user": "u", "provider": "upstream", "model": "bench"}
        yield Step("a record written to the ledger", lambda: ledger.write(UsageRecord(outcome="answered", **facts)))
        asyncio.run(ledger.aclose())


async def _route(seconds: float) -> float:
    """What an answer costs through a route, less what it costs from its provider alone."""
    pool = ProviderPool(ProviderRegistry([_UPSTREAM]))
    alone = _Saying()
    pool.get = lambda *_, **__: alone  # type: ignore[method-assign]  # nobody is asked but this
    route = Routes(pool).for_bot(BotConfig(bot_name="Bench", provider="upstream"))
    times = max(20, int(seconds * 2000))
    return median([await _taken(route, times) - await _taken(alone, times) for _ in range(_REPEATS)])


class _Saying:
    """A provider that has its answer at once."""

    name = "upstream"

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        yield Delta(text="word", finish_reason="stop")


async def _taken(provider: ChatProvider, times: int) -> float:
    began = time.thread_time()
    for _ in range(times):
        async with aclosing(provider.stream(_request(3))) as deltas:
            async for _ in deltas:
                pass
    return 1e6 * (time.thread_time() - began) / times


def _request(many: int) -> ChatRequest:
    said = tuple(ChatMessage("assistant" if number % 2 else "user", "hello there " * 20) for number in range(many))
    return ChatRequest(said, origin=Origin(door="poe", bot="Bench", user="u", conversation="c", message="m"))


if __name__ == "__main__":
    sys.exit(main())
