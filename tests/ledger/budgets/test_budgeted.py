"""A provider that is asked only while there is money for it."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.ledger.budgets.money import MIDNIGHT, SOMEBODY, Away, Clock, limit, total
from tests.routing.scripted import END, Scripted, read
from tests.virtual_time import run
from utils.chat import ChatMessage, ChatRequest, Delta, Usage
from utils.errors import BotErrorNoRetry, BrokenStream, KeyRefused, Overloaded
from utils.ledger.budgets import (
    Budgeted,
    BudgetHeld,
    Budgets,
    BudgetSpent,
    BudgetUnknown,
    InMemory,
    Limit,
    ProviderBudgetSpent,
    Till,
)
from utils.ledger.market import Market
from utils.ledger.prices import Prices
from utils.registry import ProviderConfig

MARKET = Market()
REGISTRY = {
    "p": ProviderConfig.model_validate(
        {
            "name": "p",
            "api_base": "https://api.example/v1",
            "models": [{"name": "m", "price": {"input": 1000, "output": 1000}}, "unpriced"],
        }
    )
}
QUESTION = ChatRequest((ChatMessage("user", "x" * 40),), max_tokens=90, origin=SOMEBODY)
"""Ten tokens, and ninety for the answer: ten cents at most."""
ANSWER = (Delta("Hello"), Delta(finish_reason="stop", usage=Usage(10, 10)))
"""Two cents."""


def budgeted(provider, budgets: Budgets, *limits: Limit, model: str = "m") -> Budgeted:
    limits = limits or (limit(usd="0.10"),)
    return Budgeted(provider, Till("p", model, limits, budgets, Prices(REGISTRY, MARKET), held_for=660))


async def test_what_an_answer_has_cost_is_spent_and_no_more():
    budgets = Budgets(clock=Clock())

    await read(budgeted(Scripted(*ANSWER), budgets), QUESTION)

    assert await total(budgets) == (Decimal("0.02"), 20)
    [state] = await budgets.state()
    assert state.reserved == (0, 0)


async def test_nobody_is_asked_any_more_when_it_is_used_up():
    budgets, provider = Budgets(clock=Clock()), Scripted(*ANSWER)
    asked = budgeted(provider, budgets, limit(usd="0.06"))
    for _ in range(3):
        await read(asked, QUESTION)
        await budgets.settled()

    with pytest.raises(BudgetSpent, match="used up until 2026-11-22 00:00 UTC") as told:
        await read(asked, QUESTION)

    assert isinstance(told.value, BotErrorNoRetry)
    assert told.value.begins == "2026-11-22 00:00 UTC"
    assert not told.value.allow_retry
    assert len(provider.requests) == 3


async def test_a_new_day_brings_a_new_budget():
    clock = Clock()
    budgets = Budgets(clock=clock)
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd="0.02"))
    await read(asked, QUESTION)
    await budgets.settled()

    clock.now = MIDNIGHT - 1
    with pytest.raises(BudgetSpent):
        await read(asked, QUESTION)
    clock.now = MIDNIGHT

    assert await read(asked, QUESTION) == [*ANSWER]


async def test_an_answer_over_midnight_is_paid_by_the_day_in_which_it_began():
    clock = Clock(MIDNIGHT - 1)
    budgets = Budgets(clock=clock)
    async with aclosing(budgeted(Scripted(*ANSWER), budgets).stream(QUESTION)) as deltas:
        await anext(deltas)
        clock.now = MIDNIGHT + 1
        async for _ in deltas:
            pass
    await budgets.settled()

    clock.now = MIDNIGHT - 1
    [state] = await budgets.state()
    assert (state.purse.period, state.spent.usd) == ("2026-11-21", 20_000_000)


async def test_of_many_at_once_with_money_for_one_one_is_asked():
    budgets, provider = Budgets(clock=Clock()), Scripted(*ANSWER)
    asked = budgeted(provider, budgets)

    found = await asyncio.gather(*(read(asked, QUESTION) for _ in range(50)), return_exceptions=True)

    assert len(provider.requests) == 1
    assert sum(isinstance(each, BudgetHeld) for each in found) == 49


@pytest.mark.parametrize(
    ("script", "spent"),
    [
        ((Overloaded("down"),), (Decimal(0), 0)),
        ((KeyRefused("no"),), (Decimal(0), 0)),
        ((Delta("x" * 40), BrokenStream("cut")), (Decimal("0.02"), 20)),
        ((Delta("x", usage=Usage(10, 30)), BrokenStream("cut")), (Decimal("0.04"), 40)),
        ((Delta("x" * 40), END), (Decimal("0.02"), 20)),
        ((Delta("x", usage=Usage(1, 1, cost=Decimal("0.005"))), END), (Decimal("0.005"), 2)),
        ((Delta("x", usage=Usage(10**40, -5)), END), (Decimal(1_000_000), 10**12)),
    ],
)
async def test_what_failed_or_broke_off_costs_what_it_has_used(script, spent):
    budgets = Budgets(clock=Clock())

    await asyncio.gather(read(budgeted(Scripted(*script), budgets), QUESTION), return_exceptions=True)

    assert await total(budgets) == spent
    assert [state.reserved for state in await budgets.state()] == [(0, 0)]


async def test_who_hangs_up_has_used_what_was_sent_and_said():
    budgets = Budgets(clock=Clock())

    async with aclosing(budgeted(Scripted(Delta("x" * 40), *ANSWER), budgets).stream(QUESTION)) as deltas:
        await anext(deltas)

    assert await total(budgets) == (Decimal("0.02"), 20)


@pytest.mark.parametrize(
    ("fields", "spent"),
    [({}, Decimal(0)), ({"unknown_price": 500}, Decimal("0.01"))],
)
async def test_a_model_without_a_price_costs_nothing_or_what_the_owner_says(fields, spent):
    budgets = Budgets(clock=Clock())
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd=1, **fields), model="unpriced")

    await read(asked, QUESTION)

    assert await total(budgets) == (spent, 20)


async def test_tokens_can_be_limited_instead_of_money():
    budgets = Budgets(clock=Clock())
    asked = budgeted(Scripted(*ANSWER), budgets, limit(tokens=15), model="unpriced")
    await read(asked, QUESTION)
    await budgets.settled()

    with pytest.raises(BudgetSpent):
        await read(asked, QUESTION)


async def test_each_person_has_a_budget_and_is_not_known_by_name():
    budgets = Budgets(clock=Clock())
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd="0.02", scope="user"))
    other = msgspec.structs.replace(QUESTION, origin=msgspec.structs.replace(SOMEBODY, user="u-2"))
    elsewhere = msgspec.structs.replace(QUESTION, origin=msgspec.structs.replace(SOMEBODY, door="api"))
    await read(asked, QUESTION)
    await budgets.settled()

    with pytest.raises(BudgetSpent):
        await read(asked, QUESTION)
    await read(asked, other)
    await read(asked, elsewhere)

    names = [state.purse.who for state in await budgets.state()]
    assert len(names) == 3
    assert not any("u-" in name for name in names)


async def test_all_bots_can_share_one_budget():
    budgets = Budgets(clock=Clock())
    shared = limit(usd="0.02", scope="all").budget
    await read(budgeted(Scripted(*ANSWER), budgets, Limit("bot Poet", shared)), QUESTION)
    await budgets.settled()

    with pytest.raises(BudgetSpent, match="all bots"):
        await read(budgeted(Scripted(*ANSWER), budgets, Limit("bot Other", shared)), QUESTION)


async def test_several_budgets_all_have_to_be_kept_each_for_itself():
    budgets = Budgets(clock=Clock())
    of_provider = Limit("provider p", limit(usd=1, scope="provider", per="month").budget)
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd=5), limit(tokens=20, scope="user"), of_provider)
    await read(asked, QUESTION)
    await budgets.settled()

    with pytest.raises(BudgetSpent, match="each user of bot Poet"):
        await read(asked, QUESTION)

    spent = {(state.purse.owner, state.purse.scope): state.spent.tokens for state in await budgets.state()}
    assert spent == {("bot Poet", "bot"): 20, ("bot Poet", "user"): 20, ("provider p", "provider"): 20}


async def test_the_budget_of_a_provider_says_that_it_is_the_providers():
    budgets = Budgets(clock=Clock())
    asked = budgeted(Scripted(*ANSWER), budgets, Limit("provider p", limit(usd="0.01", scope="provider").budget))
    await read(asked, QUESTION)
    await budgets.settled()

    with pytest.raises(ProviderBudgetSpent):
        await read(asked, QUESTION)


async def test_one_warning_is_logged_at_the_threshold_and_seen_afterwards():
    budgets = Budgets(clock=Clock())
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd="0.10", warn_at=0.5))

    with capture_logs() as logs:
        for _ in range(4):
            await read(asked, QUESTION)
            await budgets.settled()

    warnings = [log for log in logs if log["event"] == "budget.warning"]
    assert [(log["owner"], log["period"], log["usd"]) for log in warnings] == [("bot Poet", "2026-11-21", "0.10")]
    assert [state.has_warned for state in await budgets.state()] == [True]


@pytest.mark.parametrize("trouble", [None, RuntimeError("a mistake of ours")])
def test_without_a_store_it_answers_or_not_as_the_owner_wants(trouble):
    async def answers(when_unavailable: str) -> list[Delta]:
        budgets = Budgets(Away(trouble), clock=Clock())
        try:
            return await read(
                budgeted(Scripted(*ANSWER), budgets, limit(usd=1, when_unavailable=when_unavailable)), QUESTION
            )
        finally:
            await budgets.settled()

    with capture_logs() as logs:
        assert run(answers("open")) == [*ANSWER]
        with pytest.raises(BudgetUnknown):
            run(answers("closed"))

    assert [log["goes_on"] for log in logs if log["event"] == "budget.unavailable"] == [True, False]


@pytest.mark.parametrize(("when_unavailable", "expected"), [("open", [*ANSWER]), ("closed", BudgetUnknown)])
async def test_while_people_have_no_names_it_answers_or_not_as_the_owner_wants(when_unavailable, expected):
    def nameless(user: str) -> str:
        raise Away().trouble

    budgets = Budgets(clock=Clock(), user_id=nameless)
    asked = budgeted(Scripted(*ANSWER), budgets, limit(usd=1, scope="user", when_unavailable=when_unavailable))

    [found] = await asyncio.gather(read(asked, QUESTION), return_exceptions=True)

    assert found == expected or type(found) is expected
    assert await total(budgets) == (Decimal(0), 0)


def test_a_slow_store_holds_up_an_answer_for_a_quarter_of_a_second():
    class Slow(Away):
        async def reserve(self, hold, now):
            await asyncio.sleep(9)

        async def settle(self, hold, spent):
            return []

    async def took(when_unavailable: str) -> float:
        budgets = Budgets(Slow(), clock=Clock())
        budgets._was_reached = True
        began = asyncio.get_running_loop().time()
        await asyncio.gather(
            read(budgeted(Scripted(*ANSWER), budgets, limit(usd=1, when_unavailable=when_unavailable)), QUESTION),
            return_exceptions=True,
        )
        seconds = asyncio.get_running_loop().time() - began
        await budgets.aclose()
        return seconds

    assert run(took("open")) == pytest.approx(0.25)
    assert run(took("closed")) == pytest.approx(0.25)


async def test_what_the_store_granted_too_late_is_given_back():
    class Late(InMemory):
        async def reserve(self, hold, now):
            await gate.wait()
            return await super().reserve(hold, now)

    gate = asyncio.Event()
    budgets = Budgets(Late(), clock=Clock(), first_patience=0.01)

    with pytest.raises(BudgetUnknown):
        await read(budgeted(Scripted(*ANSWER), budgets, limit(usd=1, when_unavailable="closed")), QUESTION)
    gate.set()

    assert await total(budgets) == (Decimal(0), 0)
    assert [state.reserved for state in await budgets.state()] == [(0, 0)]


async def test_who_leaves_while_it_is_reserved_has_reserved_nothing():
    class Late(InMemory):
        async def reserve(self, hold, now):
            asked.set()
            await gate.wait()
            return await super().reserve(hold, now)

    gate, asked = asyncio.Event(), asyncio.Event()
    budgets, provider = Budgets(Late(), clock=Clock()), Scripted(*ANSWER)
    task = asyncio.create_task(read(budgeted(provider, budgets, limit(usd=1)), QUESTION))
    await asked.wait()

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gate.set()

    assert await total(budgets) == (Decimal(0), 0)
    assert [state.reserved for state in await budgets.state()] == [(0, 0)]
    assert provider.requests == []


def test_what_cannot_be_settled_at_once_is_tried_again():
    class Shaky(InMemory):
        failures = 2

        async def settle(self, hold, spent):
            if self.failures:
                self.failures -= 1
                raise Away().trouble
            return await super().settle(hold, spent)

    async def spent() -> tuple[Decimal, int]:
        budgets = Budgets(Shaky(), clock=Clock())
        await read(budgeted(Scripted(*ANSWER), budgets), QUESTION)
        return await total(budgets)

    assert run(spent()) == (Decimal("0.02"), 20)
