"""Several processes with one budget between them."""

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.ledger.budgets.money import NOON
from tests.ledger.databases import new_postgresql
from utils.ledger.budgets import InDatabase
from utils.ledger.database import Database
from utils.settings import ROOT

PROCESSES = 3
ANSWERS = 12
RESERVED, USED, LIMIT = 10, 7, 100

SPEND = f"""
import asyncio, json, sys
from pathlib import Path
from tests.ledger.budgets.money import NOON, hold, share
from utils.ledger.budgets import Amount, InDatabase
from utils.ledger.database import Database

async def main():
    where = sys.argv[1]
    database = Database.of(where if "://" in where else Path(where))
    store = InDatabase(database)
    await store.ready()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    most = taken = 0

    async def answer():
        nonlocal most, taken
        begun = hold(share({RESERVED}, limit={LIMIT}))
        if await store.reserve(begun, NOON) is None:
            [state] = await store.states(NOON)
            most = max(most, state.spent.tokens + state.reserved.tokens)
            taken += {USED}
            await store.settle(begun, [Amount(0, {USED})])

    await asyncio.gather(*(answer() for _ in range({ANSWERS})))
    await database.aclose()
    print(json.dumps([most, taken]))

asyncio.run(main())
"""


async def spending(where: str) -> "list[list[int]]":
    """What each of the processes saw at most, and has spent. They begin at the same time."""
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SPEND, where), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * PROCESSES
    return [json.loads(out) for out, _ in told]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_together_they_never_spend_more_than_the_budget_and_one_reservation(kind, tmp_path):
    async with AsyncExitStack() as stack:
        where = str(tmp_path / "ledger.db")
        if kind == "postgresql":
            where = stack.enter_context(new_postgresql())
        database = Database.of(where if kind == "postgresql" else Path(where))
        stack.push_async_callback(database.aclose)
        store = InDatabase(database)
        await store.ready()

        told = await spending(where)
        [state] = await store.states(NOON)

    assert max(most for most, _ in told) <= LIMIT + RESERVED
    assert state.spent.tokens == sum(taken for _, taken in told) <= LIMIT + RESERVED
    assert state.spent.tokens >= RESERVED
    assert state.reserved.tokens == 0
