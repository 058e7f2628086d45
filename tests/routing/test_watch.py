"""The clocks, where one of them hands over to another."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.virtual_time import run
from utils.chat import ChatRequest, Delta
from utils.errors import BrokenStream, TimedOut

from .scripted import END, Scripted, chain_of, lane, now, read, saying, target, words


@pytest.mark.parametrize("others", [(), (saying("hi"),)], ids=["alone", "with another"])
@pytest.mark.parametrize("script", [("a", 60, "b", END), ("a", "b", 60, END), (Delta(reasoning="hm"), 60, "b", END)])
def test_from_the_first_word_on_the_pauses_between_words_count(script, others):
    async def story():
        with pytest.raises(TimedOut, match="no further word for 3 seconds"):
            await words(chain_of(Scripted(*script), *others, idle_timeout=3, on_break="error"))
        return now()

    assert run(story()) == 3


def test_a_pause_that_is_longer_than_the_first_word_may_take_is_no_silence():
    async def story():
        return await words(chain_of(Scripted("a", 25, "b", END), saying("no"))), now()

    assert run(story()) == ("ab", 25)


def test_signs_of_life_are_no_further_word_either():
    async def story():
        with pytest.raises(TimedOut, match="no further word for 3 seconds"):
            await words(chain_of(Scripted("a", *[2.0, Delta()] * 10, END), idle_timeout=3, on_break="error"))
        return now()

    assert run(story()) == 3


def test_nobody_is_asked_and_nobody_is_blamed_when_the_time_for_the_answer_is_over():
    async def story():
        first, second, way = Scripted("a", 20, "b", 20, END), saying("no"), lane()
        chain = chain_of(first, second, deadline=30, idle_timeout=100)
        chain.targets = (target(first, "p", "m", way), chain.targets[1])
        with pytest.raises(TimedOut, match="deadline"):
            await words(chain)
        return now(), second.requests, way.breaker._window.sums(now())

    assert run(story()) == (30, [], (0, 0))


class Stubborn:
    """Makes something of its own out of being stopped, and then goes on or not."""

    def __init__(self, instead: Exception | Delta | None) -> None:
        self.instead = instead

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            if isinstance(self.instead, Exception):
                raise self.instead from None
        if isinstance(self.instead, Delta):
            yield self.instead
            yield END


@pytest.mark.parametrize("instead", [BrokenStream("x"), RuntimeError("x"), None, Delta("late")])
def test_a_task_is_as_it_was_after_a_timeout_whatever_the_provider_made_of_it(instead):
    async def story():
        heard = await read(chain_of(Stubborn(instead), saying("hi"), first_content_timeout=2))
        task = asyncio.current_task()
        return "".join(delta.text for delta in heard), task is not None and task.cancelling()

    assert run(story()) in {("hi", 0), ("late", 0)}


def test_a_timeout_is_told_where_somebody_has_stopped_the_task_before():
    async def story():
        async def stubborn():
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                return await words(chain_of(Scripted(100, "no"), saying("hi"), first_content_timeout=2))

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        task.cancel()
        return await task

    assert run(story()) == "hi"
