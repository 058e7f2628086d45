import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from tests.poe.charging.fake_poe import SUCCESS, Call, FakePoe, Reply, query, result
from tests.serving import serving
from utils.chat import ChatMessage, ChatRequest, Delta, Usage
from utils.poe.charging import CostApi, CostApiUnavailable, FreeOfCharge, InsufficientPoints, NotChargeable, Till
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

PRICE = Price(input=Decimal(10), output=Decimal(20))
"""A token costs one milli-cent to read, and two to write."""
REQUEST = ChatRequest(messages=(ChatMessage("user", "a" * 400),), max_tokens=50)
"""About 100 tokens, and at most 50 for the answer."""
DOWN = Reply(b"", 503)
MARKUP = Charge(markup=Decimal(1))
FIXED = Charge(per_message=Decimal("0.003"))


class Shop:
    """A till in front of a Poe that listens on this machine."""

    def __init__(self, charge=MARKUP, price=PRICE, reply=SUCCESS, **options):
        self.poe = FakePoe(reply)
        self._make = lambda api: Till(charge, price, api, bot_name="Bot", **options)
        self._serving = serving(self.poe)

    async def __aenter__(self):
        self.api = CostApi(await self._serving.__aenter__())
        self.till = self._make(self.api)
        return self.till, self.poe

    async def __aexit__(self, *exc):
        await self.till.aclose()
        await self.api.aclose()
        await self._serving.__aexit__(*exc)


def captured(poe):
    return [call.milli_cents for call in poe.calls if call.verb == "capture"]


def authorized(poe):
    return [call.milli_cents for call in poe.calls if call.verb == "authorize"]


async def words():
    while True:
        yield Delta("word")


async def test_the_expected_cost_is_authorised_and_the_true_one_captured():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(120, 30), "said", PRICE)

    assert poe.calls == [Call("authorize", "q-1", 200), Call("capture", "q-1", 180)]


async def test_the_true_cost_may_be_more_than_was_expected():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(1000, 1000), "said", PRICE)

    assert (authorized(poe), captured(poe)) == ([200], [3000])


async def test_the_price_is_that_of_the_model_that_answered():
    dear = Price(input=Decimal(100), output=Decimal(200))

    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", dear)

    assert captured(poe) == [1200]


async def test_a_model_without_a_price_costs_as_the_one_that_was_announced():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", None)

    assert captured(poe) == [120]


async def test_what_nobody_counted_is_estimated_and_the_log_says_so():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        with capture_logs() as logs:
            await till.capture(query(), None, "b" * 40, PRICE)

    assert captured(poe) == [120]
    assert logs == [
        {
            "event": "charge.captured",
            "log_level": "info",
            "bot": "Bot",
            "message": "m-1",
            "milli_cents": 120,
            "estimated": True,
        }
    ]


@pytest.mark.parametrize("usage", [None, Usage(100, 0), Usage(100, 500)])
async def test_nothing_is_captured_when_nothing_was_said(usage):
    async with Shop(FIXED) as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), usage, "", PRICE)

    assert poe.calls == [Call("authorize", "q-1", 300)]


async def test_an_answer_that_failed_and_is_asked_for_again_is_paid_once():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), None, "", PRICE)
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert (authorized(poe), captured(poe)) == ([200], [120])


async def test_an_answer_that_is_paid_for_is_neither_authorised_nor_captured_again():
    async with Shop() as (till, poe):
        for bot_query_id in ("q-1", "q-1", "q-2"):
            await till.authorize(query(bot_query_id=bot_query_id), REQUEST)
            await till.capture(query(bot_query_id=bot_query_id), Usage(100, 10), "said", PRICE)

    assert poe.calls == [Call("authorize", "q-1", 200), Call("capture", "q-1", 120)]


async def test_another_query_for_an_answer_that_is_not_paid_for_is_authorised_itself():
    async with Shop() as (till, poe):
        await till.authorize(query(bot_query_id="q-1"), REQUEST)
        await till.authorize(query(bot_query_id="q-2"), REQUEST)
        await till.capture(query(bot_query_id="q-2"), Usage(100, 10), "said", PRICE)

    assert poe.calls == [Call("authorize", "q-1", 200), Call("authorize", "q-2", 200), Call("capture", "q-2", 120)]


async def test_each_answer_is_paid_for():
    async with Shop() as (till, poe):
        for number in range(3):
            asked = query(f"m-{number}", f"q-{number}")
            await till.authorize(asked, REQUEST)
            await till.capture(asked, Usage(100, number), "said", PRICE)

    assert captured(poe) == [100, 102, 104]


async def test_answers_without_a_message_id_are_told_apart_by_their_query():
    async with Shop(FIXED) as (till, poe):
        for bot_query_id in ("q-1", "q-2", "q-2"):
            await till.authorize(query("", bot_query_id), REQUEST)
            await till.capture(query("", bot_query_id), None, "said", PRICE)

    assert [call.bot_query_id for call in poe.calls] == ["q-1", "q-1", "q-2", "q-2"]


async def test_the_same_answer_at_once_is_authorised_and_captured_once():
    async def answer(till):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", PRICE)

    async with Shop() as (till, poe):
        await asyncio.gather(*(answer(till) for _ in range(20)))

    assert (authorized(poe), captured(poe)) == ([200], [120])


async def test_twenty_captures_of_one_answer_at_once_are_one():
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        await asyncio.gather(*(till.capture(query(), Usage(100, 10), "said", PRICE) for _ in range(20)))

    assert captured(poe) == [120]


async def test_the_next_one_asks_poe_itself_when_the_first_was_cancelled_while_asking():
    async with Shop() as (till, poe):
        poe.may_reply.clear()
        first = asyncio.create_task(till.authorize(query(), REQUEST))
        await poe.called.wait()
        second = asyncio.create_task(till.authorize(query(), REQUEST))
        first.cancel()
        poe.may_reply.set()
        await second

        await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert first.cancelled()
    assert captured(poe) == [120]


async def test_what_was_said_until_the_person_left_is_captured():
    async with Shop() as (till, poe):
        async with aclosing(till.paid_for(words(), query(), REQUEST, PRICE)) as answer:
            for _ in range(10):
                await anext(answer)

    assert captured(poe) == [120]


async def test_a_capture_outlives_the_answer_that_is_cancelled():
    is_saying = asyncio.Event()

    async def answer(till):
        await till.authorize(query(), REQUEST)
        try:
            is_saying.set()
            await asyncio.Event().wait()
        finally:
            await till.capture(query(), Usage(100, 10), "said", PRICE)

    async with Shop() as (till, poe):
        answering = asyncio.create_task(answer(till))
        await is_saying.wait()
        poe.may_reply.clear()
        poe.called.clear()
        answering.cancel()
        await poe.called.wait()
        answering.cancel()
        with capture_logs() as logs:
            await asyncio.wait([answering])
            poe.may_reply.set()
            await till.aclose()

    assert answering.cancelled()
    assert captured(poe) == [120]
    assert [entry["event"] for entry in logs] == ["charge.captured"]


async def test_closing_waits_for_every_capture():
    async with Shop() as (till, poe):
        poe.may_reply.clear()
        waiting = []
        for number in range(3):
            asked = query(f"m-{number}", f"q-{number}")
            poe.may_reply.set()
            await till.authorize(asked, REQUEST)
            poe.may_reply.clear()
            waiting.append(asyncio.create_task(till.capture(asked, Usage(100, 10), "said", PRICE)))
            await asyncio.sleep(0)
        closing = asyncio.create_task(till.aclose())
        await asyncio.sleep(0)
        was_closed_early = closing.done()
        poe.may_reply.set()
        await closing

        assert not was_closed_early
        assert captured(poe) == [120] * 3
        await asyncio.gather(*waiting)


async def test_the_oldest_answers_are_forgotten():
    async with Shop(FIXED, remembered=2) as (till, poe):
        for number in range(5):
            await till.authorize(query(f"m-{number}", f"q-{number}"), REQUEST)
        for number in range(5):
            await till.capture(query(f"m-{number}", f"q-{number}"), None, "said", PRICE)

    assert len(till._sales._by_message) == 2
    assert captured(poe) == []


async def test_a_person_with_too_few_points_gets_no_answer():
    async with Shop(reply=result("insufficient_funds")) as (till, poe):
        with pytest.raises(InsufficientPoints):
            await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert captured(poe) == []


async def test_a_person_who_has_got_more_points_is_asked_again():
    async with Shop(reply=result("insufficient_funds")) as (till, poe):
        with pytest.raises(InsufficientPoints):
            await till.authorize(query(), REQUEST)
        poe.reply = SUCCESS
        await till.authorize(query(), REQUEST)

    assert authorized(poe) == [200, 200]


async def test_an_open_till_answers_for_free_when_poe_cannot_charge():
    async with Shop(reply=DOWN) as (till, poe):
        with capture_logs() as logs:
            await till.authorize(query(), REQUEST)
            poe.reply = SUCCESS
            await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert captured(poe) == []
    assert [(entry["event"], entry["log_level"], entry["detail"]) for entry in logs] == [
        ("charge.unavailable", "warning", "503")
    ]


async def test_a_closed_till_does_not_answer_when_poe_cannot_charge():
    closed = MARKUP.model_copy(update={"when_unavailable": "closed"})

    async with Shop(closed, reply=DOWN) as (till, _):
        with capture_logs() as logs:
            with pytest.raises(CostApiUnavailable):
                await till.authorize(query(), REQUEST)

    assert [(entry["event"], entry["answers_free"]) for entry in logs] == [("charge.unavailable", False)]


@pytest.mark.parametrize("asked", [query(bot_query_id=""), query("", ""), query(access_key="<missing>")])
async def test_an_open_till_answers_for_free_where_nobody_could_be_charged(asked):
    async with Shop() as (till, poe):
        await till.authorize(asked, REQUEST)
        await till.capture(asked, Usage(100, 10), "said", PRICE)

    assert poe.calls == []


@pytest.mark.parametrize("asked", [query(bot_query_id=""), query("", ""), query(access_key="<missing>")])
async def test_a_closed_till_does_not_answer_where_nobody_could_be_charged(asked):
    closed = MARKUP.model_copy(update={"when_unavailable": "closed"})

    async with Shop(closed) as (till, poe):
        with pytest.raises(NotChargeable):
            await till.authorize(asked, REQUEST)

    assert poe.calls == []


@pytest.mark.parametrize(("reply", "error"), [(DOWN, "CostApiUnavailable"), (result("failure"), "InsufficientPoints")])
async def test_a_capture_that_fails_spoils_nothing_and_is_not_tried_again(reply, error):
    async with Shop() as (till, poe):
        await till.authorize(query(), REQUEST)
        poe.reply = reply
        with capture_logs() as logs:
            await till.capture(query(), Usage(100, 10), "said", PRICE)
            await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert captured(poe) == [120]
    assert [(entry["event"], entry["error"]) for entry in logs] == [("charge.not_captured", error)]


async def test_poe_is_not_troubled_about_nothing():
    async with Shop(Charge(markup=Decimal(0))) as (till, poe):
        await till.authorize(query(), REQUEST)
        await till.capture(query(), Usage(100, 10), "said", PRICE)

    assert poe.calls == []


async def test_a_bot_shows_its_prices():
    till = Till(FIXED, None, CostApi())

    assert till.cost_label() == "[usd_milli_cents=300]"
    assert "| Each answer | [usd_milli_cents=300] points |" in str(till.rate_card())


async def test_a_free_bot_answers_everybody_and_shows_no_prices():
    free, answer = FreeOfCharge(), words()

    given = free.paid_for(answer, query(bot_query_id=""), REQUEST, PRICE)
    await free.aclose()

    assert given is answer
    assert (free.rate_card(), free.cost_label()) == (None, None)
