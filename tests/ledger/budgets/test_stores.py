"""What holds for every store: in memory, in a file, in PostgreSQL."""

import asyncio

from tests.ledger.budgets.money import MIDNIGHT, NOON, hold, share, spent_of
from utils.ledger.budgets import Amount


async def test_what_is_reserved_cannot_be_had_twice(store):
    first = await store.reserve(hold(share(60)), NOON)
    second = await store.reserve(hold(share(60)), NOON)

    assert first is None
    assert second is not None
    assert not second.is_spent


async def test_what_was_not_needed_is_given_back(store):
    begun = hold(share(60))
    await store.reserve(begun, NOON)

    await store.settle(begun, [Amount(0, 10)])

    assert await store.reserve(hold(share(60)), NOON) is None
    [state] = await store.states(NOON)
    assert (state.spent.tokens, state.reserved.tokens, state.limit) == (10, 60, (None, 100))


async def test_nothing_is_had_of_what_is_used_up(store):
    begun = hold(share(60))
    await store.reserve(begun, NOON)
    await store.settle(begun, [Amount(0, 100)])

    refusal = await store.reserve(hold(share(1)), NOON)

    assert refusal is not None
    assert refusal.is_spent


async def test_one_that_may_need_more_than_is_left_goes_alone(store):
    first = await store.reserve(hold(share(1000)), NOON)
    second = await store.reserve(hold(share(1)), NOON)

    assert first is None
    assert second is not None


async def test_of_several_purses_all_give_or_none(store):
    await store.reserve(hold(share(90)), NOON)

    refusal = await store.reserve(hold(share(20, who="u"), share(20)), NOON)

    assert refusal is not None
    assert refusal.share.purse.scope == "bot"
    assert [state.reserved.tokens for state in await store.states(NOON) if state.purse.scope == "user"] in ([], [0])


async def test_settling_counts_once_for_each_purse_in_any_order(store):
    begun = hold(share(20, who="u", per="month"), share(20))
    await store.reserve(begun, NOON)

    await store.settle(begun, [Amount(0, 7), Amount(0, 8)])

    found = {purse.scope: spent.tokens for purse, spent in (await spent_of(store)).items()}
    assert found == {"user": 7, "bot": 8}


async def test_what_the_dead_have_reserved_is_free_again(store):
    await store.reserve(hold(share(100), until=NOON + 10), NOON)

    early = await store.reserve(hold(share(50)), NOON + 9)
    late = await store.reserve(hold(share(50)), NOON + 12)

    assert early is not None
    assert late is None


async def test_one_that_took_longer_than_its_reservation_is_counted_all_the_same(store):
    slow = hold(share(100), until=NOON + 10)
    await store.reserve(slow, NOON)
    await store.reserve(hold(share(50)), NOON + 12)

    await store.settle(slow, [Amount(0, 30)])

    [state] = await store.states(NOON)
    assert (state.spent.tokens, state.reserved.tokens) == (30, 50)


async def test_the_threshold_is_told_once(store):
    told = []
    for _ in range(4):
        begun = hold(share(30, warn_at=0.5))
        await store.reserve(begun, NOON)
        told.append(len(await store.settle(begun, [Amount(0, 30)])))

    assert told == [0, 1, 0, 0]
    [state] = await store.states(NOON)
    assert state.has_warned


async def test_a_period_that_is_over_is_shown_no_more(store):
    await store.reserve(hold(share(60)), NOON)

    assert len(await store.states(MIDNIGHT - 1)) == 1
    assert await store.states(MIDNIGHT) == []


async def test_settling_what_was_never_reserved_counts_it(store):
    await store.settle(hold(share(60)), [Amount(0, 30)])

    [state] = await store.states(NOON)
    assert (state.spent.tokens, state.reserved.tokens) == (30, 0)


async def test_of_many_at_once_as_many_go_as_there_is_money_for(store):
    found = await asyncio.gather(*(store.reserve(hold(share(30)), NOON) for _ in range(20)))

    assert sum(refusal is None for refusal in found) == 3


async def test_several_purses_in_any_order_never_wait_for_each_other(store):
    pairs = [(share(1, limit=1000, who="u"), share(1, limit=1000))] * 10
    holds = [hold(*(pair if number % 2 else pair[::-1])) for number, pair in enumerate(pairs)]

    await asyncio.gather(*(store.reserve(each, NOON) for each in holds))
    await asyncio.gather(*(store.settle(each, [Amount(0, 1)] * 2) for each in holds))

    assert [state.spent.tokens for state in await store.states(NOON)] == [10, 10]
    assert [state.reserved.tokens for state in await store.states(NOON)] == [0, 0]
