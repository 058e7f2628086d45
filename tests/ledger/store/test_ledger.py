"""A record that was taken is in the database, once, whatever happens in between."""

import asyncio
import errno
import math
import os
import sqlite3
import threading
import time
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.ledger.databases import count_in, ids_in, new_postgresql
from tests.ledger.store.conftest import QUICK
from tests.ledger.store.gate import Gate
from utils.ledger import UsageRecord
from utils.ledger.budgets import Amount, InDatabase
from utils.ledger.budgets.purse import Hold, Purse, Share
from utils.ledger.budgets.tables import holds, purses
from utils.ledger.database import Database
from utils.ledger.pace import Pace
from utils.ledger.people import Pseudonyms
from utils.ledger.stored import StoredLedger
from utils.ledger.tables import attempts
from utils.registry.budget_config import BudgetConfig

FEW = Pace(most_in_memory=5, batch=3, interval=0.01, first_pause=0.01, longest_pause=0.05, look_seconds=0.05)


def records(number: int, **fields) -> list[UsageRecord]:
    return [UsageRecord(bot="Poet", provider="openai", model="m", **fields) for _ in range(number)]


async def until(is_so) -> None:
    """Look again and again: what is waited for happens in another thread."""
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


async def rows_in(place) -> list[dict]:
    database = Database.of(place)
    try:
        async with database.connect() as connection:
            return [dict(row) for row in (await connection.execute(select(attempts))).mappings()]
    finally:
        await database.aclose()


async def test_what_is_written_is_in_the_database_when_the_ledger_is_closed(place, journal, new_ledger):
    ledger, given = new_ledger(), records(1234)

    for record in given:
        ledger.write(record)
    await ledger.aclose()

    assert sorted(await ids_in(place)) == sorted(record.id for record in given)
    assert await count_in(place) == 1234
    assert ledger.state().written == 1234
    assert ledger.state().lost == ledger.state().queued == 0
    assert not journal.exists()


async def test_every_field_is_kept(place, new_ledger):
    ledger = new_ledger(people=Pseudonyms(as_they_are=True))
    record = UsageRecord(
        at=1_700_000_000.25,
        door="poe",
        bot="Poet",
        user="u-1",
        outcome="broken",
        error="BrokenStream",
        input_tokens=10,
        cost=Decimal("0.000000001"),
        cost_source="provider",
        queued=0.5,
        seconds=1.25,
    )

    ledger.write(record)
    await ledger.aclose()

    (row,) = await rows_in(place)
    assert set(row) == {*UsageRecord.__struct_fields__, "number"}
    assert (row["at"], row["cost"], row["queued"], row["seconds"]) == (1_700_000_000_250_000, 1, 500_000, 1_250_000)
    assert (row["user"], row["outcome"], row["error"], row["input_tokens"]) == ("u-1", "broken", "BrokenStream", 10)
    assert row["output_tokens"] is row["first_content"] is None
    assert row["cached"] in (False, 0)


async def test_a_record_is_in_the_database_soon_without_anybody_closing(place, new_ledger):
    ledger = new_ledger()

    ledger.write(*records(1))
    await until(lambda: ledger.state().written == 1)

    assert await count_in(place) == 1
    await ledger.aclose()


async def test_whatever_stands_in_a_record_it_is_kept_and_the_others_too(place, new_ledger):
    ledger = new_ledger(people=Pseudonyms(as_they_are=True))
    strange = [
        {"bot": "a\0b"},
        {"model": "\ud83d"},
        {"user": "x" * 5000},
        {"input_tokens": 2**80},
        {"cost": Decimal("NaN")},
        {"cost": Decimal(10) ** 30},
        {"answered_by": "🎉" * 400},
        {"cost": Decimal("1E+999999")},
        {"seconds": math.nan},
        {"seconds": math.inf, "first_content": -math.inf},
        {"first_content": math.nan},
        {"at": math.inf, "queued": math.nan},
        {"seconds": 1e300},
    ]

    for fields in strange:
        ledger.write(UsageRecord(**fields))
    ledger.write(UsageRecord(bot="plain"))
    await ledger.aclose()

    assert await count_in(place) == len(strange) + 1
    assert ledger.state().lost == 0


async def test_times_that_are_no_numbers_come_through_the_journal(place, journal, new_ledger):
    away = new_ledger(Pace(interval=0.01, closing_seconds=2), place=Path("/dev/null/ledger.db"))
    strange = [UsageRecord(seconds=math.nan), UsageRecord(first_content=math.inf), UsageRecord(at=-math.inf)]
    for record in strange:
        away.write(record)
    await away.aclose()

    following = new_ledger()
    await following.open()
    await following.aclose()

    assert sorted(await ids_in(place)) == sorted(record.id for record in strange)
    assert [(row["seconds"], row["first_content"]) for row in await rows_in(place)] == [(0, None)] * 3


async def test_a_record_that_cannot_be_priced_is_kept_without_a_price_and_this_is_told(place, new_ledger):
    def priced(record):
        if record.bot == "Odd":
            raise ZeroDivisionError
        return structs.replace(record, cost=Decimal(2))

    ledger = new_ledger(priced=priced)

    with capture_logs() as log:
        for bot in ("Poet", "Odd", "Poet"):
            ledger.write(UsageRecord(bot=bot))
        await ledger.aclose()

    costs = sorted((row["bot"], row["cost"]) for row in await rows_in(place))
    assert costs == [("Odd", None), ("Poet", 2 * 10**9), ("Poet", 2 * 10**9)]
    assert [entry["error"] for entry in log if entry["event"] == "ledger.unpriced"] == ["ZeroDivisionError"]
    assert (ledger.state().written, ledger.state().lost, ledger.state().problem) == (3, 0, "")


async def test_a_record_that_no_sum_can_take_is_lost_loudly_and_holds_up_no_other(place, new_ledger):
    async def summed(connection, new) -> None:
        if any(record.bot == "Odd" for record in new):
            raise OverflowError

    ledger = new_ledger(also=[summed])

    with capture_logs() as log:
        for bot in ("Poet", "Odd", "Poet"):
            ledger.write(UsageRecord(bot=bot))
        await ledger.aclose()

    assert [row["bot"] for row in await rows_in(place)] == ["Poet", "Poet"]
    assert (ledger.state().written, ledger.state().lost, ledger.state().queued) == (2, 1, 0)
    assert [entry["why"] for entry in log if entry["event"] == "ledger.lost"] == ["OverflowError"]


async def test_no_record_is_blamed_for_a_database_that_takes_nothing(place, new_ledger, monkeypatch):
    ledger, given = new_ledger(), records(3)
    await ledger.open()
    begin, is_well = Database.begin, threading.Event()

    @asynccontextmanager
    async def broken(self):
        if not is_well.is_set():
            raise AttributeError  # as a driver does whose connection went away at the wrong moment
        async with begin(self) as connection:
            yield connection

    monkeypatch.setattr(Database, "begin", broken)
    for record in given:
        ledger.write(record)
    await until(lambda: ledger.state().problem == "AttributeError.")
    is_well.set()
    await until(lambda: ledger.state().written == 3)
    await ledger.aclose()

    assert ledger.state().lost == 0
    assert sorted(await ids_in(place)) == sorted(record.id for record in given)


async def test_people_have_names_that_all_ledgers_of_a_database_know_and_nobody_can_read(place, journal, new_ledger):
    first, second = new_ledger(), new_ledger()

    for ledger in (first, second):
        ledger.write(UsageRecord(user="u-secret"))
        ledger.write(UsageRecord(user="u-other"))
        assert not any("u-secret" in path.read_text() for path in journal.glob("*.jsonl"))
        await ledger.aclose()

    names = [row["user"] for row in await rows_in(place)]
    assert sorted(names) == sorted(2 * [first.people.of("u-secret"), first.people.of("u-other")])
    assert len(set(names)) == 2
    assert not any("u-" in name for name in names)


async def test_nobody_has_no_name(place, new_ledger):
    ledger = new_ledger()

    ledger.write(UsageRecord(user=""))
    await ledger.aclose()

    assert [row["user"] for row in await rows_in(place)] == [""]


async def test_what_does_not_fit_into_memory_comes_from_the_journal(place, new_ledger):
    ledger, given = new_ledger(FEW), records(100)

    for record in given:
        ledger.write(record)  # the thread has hardly begun
    in_memory = ledger.state().queued
    await until(lambda: ledger.state().written == 100)
    await ledger.aclose()

    assert in_memory <= 5
    assert sorted(await ids_in(place)) == sorted(record.id for record in given)


async def test_what_a_ledger_could_not_write_the_next_one_does(place, journal, new_ledger):
    away, given = new_ledger(Pace(interval=0.01, closing_seconds=2), place=Path("/dev/null/ledger.db")), records(20)

    for record in given:
        away.write(record)
    await away.aclose()
    next_one = new_ledger()
    await next_one.open()
    await next_one.aclose()

    assert away.state().lost == 0
    assert "cannot be" in away.state().problem
    assert sorted(await ids_in(place)) == sorted(record.id for record in given)
    assert not journal.exists()


async def test_a_record_that_comes_twice_counts_once(place, new_ledger):
    ledger, (record,) = new_ledger(), records(1)

    ledger.write(record)
    ledger.write(record)
    await until(lambda: ledger.state().written == 2)
    ledger.write(record)
    await ledger.aclose()

    assert await ids_in(place) == [record.id]


async def test_what_is_done_with_new_records_is_done_once_for_each(place, new_ledger):
    seen: list[str] = []

    async def note(connection, new) -> None:
        seen.extend(record.id for record in new)

    ledger, given = new_ledger(also=[note]), records(5)

    for record in [*given, *given]:
        ledger.write(record)
    await ledger.aclose()

    assert sorted(seen) == sorted(record.id for record in given)


async def test_what_comes_while_others_are_written_waits_for_more(place, new_ledger):
    batches: list[int] = []

    async def meanwhile(connection, new) -> None:
        batches.append(len(new))
        if len(batches) == 1:
            ledger.write(*records(1))

    ledger = new_ledger(also=[meanwhile], pace=Pace(interval=30))

    ledger.write(*records(1))
    await until(lambda: ledger.state().written == 1)
    for record in records(5):
        ledger.write(record)
    await ledger.aclose()

    assert batches == [1, 6]


async def test_two_processes_find_nothing_of_each_other_while_they_live(place, journal, new_ledger):
    one, other = new_ledger(place=Path("/dev/null/ledger.db")), new_ledger()
    for record in records(3):
        one.write(record)

    await other.open()
    await other.aclose()

    assert await count_in(place) == 0
    assert len(list(journal.glob("*.jsonl"))) >= 1
    one._writer.end_now()


# --- The database is away, slow, or says no ---


async def test_a_database_that_comes_back_gets_everything(journal):
    with new_postgresql() as address:
        gate = Gate(address)
        await gate.open()
        ledger, given = StoredLedger(Database.of(gate.address), journal, pace=QUICK), records(40)
        ledger.write(given[0])
        await until(lambda: ledger.state().written == 1)

        await gate.shut()
        for record in given[1:]:
            ledger.write(record)
        await until(lambda: ledger.state().problem)
        problem = ledger.state().problem
        await gate.open()
        await until(lambda: ledger.state().written == 40)

        assert "postgres" not in problem.replace("PostgreSQL", "")
        assert ledger.state().problem == ""
        await ledger.aclose()
        await gate.shut()
        assert sorted(await ids_in(address)) == sorted(record.id for record in given)


async def test_a_database_that_hangs_delays_nobody_and_the_end_only_as_long_as_it_may(journal):
    with new_postgresql() as address:
        gate = Gate(address)
        await gate.open()
        pace = Pace(interval=0.01, closing_seconds=0.3)
        ledger = StoredLedger(Database.of(gate.address), journal, pace=pace)
        threads = set(threading.enumerate())
        await ledger.open()
        gate.is_mute = True

        started = time.thread_time()
        for record in records(200):
            ledger.write(record)
        took = time.thread_time() - started
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        await ledger.aclose()
        closing = time.perf_counter() - started
        await gate.shut()
        # On a busy machine its thread may be about to end: a dead process would not look after the journal any more.
        await until(lambda: {each for each in threading.enumerate() if each.name == "ledger"} <= threads)
        following = StoredLedger(Database.of(address), journal, pace=QUICK)
        await following.open()
        await following.aclose()

        assert took < 0.5
        assert closing < 5
        assert ledger.state().lost == 0
        assert await count_in(address) == 200


async def test_a_file_that_another_program_holds_is_waited_for(tmp_path, journal):
    file = tmp_path / "ledger.db"
    await Database.of(file).ready()
    ledger = StoredLedger(Database.of(file), journal, pace=QUICK)
    await ledger.open()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    for record in records(10):
        ledger.write(record)
    await asyncio.sleep(0.1)
    written_meanwhile = ledger.state().written
    holder.execute("COMMIT")
    holder.close()
    await until(lambda: ledger.state().written == 10)

    assert written_meanwhile == 0
    await ledger.aclose()
    assert await count_in(file) == 10


async def test_with_a_dead_database_memory_is_bounded_and_nothing_is_lost(tmp_path, journal):
    pace = Pace(most_in_memory=100, interval=0.01, closing_seconds=0.5)
    ledger = StoredLedger(Database.of(Path("/dev/null/ledger.db")), journal, pace=pace)

    for record in records(3000):
        ledger.write(record)
    state = ledger.state()
    await ledger.aclose()

    assert (state.taken, state.queued, state.lost) == (3000, 100, 0)
    assert sum(len(path.read_bytes().splitlines()) for path in journal.glob("*.jsonl")) == 3000


# --- The disk is full, or may not be written ---


@pytest.fixture
def full_disk(monkeypatch):
    """Whether there is no room for another byte in a journal."""
    real, disk = os.write, {"is_full": True, "room": 0}

    def write(handle, data):
        if disk["is_full"] and data[:1] in (b"{", b"\n"):
            if not disk["room"]:
                raise OSError(errno.ENOSPC, "No space left on device")
            room, disk["room"] = disk["room"], 0
            return real(handle, data[:room])
        return real(handle, data)

    monkeypatch.setattr(os, "write", write)
    return disk


async def test_on_a_full_disk_records_wait_in_memory_and_this_is_told(place, new_ledger, full_disk):
    ledger, given = new_ledger(), records(20)

    for record in given:
        ledger.write(record)
    state = ledger.state()
    await ledger.aclose()

    assert not state.durable
    assert "records wait in memory only, for the journal cannot be written" in state.problem
    assert ledger.state().lost == 0
    assert sorted(await ids_in(place)) == sorted(record.id for record in given)


async def test_what_fits_neither_on_the_disk_nor_into_memory_is_lost_loudly(tmp_path, journal, full_disk):
    pace = Pace(most_in_memory=10, interval=0.01, closing_seconds=0.5)
    ledger = StoredLedger(Database.of(Path("/dev/null/ledger.db")), journal, pace=pace)

    with capture_logs() as log:
        for record in records(30):
            ledger.write(record)
        lost_while_running = ledger.state().lost
        await ledger.aclose()

    told = [entry for entry in log if entry["event"] == "ledger.lost"]
    assert lost_while_running == 20
    assert ledger.state().lost == 30
    assert sum(entry["records"] for entry in told) == 30
    assert {entry["log_level"] for entry in told} == {"error"}


async def test_a_line_that_was_cut_by_a_full_disk_spoils_no_other(place, journal, new_ledger, full_disk):
    full_disk["is_full"] = False
    ledger = new_ledger(Pace(interval=0.01, closing_seconds=0.5), place=Path("/dev/null/ledger.db"))
    before, cut, after = records(3)

    ledger.write(before)
    full_disk |= {"is_full": True, "room": 17}
    ledger.write(cut)
    full_disk["is_full"] = False
    ledger.write(after)
    await ledger.aclose()
    following = new_ledger()
    await following.open()
    await following.aclose()

    # What was in memory only got into the journal when there was room again, before the process ended.
    assert sorted(await ids_in(place)) == sorted([before.id, cut.id, after.id])
    assert ledger.state().lost == 0


async def test_without_a_place_for_a_journal_everything_goes_on(place, tmp_path):
    (tmp_path / "file").write_text("")
    ledger = StoredLedger(Database.of(place), tmp_path / "file" / "journal", pace=QUICK)

    for record in records(7):
        ledger.write(record)
    await ledger.aclose()

    assert await count_in(place) == 7


async def test_nothing_that_goes_wrong_reaches_who_writes(place, new_ledger, monkeypatch):
    ledger = new_ledger()
    monkeypatch.setattr(type(ledger._journal), "append", lambda *_, **__: 1 / 0)

    with capture_logs() as log:
        ledger.write(*records(1))
    await ledger.aclose()

    assert ledger.state().lost == 1
    assert log[0]["event"] == "ledger.lost"


async def test_a_record_after_the_end_is_counted_as_lost(place, new_ledger):
    ledger = new_ledger()
    await ledger.aclose()

    ledger.write(*records(1))

    assert (ledger.state().taken, ledger.state().lost) == (1, 1)


# --- Cost ---


async def test_writing_costs_next_to_nothing(place, new_ledger):
    ledger, given = new_ledger(), records(2000, user="u-1")
    await ledger.open()
    took = []

    for number, record in enumerate(given):
        started = time.perf_counter()
        ledger.write(record)
        took.append(time.perf_counter() - started)
        if number % 100 == 99:
            await asyncio.sleep(0.01)
    await ledger.aclose()

    # The median: what the machine does meanwhile is not what a record costs. It is about 5 µs.
    assert sorted(took)[len(took) // 2] < 50e-6


async def test_old_records_are_forgotten_and_the_others_kept(place, new_ledger):
    ledger = new_ledger(retention_days=30)
    now = time.time()
    old, new = records(1500, at=now - 31 * 86_400), records(3, at=now - 29 * 86_400)
    before = new_ledger()
    for record in [*old, *new]:
        before.write(record)
    await before.aclose()

    await ledger.open()
    await ledger.aclose()

    assert sorted(await ids_in(place)) == sorted(record.id for record in new)


async def test_purses_of_old_periods_are_forgotten_with_the_records_and_the_others_kept(place, new_ledger):
    database, now = Database.of(place), time.time()
    store = InDatabase(database)
    ends = {"2020-01": now - 31 * 86_400, "2020-02": now - 29 * 86_400}
    for period, end in ends.items():
        purse = Purse("bot Poet", "user", "u-hashed", period)
        share = Share(purse, BudgetConfig(scope="user", per="month", tokens=5), int(end), Amount(0, 1))
        await store.reserve(Hold(f"dead-{period}", (share,), end), now)

    ledger = new_ledger(retention_days=30)
    await ledger.open()
    await ledger.aclose()

    async with database.connect() as connection:
        kept = [(await connection.execute(select(table.c.period))).scalars().all() for table in (purses, holds)]
    await database.aclose()
    assert kept == [["2020-02"], ["2020-02"]]
