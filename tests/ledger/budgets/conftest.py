"""A store of each kind."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import delete

from tests.ledger.databases import new_postgresql
from utils.ledger.budgets import BudgetStore, InDatabase, InMemory
from utils.ledger.budgets.tables import holds, purses
from utils.ledger.database import Database


@pytest.fixture(scope="session")
def server_database() -> Iterator[str]:
    """The address of a database that the tests of this worker empty and use again."""
    with new_postgresql() as address:
        yield address


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[BudgetStore]:
    """An empty store that is ready."""
    if request.param == "memory":
        yield InMemory()
        return
    async with AsyncExitStack() as stack:
        where = tmp_path / "ledger.db"
        if request.param == "postgresql":
            where = request.getfixturevalue("server_database")
        database = Database.of(where)
        stack.push_async_callback(database.aclose)
        store = InDatabase(database)
        async with database.begin() as connection:
            await connection.execute(delete(purses))
            await connection.execute(delete(holds))
        yield store
