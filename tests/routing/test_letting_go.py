"""Whatever is stopped, and when: nothing stays open, and nobody waits for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import pytest

from tests.virtual_time import run
from utils.chat import ChatRequest, Delta
from utils.errors import Overloaded
from utils.routing import Chain, Policy
from utils.routing.gate import Gate

from .scripted import EAGER, END, QUESTION, Scripted, chain_of, lane, now, saying, target, words


class Slow(Scripted):
    """Takes its time to stop."""

    def __init__(self, seconds: float, *script: Delta | str | float | Exception) -> None:
        super().__init__(*script)
        self.seconds = seconds

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        try:
            async with aclosing(super().stream(request)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            await asyncio.sleep(self.seconds)


def test_who_is_stopped_while_the_provider_says_goodbye_gives_everything_back():
    async def story():
        way, seen = lane(), []
        way.gate = Gate(1, 1, now)
        provider = Slow(3, "a", 100, END)
        chain = Chain([target(provider, "p", "m", way)], record=lambda origin, tried: seen.append(tried))
        task = asyncio.create_task(words(chain))
        for _ in range(2):
            await asyncio.sleep(1)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return way.gate.snapshot().inside, way.health.in_flight, provider.open, len(seen)

    assert run(story()) == (0, 0, 0, 1)


def test_the_first_words_do_not_wait_until_the_slower_one_has_stopped():
    async def story():
        chain = chain_of(Slow(3, 10, "slow", END), Scripted(1, "quick", END), hedge_after=2)
        async with aclosing(chain.stream(QUESTION)) as stream:
            return (await anext(stream)).text, now()

    assert run(story()) == ("quick", 3)


@pytest.mark.parametrize("after", [2.5, 3.0, 3.5, 4.0])
@pytest.mark.parametrize("times", [1, 2])
def test_nothing_stays_open_when_two_are_stopped_at_any_time(after, times):
    async def story():
        providers = [Slow(3, 10, "slow", END), Slow(1, 1, "quick", 1, END)]
        ways = [lane(), lane()]
        for way in ways:
            way.gate = Gate(1, 1, now)
        targets = [target(provider, "p", "m", way) for provider, way in zip(providers, ways, strict=True)]
        task = asyncio.create_task(words(Chain(targets, Policy(hedge_after=2))))
        await asyncio.sleep(after)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.1)
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.sleep(10)
        inside = [way.gate.snapshot().inside for way in ways if way.gate]
        return [each.open for each in providers], inside, [way.health.in_flight for way in ways], asyncio.all_tasks()

    open_, inside, in_flight, tasks = run(story())

    assert (open_, inside, in_flight, len(tasks)) == ([0, 0], [0, 0], [0, 0], 1)


def test_who_fails_in_the_moment_in_which_another_one_wins_was_not_outrun():
    async def story():
        seen = []
        targets = [target(Scripted(3, Overloaded("x")), "a"), target(Scripted(1, "hi", END), "b")]
        chain = Chain(targets, Policy(hedge_after=2), record=lambda origin, tried: seen.append(tried))
        await words(chain)
        return {tried.provider: tried.outcome for tried in seen}

    outcomes = run(story())

    assert outcomes["b"] == "answered"
    assert outcomes["a"] in {"failed", "outrun"}


def test_a_provider_that_does_not_stop_holds_nobody_up_for_long():
    async def story():
        return await words(chain_of(Slow(1000, Overloaded("x")), saying("hi"), first_content_timeout=7)), now()

    assert run(story()) == ("hi", 7)


def test_a_provider_that_does_not_stop_after_a_break_is_left_after_a_while():
    async def story():
        class Endless(Scripted):
            async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
                try:
                    yield Delta("a")
                    await asyncio.sleep(100)
                finally:
                    await asyncio.sleep(1000)

        chain = chain_of(Endless(), saying("hi"), idle_timeout=2)
        return await words(chain), now()

    assert run(story()) == ("hi", 7)


async def test_what_goes_wrong_while_a_provider_stops_is_no_failure_of_the_answer():
    class Clumsy(Scripted):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
            try:
                yield Delta("a")
                yield Delta("b")
            finally:
                raise RuntimeError("while stopping")

    way = lane()
    way.gate = Gate(1, 1, now)
    stream = Chain([target(Clumsy(), "p", "m", way)], patience=EAGER).stream(QUESTION)

    first = await anext(stream)
    await stream.aclose()

    assert first.text == "a"
    assert (way.gate.snapshot().inside, way.health.in_flight) == (0, 0)
