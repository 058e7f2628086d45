import asyncio
from contextlib import aclosing

import msgspec
import pytest

from tests.virtual_time import run
from utils.chat import Delta, Origin, ToolCallDelta, Usage
from utils.errors import (
    BotErrorNoRetry,
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    NotAStream,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.routing import Chain, Policy
from utils.routing.gate import Gate
from utils.routing.patience import Patience
from utils.routing.trace import Tried

from .scripted import END, QUESTION, Changing, Scripted, chain_of, down, lane, now, read, saying, target, words

EVERY_FAILURE_THAT_ANOTHER_MAY_NOT_HAVE = [
    RateLimited("x", retry_after=9),
    Overloaded("x"),
    Unreachable("x"),
    TimedOut("x"),
    BrokenStream("x"),
    EmptyAnswer("x"),
    NotAStream("x"),
    KeyMissing("X_API_KEY"),
    KeyRefused("x"),
    QuotaExhausted("x"),
    ModelNotFound("x"),
    ContextTooLong("x"),
]


async def test_the_first_provider_answers_alone_when_it_can():
    second = saying("no")

    assert await words(chain_of(saying("hi ", "there"), second)) == "hi there"
    assert second.requests == []


@pytest.mark.parametrize("failure", EVERY_FAILURE_THAT_ANOTHER_MAY_NOT_HAVE)
async def test_the_next_provider_answers_when_the_first_cannot(failure):
    assert await words(chain_of(down(failure), saying("hi ", "there"))) == "hi there"


async def test_the_last_provider_answers_when_all_before_are_down():
    assert await words(chain_of(down(), down(), saying("at last"))) == "at last"


@pytest.mark.parametrize("failure", [ContentRefused("x"), RequestRejected("x"), BotErrorNoRetry("x")])
async def test_what_is_wrong_with_the_question_or_is_said_on_purpose_is_asked_nowhere_else(failure):
    first, second = down(failure), saying("no")

    with pytest.raises(type(failure)) as caught:
        await read(chain_of(first, second))

    assert caught.value is failure
    assert (len(first.requests), second.requests) == (1, [])


async def test_refused_content_is_given_to_another_where_that_is_wanted():
    chain = chain_of(down(ContentRefused("x")), saying("well"), refusal_falls_back=True)

    assert await words(chain) == "well"


@pytest.mark.parametrize("nothing_yet", [Delta(), Delta(usage=Usage(1, 2)), END])
async def test_what_says_nothing_yet_leaves_the_way_open_and_is_not_passed_on(nothing_yet):
    first = Scripted(nothing_yet, EmptyAnswer("x"))

    assert await read(chain_of(first, saying("hi"))) == [Delta("hi"), END]


@pytest.mark.parametrize("script", [(), (Delta(),), (END,), (Delta(usage=Usage(1)), END)])
async def test_an_end_without_a_word_is_a_failure_whoever_says_so(script):
    assert await words(chain_of(Scripted(*script), saying("hi"))) == "hi"


async def test_what_came_before_the_first_word_is_not_lost():
    deltas = (Delta(usage=Usage(1)), Delta(), Delta("hi"), Delta(usage=Usage(1, 2)), END)

    assert await read(chain_of(Scripted(*deltas))) == list(deltas)


async def test_the_first_failure_is_raised_when_nobody_answers():
    first = RateLimited("the first", retry_after=3600)

    with pytest.raises(RateLimited) as caught:
        await read(chain_of(down(first), down(KeyMissing("X_API_KEY")), down(ModelNotFound("x"))))

    assert caught.value is first


async def test_a_missing_key_is_told_only_when_nobody_could_be_asked():
    with pytest.raises(ModelNotFound):
        await read(chain_of(down(KeyMissing("X_API_KEY")), down(ModelNotFound("x"))))
    with pytest.raises(KeyMissing):
        await read(chain_of(down(KeyMissing("X_API_KEY")), down(KeyMissing("Y_API_KEY"))))


async def test_each_target_is_asked_for_its_own_model_with_its_own_key_and_else_the_same():
    providers = (down(), down(), saying("hi"))
    chain = Chain(
        [
            target(providers[0], "a", "m0", lane("a", "m0", "A_KEY")),
            target(providers[1], "b", None),
            target(providers[2], "c", "m2"),
        ]
    )

    await read(chain)

    requests = [request for provider in providers for request in provider.requests]
    assert [(request.model, request.key) for request in requests] == [("m0", "A_KEY"), (None, None), ("m2", None)]
    assert {(request.messages, request.temperature) for request in requests} == {(QUESTION.messages, 0.5)}


async def test_leaving_the_chain_closes_the_one_who_answers():
    provider = saying("hi ", "there")

    async with aclosing(chain_of(provider).stream(QUESTION)) as stream:
        await anext(stream)
        open_before = provider.open

    assert (open_before, provider.open) == (1, 0)


async def test_a_provider_that_failed_is_closed_before_the_next_is_asked():
    first = Scripted(Delta(), Overloaded("x"))

    async with aclosing(chain_of(first, saying("hi ", "there")).stream(QUESTION)) as stream:
        await anext(stream)

        assert first.open == 0


async def test_a_chain_is_a_provider_and_fits_into_another():
    inner = chain_of(down(ModelNotFound("x")), down(ModelNotFound("x")))

    assert await words(Chain([target(inner, "inner"), target(saying("hi"), "outer")])) == "hi"


# --- The budget ---


async def test_there_are_so_many_further_attempts_over_all_targets_together():
    providers = [down() for _ in range(5)]

    with pytest.raises(Overloaded):
        await read(chain_of(*providers, retries=3))

    assert [len(provider.requests) for provider in providers] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(("retries", "asked"), [(0, 1), (1, 2), (4, 5)])
async def test_one_alone_is_asked_again(retries, asked):
    provider = down()

    with pytest.raises(Overloaded):
        await read(chain_of(provider, retries=retries))

    assert len(provider.requests) == asked


async def test_a_target_without_a_key_uses_up_nothing():
    providers = [down(KeyMissing("X_API_KEY")), down(KeyMissing("Y_API_KEY")), down(), saying("hi")]

    assert await words(chain_of(*providers, retries=1)) == "hi"


@pytest.mark.parametrize(
    "failure", [KeyRefused("x"), QuotaExhausted("x"), ModelNotFound("x"), ContextTooLong("x"), TimedOut("x")]
)
async def test_who_would_say_the_same_again_is_not_asked_again(failure):
    provider = down(failure)

    with pytest.raises(type(failure)):
        await read(chain_of(provider, retries=5))

    assert len(provider.requests) == 1


@pytest.mark.parametrize("failure", [KeyRefused("x"), QuotaExhausted("x"), RateLimited("x", retry_after=30)])
def test_another_key_is_asked_at_once(failure):
    async def story():
        provider = Changing(down(failure), saying("hi"))
        chain = Chain([target(provider, "p", "m", lane(key="ONE"), lane(key="TWO"))])

        assert await words(chain) == "hi"
        return provider.asked_at

    assert run(story()) == [0, 0]


async def test_another_key_is_no_help_where_the_provider_is_down():
    provider, other = down(), saying("hi")

    await words(Chain([target(provider, "p", "m", lane(key="ONE"), lane(key="TWO")), target(other, "o")]))

    assert len(provider.requests) == 1


def test_pauses_double_and_never_end_with_all_coming_back_at_once():
    async def story(chance: float):
        provider = Changing(down())
        with pytest.raises(Overloaded):
            await read(chain_of(provider, retries=3, patience=Patience(chance=lambda: chance)))
        return provider.asked_at

    assert run(story(0.5)) == [0, 0.5, 1.5, 3.5]
    assert run(story(0.0)) != run(story(1.0))


@pytest.mark.parametrize(
    ("ordered", "asked_at"), [(0, 0.5), (-3, 0.5), (None, 0.5), (0.1, 0.5), (7, 7), (60, 60), (61, None), (1e9, None)]
)
def test_an_order_to_wait_is_kept_as_long_as_a_person_would_wait(ordered, asked_at):
    async def story():
        provider = Changing(down(RateLimited("x", retry_after=ordered)), saying("hi"))
        try:
            await words(chain_of(provider, patience=Patience(chance=lambda: 0.5)))
        except RateLimited:
            return None
        return provider.asked_at[1]

    assert run(story()) == asked_at


def test_nobody_is_asked_after_the_deadline():
    async def story():
        provider = Changing(Scripted(5, Overloaded("x")))
        with pytest.raises(Overloaded):
            await read(chain_of(provider, retries=9, deadline=12))
        return provider.asked_at

    assert run(story()) == [0, 5, 10]


# --- The clocks ---


def test_a_target_that_keeps_silent_is_left_while_another_one_can_take_over():
    async def story():
        silent = Scripted(Delta(), 1000, "too late")
        assert await words(chain_of(silent, saying("hi"))) == "hi"
        assert silent.open == 0
        return now()

    assert run(story()) == 20


def test_signs_of_life_are_no_first_word():
    async def story():
        alive = Scripted(*[5.0, Delta()] * 10, "too late", END)
        return await words(chain_of(alive, saying("hi"))), now()

    assert run(story()) == ("hi", 20)


def test_the_last_one_is_given_the_time_it_needs():
    async def story():
        return await words(chain_of(Scripted(300, "at last", END))), now()

    assert run(story()) == ("at last", 300)


def test_a_first_content_timeout_that_was_set_holds_for_the_last_one_too():
    async def story():
        with pytest.raises(TimedOut, match="no first word for 7 seconds"):
            await words(chain_of(Scripted(300, "at last", END), first_content_timeout=7, retries=0))
        return now()

    assert run(story()) == 7


def test_silence_within_an_answer_has_a_clock_of_its_own():
    async def story():
        with pytest.raises(TimedOut, match="no further word for 3 seconds"):
            await words(chain_of(Scripted("a", 2, "b", 2.5, "c", 4, "d", END), idle_timeout=3, on_break="error"))
        return now()

    assert run(story()) == 7.5


def test_a_reader_who_takes_his_time_is_no_silence_of_the_provider():
    async def story():
        said = []
        async for delta in chain_of(Scripted("a", 1, "b", 1, "c", END), idle_timeout=3).stream(QUESTION):
            await asyncio.sleep(100)
            said.append(delta.text)
        return "".join(said)

    assert run(story()) == "abc"


def test_an_answer_that_never_ends_does():
    async def story():
        with pytest.raises(TimedOut, match="deadline"):
            await words(chain_of(Scripted(*["a", 1] * 1000), deadline=30))
        return now()

    assert run(story()) == 30


def test_being_cancelled_is_not_mistaken_for_a_timeout():
    async def story():
        provider = Scripted(1000)
        task = asyncio.create_task(words(chain_of(provider)))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return provider.open

    assert run(story()) == 0


# --- After a break ---


@pytest.mark.parametrize(
    "content", [Delta("hi"), Delta(reasoning="hm"), Delta(tool_calls=(ToolCallDelta(),)), Delta("hi", usage=Usage(1))]
)
async def test_a_broken_answer_is_an_honest_end_where_that_is_wanted(content):
    second = saying("no")
    stream = chain_of(Scripted(content, BrokenStream("cut")), second, on_break="error").stream(QUESTION)

    heard = await anext(stream)

    with pytest.raises(BrokenStream):
        await anext(stream)
    assert heard == content
    assert second.requests == []


async def test_the_next_answer_takes_the_place_of_the_broken_one_with_its_first_word():
    chain = chain_of(Scripted("once ", "upon", BrokenStream("cut")), Scripted(Delta(), "Once ", "more", END))

    said = await read(chain)

    assert said == [Delta("once "), Delta("upon"), Delta(), Delta("Once ", restarts=True), Delta("more"), END]


async def test_an_answer_that_just_stops_counts_as_broken():
    assert await words(chain_of(Scripted("once ", "upon"), saying("whole"))) == "whole"


async def test_one_alone_begins_again_after_a_break():
    assert await words(chain_of(Changing(Scripted("once ", BrokenStream("cut")), saying("whole")))) == "whole"


async def test_a_reader_who_cannot_take_back_words_is_told_of_the_break():
    request = msgspec.structs.replace(QUESTION, can_restart=False)

    with pytest.raises(BrokenStream):
        await words(chain_of(Scripted("once ", BrokenStream("cut")), saying("whole")), request)


async def test_when_nobody_can_begin_again_what_was_said_stays_and_the_failure_is_told():
    stream = chain_of(Scripted("once ", BrokenStream("cut")), down(ModelNotFound("x")), retries=1).stream(QUESTION)

    heard = await anext(stream)

    with pytest.raises(BrokenStream):
        await anext(stream)
    assert heard == Delta("once ")


def going_on(*providers, **policy) -> Chain:
    targets = [target(each, f"p{number}", accepts_prefill=True) for number, each in enumerate(providers)]
    return Chain(targets, Policy(on_break="continue", **policy))


@pytest.mark.parametrize(
    "rest",
    [
        "jumps over the lazy dog and runs away from there, over the hills, as far as it can",
        "fox jumps over the lazy dog and runs away from there, over the hills, as far as it can",
        "The quick brown fox jumps over the lazy dog and runs away from there, over the hills, as far as it can",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_the_next_one_goes_on_and_the_seam_is_not_said_twice(rest, size):
    pieces = [rest[at : at + size] for at in range(0, len(rest), size)]
    second = saying(*pieces)

    said = await words(going_on(Scripted("The quick ", "brown fox ", BrokenStream("cut")), second))

    assert said == (
        "The quick brown fox jumps over the lazy dog and runs away from there, over the hills, as far as it can"
    )
    assert [(each.role, each.text) for each in second.requests[0].messages] == [
        ("user", "Hi"),
        ("assistant", "The quick brown fox"),
    ]


async def test_only_words_are_gone_on_from():
    call = Delta(tool_calls=(ToolCallDelta(0, "c", "f", "{"),))

    said = await read(going_on(Scripted("a", call, BrokenStream("cut")), saying("b")))

    assert said == [Delta("a"), call, Delta("b", restarts=True), END]


async def test_an_answer_of_which_only_the_end_mark_was_missing_is_whole_when_the_next_one_has_nothing_to_add():
    nothing_more = Scripted(END, EmptyAnswer("x"))

    assert await read(going_on(Scripted("all of it", BrokenStream("cut")), nothing_more)) == [Delta("all of it"), END]


async def test_an_answer_stays_broken_when_the_next_one_is_empty_without_an_end():
    with pytest.raises(BrokenStream):
        await read(going_on(Scripted("half of", BrokenStream("cut")), Scripted(EmptyAnswer("x")), retries=1))


async def test_a_model_that_does_not_go_on_begins_again():
    chain = chain_of(Scripted("a", BrokenStream("cut")), saying("b"), on_break="continue")

    assert await read(chain) == [Delta("a"), Delta("b", restarts=True), END]


# --- What is learnt ---


async def test_a_target_that_fails_again_and_again_is_passed_over():
    first, second = down(Unreachable("x")), saying("hi")
    chain = chain_of(first, second)

    for _ in range(10):
        await words(chain)

    assert len(first.requests) == 3


def test_a_target_is_tried_again_after_a_while_by_one_only():
    async def story():
        first = Changing(*[down(Unreachable("x"))] * 3, Scripted(1, "well again", END))
        chain = chain_of(first, saying("hi"))
        for _ in range(5):
            await words(chain)
        await asyncio.sleep(20)
        said = await asyncio.gather(*(words(chain) for _ in range(5)))
        return sorted(said)

    assert run(story()) == ["hi"] * 4 + ["well again"]


async def test_the_one_that_opens_first_is_asked_rather_than_nobody():
    first, second = down(Unreachable("x")), down(Unreachable("x"))
    chain = chain_of(first, second, retries=1)
    for _ in range(3):
        with pytest.raises(Unreachable):
            await words(chain)
    first.script = ("well again", END)

    assert await words(chain) == "well again"


def test_a_target_that_wants_us_to_wait_is_left_alone_for_so_long():
    async def story():
        first = Changing(down(RateLimited("x", retry_after=100)), saying("first"))
        chain = chain_of(first, saying("second"))
        said = [await words(chain), await words(chain)]
        await asyncio.sleep(101)
        return [*said, await words(chain)]

    assert run(story()) == ["second", "second", "first"]


async def test_what_is_wrong_with_the_question_says_nothing_about_the_target():
    first = down(RequestRejected("x"))
    chain = chain_of(first, saying("hi"))

    for _ in range(30):
        with pytest.raises(RequestRejected):
            await words(chain)

    assert len(first.requests) == 30


async def test_a_target_that_was_taken_out_is_not_asked():
    ways = lane("a"), lane("b")
    chain = Chain([target(saying("a"), "a", "m", ways[0]), target(saying("b"), "b", "m", ways[1])])

    ways[0].breaker.force_open("by the owner")
    without = await words(chain)
    ways[1].breaker.force_open("by the owner")
    with pytest.raises(Overloaded, match="taken out"):
        await words(chain)
    ways[0].breaker.release()

    assert (without, await words(chain)) == ("b", "a")


def test_another_answers_when_too_many_are_being_answered():
    async def story():
        way = lane("a")
        way.gate = Gate(1, 0, now)
        chain = Chain([target(Scripted(5, "a", END), "a", "m", way), target(saying("b"), "b")])
        return await asyncio.gather(words(chain), words(chain), words(chain))

    assert run(story()) == ["a", "b", "b"]


# --- Longer contexts ---


async def test_too_long_a_conversation_goes_to_the_target_that_is_named_for_that():
    small, other, large = down(ContextTooLong("x")), saying("other"), saying("large")
    chain = Chain([target(small), target(other)], context_fallback=target(large, "l"))

    assert await words(chain) == "large"
    assert other.requests == []


async def test_who_is_known_to_read_no_more_is_not_asked():
    small, smaller, larger = down(ContextTooLong("x")), saying("no"), saying("yes")

    said = await words(
        Chain([target(small, context=8000), target(smaller, context=4000), target(larger, context=100_000)])
    )

    assert (said, smaller.requests) == ("yes", [])


# --- Hedging ---


def test_a_second_one_is_asked_when_the_first_takes_long_and_the_quicker_one_wins():
    async def story():
        slow, quick = Scripted(10, "slow", END), Scripted(1, "quick", END)
        said = await words(chain_of(slow, quick, hedge_after=2))
        return said, now(), slow.open, quick.open

    assert run(story()) == ("quick", 3, 0, 0)


def test_the_first_one_still_wins_when_it_is_quicker():
    async def story():
        first, second = Scripted(3, "first", END), Scripted(10, "second", END)
        return await words(chain_of(first, second, hedge_after=2)), now(), second.open

    assert run(story()) == ("first", 3, 0)


def test_nobody_is_asked_in_vain():
    async def story():
        second = saying("no")
        await words(chain_of(Scripted(1, "first", END), second, hedge_after=2))
        return second.requests

    assert run(story()) == []


def test_when_one_of_two_fails_the_other_answers():
    async def story():
        return await words(chain_of(Scripted(3, Overloaded("x")), Scripted(5, "second", END), hedge_after=2)), now()

    assert run(story()) == ("second", 7)


def test_hedging_falls_back_like_any_other():
    async def story():
        chain = chain_of(Scripted(3, Overloaded("x")), Scripted(5, Overloaded("x")), saying("third"), hedge_after=2)
        return await words(chain), now()

    assert run(story()) == ("third", 7)


def test_the_one_that_was_outrun_takes_over_when_the_winner_breaks_off():
    async def story():
        first, second = Scripted(3, "fir", BrokenStream("cut")), Changing(Scripted(10), saying("second"))
        return await words(chain_of(first, second, hedge_after=2))

    assert run(story()) == "second"


# --- The record ---


def recorded(*providers, **policy) -> tuple[Chain, list[Tried]]:
    seen: list[Tried] = []
    targets = [target(provider, f"p{number}") for number, provider in enumerate(providers)]
    return Chain(targets, Policy(**policy), record=lambda origin, tried: seen.append(tried)), seen


async def test_every_attempt_is_written_down_once():
    chain, seen = recorded(down(), Scripted("a", BrokenStream("cut")), Scripted("b", Delta(usage=Usage(1, 2)), END))

    await words(chain)

    assert [(each.number, each.provider, each.outcome, each.error) for each in seen] == [
        (1, "p0", "failed", "Overloaded"),
        (2, "p1", "broken", "BrokenStream"),
        (3, "p2", "answered", None),
    ]
    assert [each.usage for each in seen] == [None, None, Usage(1, 2)]
    assert [each.pieces for each in seen] == [0, 1, 3]


async def test_an_answer_that_is_left_is_written_down_with_what_it_has_used():
    chain, seen = recorded(Scripted(Delta("a", usage=Usage(3, 1)), "b", END))

    async with aclosing(chain.stream(QUESTION)) as stream:
        await anext(stream)

    assert [(each.outcome, each.usage) for each in seen] == [("cancelled", Usage(3, 1))]


def test_the_slower_one_of_a_hedge_is_written_down_as_outrun():
    async def story():
        chain, seen = recorded(Scripted(10, "slow", END), Scripted(1, "quick", END), hedge_after=2)
        await words(chain)
        return sorted((each.provider, each.outcome) for each in seen)

    assert run(story()) == [("p0", "outrun"), ("p1", "answered")]


def test_an_answer_that_is_left_while_two_are_asked_was_not_outrun():
    async def story():
        chain, seen = recorded(Scripted(10, "slow", END), Scripted(10, "slower", END), hedge_after=2)
        task = asyncio.create_task(words(chain))
        await asyncio.sleep(5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [each.outcome for each in seen]

    assert run(story()) == ["cancelled", "cancelled"]


async def test_the_record_names_who_has_asked():
    seen = []
    chain = Chain([target(saying("hi"))], record=lambda origin, tried: seen.append(origin))
    origin = Origin(bot="Poet", user="u-1")
    await words(chain, msgspec.structs.replace(QUESTION, origin=origin))

    assert seen == [origin]
