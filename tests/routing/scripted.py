"""Providers that do as they are told, and targets made of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta
from utils.errors import Overloaded
from utils.routing import Chain, Lane, Policy, Target
from utils.routing.breaker import Breaker
from utils.routing.health import LaneHealth
from utils.routing.patience import Patience

QUESTION = ChatRequest((ChatMessage("user", "Hi"),), model="of-the-bot", temperature=0.5)
END = Delta(finish_reason="stop")
EAGER = Patience(first=0.0)
"""Asks again at once."""


class Scripted:
    """Gives these deltas, waits where a number of seconds stands, raises where an exception stands."""

    def __init__(self, *script: Delta | str | float | Exception) -> None:
        self.script = script
        self.requests: list[ChatRequest] = []
        self.open = 0
        """How many of its answers are under way."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        self.open += 1
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                else:
                    yield Delta(step) if isinstance(step, str) else step
        finally:
            self.open -= 1


class Changing:
    """Behaves like one provider after the other, each time it is asked."""

    def __init__(self, *providers: Scripted) -> None:
        self.providers = list(providers)
        self.asked_at: list[float] = []

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        self.asked_at.append(now())
        provider = self.providers.pop(0) if len(self.providers) > 1 else self.providers[0]
        return provider.stream(request)


def saying(*texts: str) -> Scripted:
    return Scripted(*texts, END)


def down(failure: Exception | None = None) -> Scripted:
    return Scripted(failure or Overloaded("down"))


def now() -> float:
    """The time of the loop; outside of one it stands still."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0


def lane(provider: str = "p", model: str | None = "m", key: str | None = None) -> Lane:
    return Lane(provider, model, key, Breaker(now), LaneHealth(now))


def target(provider: ChatProvider, name: str = "p", model: str | None = "m", *lanes: Lane, **fields: Any) -> Target:
    ways = lanes or (lane(name, model),)
    return Target(provider, name, model, lambda: ways, **fields)


def chain_of(*providers: ChatProvider, patience: Patience = EAGER, **policy: Any) -> Chain:
    targets = [target(provider, f"p{number}", f"m{number}") for number, provider in enumerate(providers)]
    return Chain(targets, Policy(**policy), patience=patience)


async def read(provider: ChatProvider, request: ChatRequest = QUESTION) -> list[Delta]:
    async with aclosing(provider.stream(request)) as stream:
        return [delta async for delta in stream]


async def words(provider: ChatProvider, request: ChatRequest = QUESTION) -> str:
    """The text that the reader ends up with."""
    said = ""
    async with aclosing(provider.stream(request)) as stream:
        async for delta in stream:
            said = delta.text if delta.restarts else said + delta.text
    return said
