"""Steps that wait for the database at the same time are done together."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.ledger.budgets.money import NOON, hold, share
from utils.ledger.budgets import Amount, InDatabase
from utils.ledger.database import Database
from utils.ledger.trouble import NotAcceptable


class Counting(Database):
    """A database in a file that knows how often something was written, and can be made to wait before that."""

    transactions = 0
    gate: asyncio.Event | None = None

    @asynccontextmanager
    async def begin(self):
        self.transactions += 1
        if self.gate is not None:
            await self.gate.wait()
        async with super().begin() as connection:
            yield connection


@pytest.fixture
async def database(tmp_path):
    counting = Counting(tmp_path / "ledger.db")
    yield counting
    await counting.aclose()


async def test_many_take_few_transactions(database):
    store, holds = InDatabase(database), [hold(share(1)) for _ in range(50)]

    refusals = await asyncio.gather(*(store.reserve(each, NOON) for each in holds))
    await asyncio.gather(*(store.settle(each, [Amount(0, 2)]) for each in holds))

    [state] = await store.states(NOON)
    assert refusals == [None] * 50
    assert (state.spent.tokens, state.reserved.tokens) == (100, 0)
    assert database.transactions <= 4


async def test_what_one_cannot_have_keeps_no_other_from_it(database):
    store, begun = InDatabase(database), hold(share(1))
    others = [hold(share(1)) for _ in range(3)]

    found = await asyncio.gather(
        *(store.reserve(each, NOON) for each in (begun, begun, *others)), return_exceptions=True
    )

    assert [type(each) for each in found] == [type(None), NotAcceptable, *[type(None)] * 3]
    [state] = await store.states(NOON)
    assert state.reserved.tokens == 4


async def test_one_that_stops_waiting_takes_no_other_along(database):
    store, others = InDatabase(database), [hold(share(1)) for _ in range(3)]
    database.gate = asyncio.Event()
    first = asyncio.create_task(store.reserve(hold(share(50)), NOON))
    rest = [asyncio.create_task(store.reserve(each, NOON)) for each in others]
    while not database.transactions:
        await asyncio.sleep(0)

    first.cancel()
    database.gate.set()

    assert await asyncio.gather(*rest) == [None] * 3
    assert first.cancelled()
    [state] = await store.states(NOON)
    assert state.reserved.tokens == 3
