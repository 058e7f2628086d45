from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from utils.chat import ChatMessage, ChatRequest, Delta, ToolCallDelta, Usage
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
from utils.routing import Chain, Target

QUESTION = ChatRequest((ChatMessage("user", "Hi"),), model="of-the-bot", temperature=0.5)


class Scripted:
    """Gives these deltas, and then the failure if there is one."""

    def __init__(self, *deltas: Delta, failure: Exception | None = None) -> None:
        self.deltas = deltas
        self.failure = failure
        self.requests: list[ChatRequest] = []
        self.is_closed = False

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        try:
            for delta in self.deltas:
                yield delta
            if self.failure:
                raise self.failure
        finally:
            self.is_closed = True


def saying(*texts: str) -> Scripted:
    return Scripted(*map(Delta, texts), Delta(finish_reason="stop"))


def down(failure: Exception | None = None) -> Scripted:
    return Scripted(failure=failure or Overloaded("down"))


def chain_of(*providers: Scripted) -> Chain:
    return Chain([Target(provider, f"p{number}", f"m{number}") for number, provider in enumerate(providers)])


async def read(chain: Chain) -> list[Delta]:
    return [delta async for delta in chain.stream(QUESTION)]


async def words(chain: Chain) -> str:
    return "".join(delta.text for delta in await read(chain))


async def test_the_first_provider_answers_alone_when_it_can():
    second = saying("no")

    assert await words(chain_of(saying("hi ", "there"), second)) == "hi there"
    assert second.requests == []


@pytest.mark.parametrize(
    "failure",
    [
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
    ],
)
async def test_the_next_provider_answers_when_the_first_cannot(failure):
    assert await words(chain_of(down(failure), saying("hi ", "there"))) == "hi there"


async def test_the_last_provider_answers_when_all_before_are_down():
    assert await words(chain_of(down(), down(), down(), saying("at last"))) == "at last"


@pytest.mark.parametrize(
    "failure", [ContentRefused("x"), RequestRejected("x"), BotErrorNoRetry("x"), RuntimeError("x")]
)
async def test_what_is_wrong_with_the_question_or_with_us_is_asked_nowhere_else(failure):
    second = saying("no")

    with pytest.raises(type(failure)) as caught:
        await read(chain_of(down(failure), second))

    assert caught.value is failure
    assert second.requests == []


@pytest.mark.parametrize(
    "content", [Delta("hi"), Delta(reasoning="hm"), Delta(tool_calls=(ToolCallDelta(),)), Delta("hi", usage=Usage(1))]
)
async def test_nobody_takes_over_once_something_was_said(content):
    second = saying("no")
    stream = chain_of(Scripted(content, failure=BrokenStream("cut")), second).stream(QUESTION)

    heard = await anext(stream)

    with pytest.raises(BrokenStream):
        await anext(stream)
    assert heard == content
    assert second.requests == []


@pytest.mark.parametrize("nothing_yet", [Delta(), Delta(usage=Usage(1, 2)), Delta(finish_reason="stop")])
async def test_what_says_nothing_yet_leaves_the_way_open_and_is_not_passed_on(nothing_yet):
    first = Scripted(nothing_yet, failure=EmptyAnswer("x"))

    said = await read(chain_of(first, saying("hi")))

    assert said == [Delta("hi"), Delta(finish_reason="stop")]


async def test_what_came_before_the_first_word_is_not_lost():
    deltas = (Delta(usage=Usage(1)), Delta(), Delta("hi"), Delta(usage=Usage(1, 2)), Delta(finish_reason="stop"))

    assert await read(chain_of(Scripted(*deltas))) == list(deltas)


async def test_an_answer_without_a_word_is_the_providers_to_judge():
    assert await read(chain_of(Scripted(Delta(finish_reason="length")), saying("no"))) == [
        Delta(finish_reason="length")
    ]


async def test_the_first_failure_is_raised_when_nobody_answers():
    first = RateLimited("the first")

    with pytest.raises(RateLimited) as caught:
        await read(chain_of(down(first), down(KeyMissing("X_API_KEY")), down()))

    assert caught.value is first


async def test_each_target_is_asked_for_its_own_model_and_else_the_same():
    providers = (down(), down(), saying("hi"))
    chain = Chain([Target(providers[0], "a", "m0"), Target(providers[1], "b", None), Target(providers[2], "c", "m2")])

    await read(chain)

    requests = [request for provider in providers for request in provider.requests]
    assert [request.model for request in requests] == ["m0", None, "m2"]
    assert {(request.messages, request.temperature) for request in requests} == {(QUESTION.messages, 0.5)}


async def test_leaving_the_chain_closes_the_one_who_answers():
    provider = saying("hi ", "there")

    async with aclosing(chain_of(provider).stream(QUESTION)) as stream:
        await anext(stream)
        was_closed_before = provider.is_closed

    assert (was_closed_before, provider.is_closed) == (False, True)


async def test_a_provider_that_failed_is_closed_before_the_next_is_asked():
    first = down()

    async with aclosing(chain_of(first, saying("hi ", "there")).stream(QUESTION)) as stream:
        await anext(stream)

        assert first.is_closed


async def test_a_chain_is_a_provider_and_fits_into_another():
    inner = chain_of(down(), down())

    assert await words(Chain([Target(inner, "inner", None), Target(saying("hi"), "outer", None)])) == "hi"
