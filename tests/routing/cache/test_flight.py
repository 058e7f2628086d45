import asyncio
import gc
from collections.abc import AsyncGenerator

import msgspec
import pytest

from tests.routing.cache.providers import END, QUESTION, Client, Told, cached, read, settled, words
from utils.chat import ChatRequest, Delta
from utils.errors import BotErrorNoRetry, BrokenStream, Overloaded
from utils.routing.cache import AnswerStore

FRESH = msgspec.structs.replace(QUESTION, fresh=True)


async def test_who_asks_the_same_meanwhile_hears_what_was_said_and_then_the_rest_as_it_comes():
    provider = Told()
    cache = cached(provider)
    first = Client(cache)
    await settled()
    provider.say(Delta("a"), Delta("b"))
    await settled()

    second = Client(cache)
    await settled()
    at_once = second.words
    provider.say(Delta("c"))
    await settled()
    live = second.words
    provider.say(END, None)

    assert (at_once, live) == ("ab", "abc")
    assert (await first.done(), await second.done()) == ("abc", "abc")
    assert len(provider.answers) == 1
    assert (cache.store.counts.joined, cache.store.counts.misses) == (1, 1)


async def test_only_who_asked_pays():
    provider = Told()
    cache = cached(provider)
    first, second = Client(cache), Client(cache)
    await settled()

    provider.say(Delta("a"), END, None)
    await first.done()
    await second.done()

    assert {delta.cached for delta in first.heard} == {False}
    assert {delta.cached for delta in second.heard} == {True}
    assert second.heard[-1].usage == END.usage


async def test_all_who_come_later_find_the_answer_in_the_store():
    provider = Told()
    cache = cached(provider)
    clients = [Client(cache) for _ in range(50)]
    await settled()
    provider.say(Delta("a"), END, None)

    heard = [await client.done() for client in clients]

    assert heard == ["a"] * 50
    assert await words(cache) == "a"
    assert (len(provider.answers), cache.store.flights) == (1, {})


async def test_of_those_who_wait_one_asks_when_the_first_failed_before_a_word():
    provider = Told()
    cache = cached(provider)
    first, *others = [Client(cache) for _ in range(5)]
    await settled()

    provider.say(Overloaded("down"))
    await settled()
    asked_again = len(provider.answers)
    provider.say(Delta("a"), END, None, answer=1)

    with pytest.raises(Overloaded):
        await first.done()
    assert [await other.done() for other in others] == ["a"] * 4
    assert (asked_again, len(provider.answers)) == (2, 2)
    assert [other.heard[0].cached for other in others].count(False) == 1


async def test_a_second_failure_is_everyones():
    provider = Told()
    cache = cached(provider)
    first, *others = [Client(cache) for _ in range(5)]
    await settled()
    provider.say(Overloaded("the first"))
    await settled()

    provider.say(Overloaded("the second"), answer=1)

    with pytest.raises(Overloaded, match="the first"):
        await first.done()
    for other in others:
        with pytest.raises(Overloaded, match="the second"):
            await other.done()
    assert len(provider.answers) == 2


@pytest.mark.parametrize("failure", [BrokenStream("cut"), BotErrorNoRetry("no"), RuntimeError("bug")])
async def test_a_failure_amid_the_answer_is_the_same_for_all(failure):
    provider = Told()
    cache = cached(provider)
    clients = [Client(cache) for _ in range(3)]
    await settled()

    provider.say(Delta("a"), failure)

    for client in clients:
        with pytest.raises(type(failure)) as caught:
            await client.done()
        assert (caught.value, client.words) == (failure, "a")
    assert (len(provider.answers), cache.store.answers) == (1, 0)


@pytest.mark.parametrize("said", ["", "a"])
async def test_the_answer_goes_on_for_the_others_when_the_one_who_asked_leaves(said):
    provider = Told()
    cache = cached(provider)
    first, second = Client(cache), Client(cache)
    await settled()
    provider.say(Delta(said))
    await settled()

    await first.leaves()
    provider.say(Delta("b"), END, None)

    assert await second.done() == said + "b"
    assert (len(provider.answers), provider.closed) == (1, 1)
    assert await words(cache) == said + "b"


@pytest.mark.parametrize("said", [[], [Delta("a")], [Delta("a"), END]])
async def test_the_answer_is_closed_at_once_when_the_last_one_leaves(said):
    provider = Told()
    cache = cached(provider)
    first, second = Client(cache), Client(cache)
    await settled()
    provider.say(*said)
    await settled()

    await first.leaves()
    closed_by_first = provider.closed
    await second.leaves()

    assert (closed_by_first, provider.closed) == (0, 1)
    assert (cache.store.flights, cache.store.answers) == ({}, 0)


async def test_who_asks_after_all_have_left_asks_anew():
    provider = Told()
    cache = cached(provider)
    first = Client(cache)
    await settled()
    await first.leaves()

    second = Client(cache)
    await settled()
    provider.say(Delta("a"), END, None, answer=1)

    assert await second.done() == "a"


async def test_nobody_joins_an_answer_that_is_being_closed():
    may_close = asyncio.Event()

    class SlowToClose(Told):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
            try:
                async for delta in super().stream(request):
                    yield delta
            finally:
                await may_close.wait()

    provider = SlowToClose()
    cache = cached(provider)
    first = Client(cache)
    await settled()
    leaving = asyncio.create_task(first.leaves())
    await settled()

    second = Client(cache)
    await settled()
    may_close.set()
    provider.say(Delta("a"), END, None, answer=1)

    assert await second.done() == "a"
    await leaving


async def test_a_slow_reader_holds_up_nobody_and_still_hears_all():
    provider = Told()
    cache = cached(provider)
    fast, slow = Client(cache), cache.stream(QUESTION)
    await settled()
    provider.say(Delta("a"))
    await settled()
    heard = [await anext(slow)]

    provider.say(*[Delta("b")] * 3000, END, None)
    fast_words = await fast.done()
    heard += [delta async for delta in slow]

    assert fast_words == "".join(delta.text for delta in heard) == "a" + "b" * 3000
    assert len(heard) == 3


async def test_nothing_is_fetched_before_somebody_wants_it():
    provider = Told()
    stream = cached(provider).stream(QUESTION)
    reading = asyncio.ensure_future(anext(stream))
    await settled()

    provider.say(*[Delta("a")] * 10)
    await reading
    await settled()

    assert provider.pulled == 1
    await stream.aclose()


async def test_an_answer_that_is_too_long_to_be_kept_can_be_joined_no_more_and_is_forgotten_as_it_is_read():
    provider = Told()
    cache = cached(provider, AnswerStore(max_answer_bytes=1000))
    first, second = Client(cache), Client(cache)
    await settled()
    flight = next(iter(cache.store.flights.values()))
    provider.say(*[Delta("x" * 100)] * 500)
    for _ in range(100):
        await settled()
    held = flight.answer.size

    third = Client(cache)
    await settled()
    provider.say(END, None)
    provider.say(Delta("y"), END, None, answer=1)

    assert held <= 1000
    assert (await first.done(), await second.done()) == ("x" * 50000,) * 2
    assert await third.done() == "y"


async def test_who_is_too_slow_for_an_answer_that_is_too_long_is_told_so():
    provider = Told()
    cache = cached(provider, AnswerStore(max_answer_bytes=1000))
    fast, slow = Client(cache), cache.stream(QUESTION)
    await settled()
    provider.say(Delta("a"))
    await settled()
    await anext(slow)

    provider.say(*[Delta("x" * 100)] * 50, END, None)

    assert await fast.done() == "a" + "x" * 5000
    with pytest.raises(BrokenStream, match="too slow"):
        await anext(slow)


async def test_who_asks_anew_joins_nobody_and_has_the_last_word():
    provider = Told()
    cache = cached(provider)
    first = Client(cache)
    await settled()
    anew = Client(cache, FRESH)
    await settled()

    provider.say(Delta("new"), END, None, answer=1)
    provider.say(Delta("old"), END, None)

    assert (await first.done(), await anew.done(), await words(cache)) == ("old", "new", "new")


async def test_others_may_join_the_one_who_asks_anew():
    provider = Told()
    cache = cached(provider)
    anew, other = Client(cache, FRESH), Client(cache)
    await settled()

    provider.say(Delta("new"), END, None)

    assert (await anew.done(), await other.done(), len(provider.answers)) == ("new", "new", 1)


async def test_what_was_taken_back_is_taken_back_for_all_who_heard_it():
    provider = Told()
    cache = cached(provider)
    first, second = Client(cache), Client(cache)
    await settled()
    provider.say(Delta("wrong"))
    await settled()
    provider.say(Delta("right", restarts=True))
    await settled()

    late = Client(cache)
    provider.say(END, None)

    assert [await client.done() for client in (first, second, late)] == ["right"] * 3
    assert [any(delta.restarts for delta in client.heard) for client in (first, second, late)] == [True, True, False]


async def test_no_task_is_left_over():
    provider = Told()
    cache = cached(provider)
    before = asyncio.all_tasks()
    clients = [Client(cache) for _ in range(3)]
    await settled()
    provider.say(Delta("a"))
    await settled()

    for client in clients:
        await client.leaves()

    assert asyncio.all_tasks() == before


async def test_readers_are_told_when_the_flight_is_stopped_from_outside():
    provider = Told()
    cache = cached(provider)
    before = asyncio.all_tasks()
    client = Client(cache)
    await settled()

    (task,) = [task for task in asyncio.all_tasks() - before if task.get_coro().__qualname__ == "Flight._fly"]
    task.cancel()

    with pytest.raises(BrokenStream):
        await client.done()


async def test_a_reader_that_was_dropped_without_a_word_lets_go_too():
    provider = Told()
    cache = cached(provider)
    stream = cache.stream(QUESTION)
    reading = asyncio.ensure_future(anext(stream))
    await settled()
    provider.say(Delta("a"))
    await reading

    del stream, reading
    gc.collect()
    await settled()

    assert provider.closed == 1


async def test_reading_is_the_same_with_and_without_others():
    provider = Told()
    cache = cached(provider)
    reading = asyncio.ensure_future(read(cache))
    await settled()
    provider.say(Delta("a"), Delta(reasoning="b"), Delta("c"), END, None)

    assert await reading == [Delta("a"), Delta(reasoning="b"), Delta("c"), END]
