import msgspec
import pytest

from tests.routing.cache.providers import (
    ALICE,
    END,
    QUESTION,
    Client,
    Clock,
    Scripted,
    cached,
    read,
    saying,
    text_of,
    whole,
    words,
)
from utils.chat import ChatMessage, ChatRequest, Delta, Image, Origin, ToolCallDelta, Usage
from utils.errors import BotErrorNoRetry, BrokenStream, ContentRefused, Overloaded
from utils.routing.cache import AnswerStore, Cached, CacheRules

RICH = [
    Delta(model="m-2"),
    Delta(reasoning="Hm. "),
    Delta(reasoning="Ah."),
    Delta("Grüße "),
    Delta("aus Ulm 🏰"),
    Delta(tool_calls=(ToolCallDelta(0, "a", "f", '{"x"', "signed"), ToolCallDelta(1, "b", "g", "{}"))),
    Delta(tool_calls=(ToolCallDelta(0, arguments=":1}"),)),
    Delta(images=(Image("data:image/png;base64,AAAA"),)),
    Delta(finish_reason="stop"),
    Delta(usage=Usage(10, 20, 5, 7)),
]


def asked_by(**fields: str) -> ChatRequest:
    return msgspec.structs.replace(QUESTION, origin=msgspec.structs.replace(ALICE, **fields))


def fresh() -> ChatRequest:
    return msgspec.structs.replace(QUESTION, fresh=True)


async def test_the_second_who_asks_the_same_has_the_same_answer_and_nobody_is_asked():
    provider = Scripted(RICH)
    cache = cached(provider)

    first, second = await read(cache), await read(cache)

    assert whole(first) == whole(second) == whole(RICH)
    assert len(provider.requests) == 1


async def test_an_answer_from_the_cache_says_so_and_what_it_would_have_taken():
    cache = cached(saying("hi"))

    first, second = await read(cache), await read(cache)

    assert {delta.cached for delta in first} == {False}
    assert {delta.cached for delta in second} == {True}
    assert second[-1] == Delta(finish_reason="stop", usage=END.usage, cached=True)


async def test_a_long_answer_is_told_again_in_pieces():
    cache = cached(saying(*["word "] * 5000))
    await read(cache)

    again = await read(cache)

    assert text_of(again) == "word " * 5000
    assert 2 < len(again) < 20


async def test_an_answer_gets_old():
    clock = Clock()
    cache = cached(Scripted([Delta("old"), END], [Delta("new"), END]), AnswerStore(clock=clock), CacheRules(60))

    first = await words(cache)
    clock.now += 59
    second = await words(cache)
    clock.now += 1

    assert (first, second, await words(cache)) == ("old", "old", "new")


@pytest.mark.parametrize(
    "script",
    [
        [Delta("hi")],
        [Delta("hi"), Delta(finish_reason="length")],
        [Delta("hi"), Delta(finish_reason="content_filter")],
        [Delta("hi"), Delta(finish_reason="error")],
        [Delta(finish_reason="stop")],
        [Delta(reasoning="hm"), Delta(finish_reason="stop")],
        [Delta("hi"), Delta(finish_reason="stop"), Delta("anew", restarts=True)],
        [Delta("hi"), Delta(finish_reason="stop"), Delta(restarts=True), Delta(finish_reason="stop")],
        [Delta("x" * 2000), END],
        [Delta(images=(Image("data:," + "x" * 2000),)), END],
        [Delta(tool_calls=(ToolCallDelta(0, "\ud800", "f"),)), END],
    ],
)
async def test_what_is_not_whole_is_told_but_not_kept(script):
    provider = Scripted(script)
    cache = cached(provider, AnswerStore(max_answer_bytes=1500))

    heard = [await read(cache), await read(cache)]

    assert [whole(each) for each in heard] == [whole(script)] * 2
    assert len(provider.requests) == 2
    assert (cache.store.counts.stored, cache.store.bytes, cache.store.flights) == (0, 0, {})


@pytest.mark.parametrize("finish_reason", ["stop", "tool_calls", "function_call", "eos"])
async def test_an_answer_that_came_to_its_end_is_kept(finish_reason):
    provider = Scripted([Delta("hi"), Delta(finish_reason=finish_reason)])
    cache = cached(provider)

    await read(cache)

    assert (await read(cache))[-1].finish_reason == finish_reason
    assert len(provider.requests) == 1


@pytest.mark.parametrize("failure", [Overloaded("x"), ContentRefused("x"), BotErrorNoRetry("x"), RuntimeError("x")])
@pytest.mark.parametrize("before", [[], [Delta("hi")], [Delta("hi"), END]])
async def test_a_failure_is_raised_as_it_is_and_nothing_is_kept(failure, before):
    cache = cached(Scripted([*before, failure], [Delta("better"), END]))
    client = Client(cache)

    with pytest.raises(type(failure)) as caught:
        await client.done()

    assert caught.value is failure
    assert client.words == text_of(before)
    assert await words(cache) == "better"


async def test_an_answer_that_was_left_is_not_kept():
    provider = saying("hi ", "there")
    cache = cached(provider)
    stream = cache.stream(QUESTION)
    await anext(stream)

    await stream.aclose()

    assert provider.closed == 1
    assert (cache.store.answers, cache.store.flights) == (0, {})


async def test_of_an_answer_that_began_anew_only_the_last_form_is_kept():
    script = [Delta("wrong", model="bad"), Delta(reasoning="hm", restarts=True), Delta("right", model="good"), END]
    cache = cached(Scripted(script))

    first, second = await read(cache), await read(cache)

    assert whole(first) == whole(second) == whole(script)
    assert [delta.restarts for delta in first].count(True) == 1
    assert not any(delta.restarts or "wrong" in delta.text for delta in second)


async def test_whoever_asks_anew_is_answered_anew_and_so_are_those_after():
    cache = cached(Scripted([Delta("old"), END], [Delta("new"), END]))

    heard = [await words(cache), await words(cache), await words(cache, fresh()), await words(cache)]

    assert heard == ["old", "old", "new", "new"]


async def test_the_old_answer_stays_when_asking_anew_fails():
    cache = cached(Scripted([Delta("old"), END], [Overloaded("down")]))
    await read(cache)

    with pytest.raises(Overloaded):
        await read(cache, fresh())

    assert await words(cache) == "old"


@pytest.mark.parametrize(
    ("scope", "same", "others"),
    [
        ("bot", ({"user": "bob"}, {"conversation": "c2"}, {"message": "m2"}, {"door": "v1"}), ({"bot": "Cook"},)),
        ("user", ({"conversation": "c2"}, {"message": "m2"}), ({"user": "bob"}, {"bot": "Cook"}, {"door": "v1"})),
        ("conversation", ({"message": "m2"},), ({"conversation": "c2"}, {"user": "bob"}, {"bot": "Cook"})),
    ],
)
async def test_an_answer_stays_in_its_scope(scope, same, others):
    provider = saying("hi")
    cache = cached(provider, rules=CacheRules(60, scope))
    await read(cache)

    for fields in same:
        await read(cache, asked_by(**fields))
    asked_within = len(provider.requests)
    for fields in others:
        await read(cache, asked_by(**fields))

    assert asked_within == 1
    assert len(provider.requests) == 1 + len(others)


@pytest.mark.parametrize(("scope", "missing"), [("bot", "bot"), ("user", "user"), ("conversation", "conversation")])
async def test_an_answer_that_would_be_nobodys_is_not_kept(scope, missing):
    provider = saying("hi")
    cache = cached(provider, rules=CacheRules(60, scope))

    heard = [await words(cache, asked_by(**{missing: ""})) for _ in range(2)]

    assert (heard, len(provider.requests), cache.store.answers) == (["hi", "hi"], 2, 0)


async def test_another_question_has_its_own_answer():
    cache = cached(Scripted([Delta("one"), END], [Delta("two"), END]))
    other = msgspec.structs.replace(QUESTION, messages=(ChatMessage("user", "Ho"),))

    heard = [await words(cache), await words(cache, other), await words(cache), await words(cache, other)]

    assert heard == ["one", "two", "one", "two"]


async def test_the_answer_of_other_targets_is_not_given():
    store = AnswerStore()
    old, new = saying("old"), saying("new")

    await read(Cached(old, CacheRules(60), store, "openai:m"))

    assert await words(Cached(new, CacheRules(60), store, "openai:m,anthropic:c")) == "new"


async def test_what_is_kept_outlives_the_provider_that_said_it():
    store = AnswerStore()
    before, after = saying("hi"), saying("no")
    await read(cached(before, store))

    assert await words(cached(after, store)) == "hi"
    assert after.requests == []


async def test_the_request_goes_on_as_it_came():
    provider = saying("hi")

    await read(cached(provider), fresh())

    assert provider.requests == [fresh()]


async def test_what_happens_is_counted():
    cache = cached(Scripted([Delta("hi"), END], [Delta("hi"), BrokenStream("cut")]))
    nobody = msgspec.structs.replace(QUESTION, origin=Origin())
    await read(cache)
    await read(cache)
    await read(cache)

    with pytest.raises(BrokenStream):
        await read(cache, asked_by(user="bob"))
    with pytest.raises(BrokenStream):
        await read(cache, nobody)

    counts = cache.store.counts
    assert (counts.hits, counts.misses, counts.joined, counts.stored, counts.evicted) == (2, 2, 0, 1, 0)
    assert cache.store.bytes > 0
