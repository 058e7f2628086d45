"""Providers that answer as a test wants them to, and readers of what they say."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta, Origin, ToolCallDelta, Usage
from utils.routing.cache import AnswerStore, Cached, CacheRules

ALICE = Origin("poe", "Poet", "alice", "c1", "m1")
QUESTION = ChatRequest((ChatMessage("user", "Hi"),), model="m", origin=ALICE)
END = Delta(finish_reason="stop", usage=Usage(7, 3))


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scripted:
    """Answers the first question with the first script, the last script over and over."""

    def __init__(self, *scripts: Sequence[Delta | Exception]) -> None:
        self.scripts = scripts
        self.requests: list[ChatRequest] = []
        self.closed = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
        self.requests.append(request)
        try:
            for each in script:
                await asyncio.sleep(0)
                if isinstance(each, Exception):
                    raise each
                yield each
        finally:
            self.closed += 1


class Told:
    """Says what the test tells it to, when the test tells it; a failure is raised and None is the end."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Queue[Delta | Exception | None]] = []
        self.pulled = 0
        self.closed = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        answer: asyncio.Queue[Delta | Exception | None] = asyncio.Queue()
        self.answers.append(answer)
        try:
            while (each := await answer.get()) is not None:
                if isinstance(each, Exception):
                    raise each
                self.pulled += 1
                yield each
        finally:
            self.closed += 1

    def say(self, *what: Delta | Exception | None, answer: int = 0) -> None:
        for each in what:
            self.answers[answer].put_nowait(each)


class Client:
    """Someone who reads an answer in a task of their own."""

    def __init__(self, provider: ChatProvider, request: ChatRequest = QUESTION) -> None:
        self.heard: list[Delta] = []
        self._task = asyncio.create_task(self._read(provider, request))

    async def _read(self, provider: ChatProvider, request: ChatRequest) -> None:
        async with aclosing(provider.stream(request)) as deltas:
            async for delta in deltas:
                self.heard.append(delta)

    @property
    def words(self) -> str:
        return text_of(self.heard)

    @property
    def is_done(self) -> bool:
        return self._task.done()

    async def done(self) -> str:
        await self._task
        return self.words

    async def leaves(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


def saying(*words: str) -> Scripted:
    return Scripted([*map(Delta, words), END])


def cached(provider: ChatProvider, store: AnswerStore | None = None, rules: CacheRules | None = None) -> Cached:
    return Cached(provider, rules or CacheRules(60.0), store or AnswerStore(), "openai:m")


async def read(provider: ChatProvider, request: ChatRequest = QUESTION) -> list[Delta]:
    return [delta async for delta in provider.stream(request)]


async def words(provider: ChatProvider, request: ChatRequest = QUESTION) -> str:
    return text_of(await read(provider, request))


async def settled() -> None:
    """Everything that can happen now has happened."""
    for _ in range(20):
        await asyncio.sleep(0)


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(delta.text for delta in since_restart(deltas))


def calls_of(deltas: Sequence[Delta]) -> list[ToolCallDelta]:
    """The calls, put together: a piece with more than arguments begins one."""
    calls: list[ToolCallDelta] = []
    for piece in (piece for delta in since_restart(deltas) for piece in delta.tool_calls):
        if not calls or piece.id or piece.name or piece.signature or piece.index != calls[-1].index:
            calls.append(piece)
        else:
            last = calls[-1]
            calls[-1] = msgspec.structs.replace(last, arguments=last.arguments + piece.arguments)
    return calls


def whole(deltas: Sequence[Delta]) -> tuple[object, ...]:
    """All that an answer says, however it is cut into pieces."""
    last = since_restart(deltas)
    return (
        text_of(last),
        "".join(delta.reasoning for delta in last),
        calls_of(last),
        [image for delta in last for image in delta.images],
        next((delta.finish_reason for delta in reversed(last) if delta.finish_reason), None),
        next((delta.usage for delta in reversed(last) if delta.usage), None),
        next((delta.model for delta in reversed(last) if delta.model), None),
    )


def since_restart(deltas: Sequence[Delta]) -> Sequence[Delta]:
    begins = max((number for number, delta in enumerate(deltas) if delta.restarts), default=0)
    return deltas[begins:]
