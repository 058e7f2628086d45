"""Who is asked next, where a key, a queue or a closed breaker stands in between."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
import pytest

from tests.virtual_time import run
from utils.chat import ChatRequest, Delta
from utils.errors import (
    BrokenStream,
    ContextTooLong,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    RateLimited,
    Unreachable,
)
from utils.routing import Chain, Policy
from utils.routing.gate import Busy, Gate

from .scripted import EAGER, END, QUESTION, Changing, Scripted, chain_of, down, lane, now, read, saying, target, words


def test_another_key_does_not_cut_short_the_time_that_a_lone_target_needs():
    async def story():
        ways = lane(key="one"), lane(key="two")
        return await words(Chain([target(Scripted(300, "at last", END), "p", "m", *ways)])), now()

    assert run(story()) == ("at last", 300)


@pytest.mark.parametrize("shut", ["taken out", "cooling"])
def test_a_target_that_is_shut_does_not_cut_short_the_time_of_the_other(shut):
    async def story():
        way = lane()
        way.breaker.force_open(shut) if shut == "taken out" else way.breaker.cool_down(600)
        chain = Chain([target(Scripted(300, "at last", END), "a"), target(saying("no"), "b", "m", way)])
        return await words(chain), now()

    assert run(story()) == ("at last", 300)


def test_a_target_that_opens_in_time_takes_over_from_one_that_is_silent():
    async def story():
        way = lane()
        way.breaker.cool_down(10)
        chain = Chain([target(Scripted(300, "no", END), "a"), target(saying("hi"), "b", "m", way)])
        return await words(chain), now()

    assert run(story()) == ("hi", 20)


@pytest.mark.parametrize(("retry_after", "seconds"), [(None, 5), (0, 0), (-3, 0), (30, 30)])
def test_a_key_that_was_asked_too_much_is_left_alone_also_where_nobody_says_how_long(retry_after, seconds):
    async def story():
        ways = lane(key="one"), lane(key="two")
        provider = Changing(down(RateLimited("x", retry_after=retry_after)), saying("hi"))
        await words(Chain([target(provider, "p", "m", *ways)]))
        until = ways[0].breaker.shut_until
        return 0 if until is None else until, ways[1].breaker.state

    assert run(story()) == (seconds, "closed")


async def test_where_the_queue_of_one_key_is_full_the_other_key_is_asked():
    ways = lane(key="one"), lane(key="two")
    ways[0].gate = Gate(1, 0, now)
    chain = Chain([target(saying("hi"), "p", "m", *ways)])

    async with ways[0].gate.place("somebody"):
        assert await words(chain) == "hi"


def test_a_key_with_a_free_place_is_better_than_one_where_one_has_to_wait():
    async def story():
        ways = lane(key="one"), lane(key="two")
        ways[0].gate = Gate(1, 9, now)
        async with ways[0].gate.place("somebody"):
            return await words(Chain([target(saying("hi"), "p", "m", *ways)])), now()

    assert run(story()) == ("hi", 0)


@pytest.mark.parametrize(("policy", "seconds"), [({"deadline": 4}, 4), ({}, 30)])
def test_nobody_waits_for_a_place_beyond_the_deadline(policy, seconds):
    async def story():
        way = lane()
        way.gate = Gate(1, 9, now)
        async with way.gate.place("somebody"):
            with pytest.raises(Busy):
                await words(Chain([target(saying("no"), "p", "m", way)], Policy(**policy)))
        return now()

    assert run(story()) == seconds


async def test_a_model_that_is_gone_is_not_asked_again_with_the_key_that_was_limited():
    provider = Changing(down(RateLimited("x")), down(ModelNotFound("x")), saying("no"))
    chain = Chain([target(provider, "p", "m", lane(key="one"), lane(key="two"))], Policy(retries=5), patience=EAGER)

    with pytest.raises(ProviderFailure):
        await words(chain)

    assert len(provider.asked_at) == 2


async def test_who_reads_less_is_not_asked_again_either():
    small = down(Overloaded("x"))
    chain = Chain(
        [target(small, "a", context=1000), target(down(ContextTooLong("x")), "b", context=2000)],
        Policy(retries=5),
        patience=EAGER,
    )

    with pytest.raises(ProviderFailure):
        await words(chain)

    assert len(small.requests) == 1


async def test_a_target_with_more_room_that_is_in_the_list_as_well_is_asked_once():
    roomy = down(ModelNotFound("x"))
    chain = Chain(
        [target(down(ContextTooLong("x")), "a"), target(roomy, "b")],
        Policy(retries=5),
        context_fallback=target(roomy, "b"),
        patience=EAGER,
    )

    with pytest.raises(ContextTooLong):
        await words(chain)

    assert len(roomy.requests) == 1


# --- A provider whose code fails ---


class Given:
    """A provider that fails before it gives anything to read."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        raise KeyError("choices")


@pytest.mark.parametrize(
    "broken",
    [Given(), down(RuntimeError("x")), down(TimeoutError("x")), Scripted("a", RuntimeError("x"))],
    ids=["at once", "before a word", "of time", "in the middle"],
)
async def test_another_target_answers_when_the_code_of_one_fails(broken):
    assert await words(chain_of(broken, saying("hi"))) == "hi"


async def test_code_that_fails_is_not_run_again_for_the_same_question_and_its_error_is_kept():
    bug = RuntimeError("x")
    provider = down(bug)

    with pytest.raises(BrokenStream, match="RuntimeError") as caught:
        await words(chain_of(provider))

    assert caught.value.__cause__ is bug
    assert len(provider.requests) == 1


async def test_what_a_provider_has_stopped_by_itself_does_not_stop_the_answer():
    class Stopping:
        async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
            yield Delta("a")
            raise asyncio.CancelledError

    assert await words(chain_of(Stopping(), saying("hi"))) == "hi"


# --- After the end ---


@pytest.mark.parametrize("failure", [BrokenStream("x"), Unreachable("x"), 1000], ids=["cut", "gone", "silent"])
@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls"])
def test_an_answer_that_said_its_end_is_whole_whatever_becomes_of_the_connection(failure, reason):
    async def story():
        second = saying("no")
        first = Scripted("hi", Delta(finish_reason=reason), failure)
        return await words(chain_of(first, second, idle_timeout=9)), second.requests

    assert run(story()) == ("hi", [])


async def test_an_end_that_is_a_failure_is_none():
    assert await words(chain_of(Scripted("a", Delta(finish_reason="error"), BrokenStream("x")), saying("hi"))) == "hi"


# --- Going on where it stopped ---


async def test_each_target_goes_on_or_begins_again_as_it_can():
    first, second = Scripted("one two ", BrokenStream("x")), saying("one two three")
    third = saying("three")

    def chain(*others):
        return Chain([target(first, "a"), *others], Policy(on_break="continue"), patience=EAGER)

    assert await words(chain(target(second, "b"))) == "one two three"
    assert await words(chain(target(third, "c", accepts_prefill=True))) == "one two three"
    assert third.requests[0].messages[-1].text == "one two"
    assert len(second.requests[0].messages) == 1


async def test_a_reader_who_cannot_take_back_words_is_only_given_to_who_can_go_on():
    request = msgspec.structs.replace(QUESTION, can_restart=False)
    second = saying("no")
    chain = Chain(
        [target(Scripted("a", BrokenStream("x")), "a", accepts_prefill=True), target(second, "b")],
        Policy(on_break="continue"),
        patience=EAGER,
    )

    with pytest.raises(BrokenStream):
        await read(chain, request)

    assert second.requests == []


async def test_a_blank_is_nothing_to_go_on_from():
    second = saying("hi")
    chain = Chain(
        [target(Scripted("\n", BrokenStream("x")), "a"), target(second, "b", accepts_prefill=True)],
        Policy(on_break="continue"),
        patience=EAGER,
    )

    async with aclosing(chain.stream(QUESTION)) as stream:
        heard = [delta async for delta in stream]

    assert [delta.restarts for delta in heard if delta.text] == [False, True]
    assert len(second.requests[0].messages) == 1
