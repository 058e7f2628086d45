"""The demo in this process."""

import asyncio
from contextlib import aclosing

import pytest

from utils import errors
from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta
from utils.providers.demo import AT_ONCE, DemoProvider, Pace


def asking(text: str, **fields) -> ChatRequest:
    return ChatRequest((ChatMessage("user", text),), **fields)


async def read(provider: ChatProvider, request: ChatRequest, into: list[Delta] | None = None) -> list[Delta]:
    deltas = [] if into is None else into
    async for delta in provider.stream(request):
        deltas.append(delta)
    return deltas


async def test_it_answers_in_pieces_and_ends_with_reason_and_usage():
    *pieces, end = await read(DemoProvider(), asking("/echo one two"))

    assert pieces == [Delta(text="one"), Delta(text=" two")]
    assert end.finish_reason == "stop"
    assert end.usage is not None
    assert (end.usage.input_tokens, end.usage.output_tokens) == (3, 2)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, errors.RequestRejected),
        (401, errors.KeyRefused),
        (402, errors.QuotaExhausted),
        (404, errors.ModelNotFound),
        (418, errors.RequestRejected),
        (429, errors.RateLimited),
        (500, errors.Overloaded),
        (503, errors.Overloaded),
        (529, errors.Overloaded),
    ],
)
async def test_an_ordered_status_is_its_failure(status, failure):
    with pytest.raises(failure) as caught:
        await read(DemoProvider("a"), asking(f"/fail {status}"))

    assert type(caught.value) is failure
    assert (caught.value.provider, caught.value.status) == ("a", status)


async def test_a_rate_limit_says_when_to_come_back():
    with pytest.raises(errors.RateLimited) as caught:
        await read(DemoProvider(), asking("/fail 429 7"))

    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("order", "failure", "pieces"),
    [
        ("/break 2", errors.BrokenStream, 2),
        ("/nodone 2", errors.BrokenStream, 2),
        ("/error-inside 2", errors.Overloaded, 2),
        ("/html", errors.NotAStream, 0),
        ("/empty", errors.EmptyAnswer, 0),
        ("/comments", errors.TimedOut, 0),
        ("/hang", errors.TimedOut, 0),
        ("/wait 900", errors.TimedOut, 0),
        ("/slow 900", errors.TimedOut, 1),
    ],
)
async def test_trouble_comes_after_the_ordered_pieces(order, failure, pieces):
    heard: list[Delta] = []

    with pytest.raises(failure):
        await read(DemoProvider(), asking(f"{order} /tokens 5", timeout=0.01), heard)

    assert len(heard) == pieces


async def test_a_hang_lasts_until_it_is_cancelled():
    task = asyncio.create_task(read(DemoProvider(), asking("/hang")))
    done, _ = await asyncio.wait({task}, timeout=0.02)

    task.cancel()

    assert not done
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_only_matters_on_the_wire_changes_nothing():
    assert await read(DemoProvider(), asking("/drip /crlf /nulls /list /json-body /tokens 3")) == await read(
        DemoProvider(), asking("/drip /drip /drip /drip /drip /tokens 3")
    )


async def test_the_models_name_orders_too():
    assert len(await read(DemoProvider(default_model="demo-tokens-3"), asking("hello"))) == 4
    assert len(await read(DemoProvider(default_model="demo-tokens-3"), asking("hello", model="demo-tokens-5"))) == 6


async def test_the_pace_is_kept():
    clock = asyncio.get_running_loop().time
    started = clock()

    await read(DemoProvider(pace=Pace(first_token_ms=10, token_ms=5)), asking("/tokens 5"))

    assert clock() - started >= 0.029


async def test_without_a_pace_others_still_have_their_turn():
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await read(DemoProvider(pace=AT_ONCE), asking("/tokens 1000"))
    task.cancel()

    assert turns > 50


async def test_it_can_be_closed_in_the_middle():
    async with aclosing(DemoProvider().stream(asking("/tokens 5"))) as deltas:
        first = await anext(deltas)

    assert first == Delta(text="tok0")
    with pytest.raises(StopAsyncIteration):
        await anext(deltas)
