"""Attempts that are under way when a process dies: each has a record then, and only one."""

import asyncio
import datetime
import shutil
import time
from pathlib import Path

from sqlalchemy import select
from structlog.testing import capture_logs

from tests.ledger.databases import ids_in
from tests.ledger.store.conftest import QUICK
from tests.ledger.store.deaths import LINES, as_a_kill_leaves_it, attempt, left_in, over
from utils.ledger.attempts.question import AttemptsQuestion
from utils.ledger.attempts.reading import answers
from utils.ledger.database import Database
from utils.ledger.estate import Estate, estates_in
from utils.ledger.journal import Journal
from utils.ledger.pace import Pace
from utils.ledger.record import SERVER_DIED
from utils.ledger.stored import StoredLedger
from utils.ledger.summaries.question import Question
from utils.ledger.summaries.reading import summary
from utils.ledger.summaries.rollups import roll_up
from utils.ledger.tables import attempts

AWAY = Path("/dev/null/ledger.db")
RESTLESS = Pace(interval=0.01, look_seconds=0.01, file_seconds=0.01, open_seconds=0.05, closing_seconds=20)
TODAY = datetime.datetime.now(datetime.UTC).date()
THESE_DAYS = {"from": (TODAY - datetime.timedelta(days=1)).isoformat(), "to": TODAY.isoformat()}


async def until(is_so) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


async def outcomes_in(place) -> dict[str, tuple]:
    database = Database.of(place)
    async with database.connect() as connection:
        rows = (await connection.execute(select(attempts))).mappings().all()
    await database.aclose()
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: (row["outcome"], row["error"]) for row in rows}


async def test_an_attempt_whose_process_was_killed_is_told_as_one_of_which_nobody_knows_more(
    place, journal, tmp_path, new_ledger
):
    killed = new_ledger()
    await killed.open()
    begun = attempt(reference="r1", user="u-ann")
    killed.begin(begun)

    following = StoredLedger(Database.of(place), as_a_kill_leaves_it(journal, tmp_path), pace=QUICK, also=[roll_up])
    await following.open()
    await following.aclose()
    await killed.aclose()

    database = Database.of(place)
    async with database.connect() as connection:
        (row,) = (await connection.execute(select(attempts))).mappings().all()
        (line,) = (await summary(connection, Question.of({**THESE_DAYS, "by": "outcome"}, TODAY)))["groups"]
        (answer,) = (await answers(connection, AttemptsQuestion.of({**THESE_DAYS, "error": SERVER_DIED}, TODAY)))[
            "answers"
        ]
    await database.aclose()
    assert (row["id"], row["outcome"], row["error"]) == (begun.id, "cancelled", "ServerDied")
    assert row["user"] == killed.people.of("u-ann")
    assert row["input_tokens"] is row["output_tokens"] is row["cost"] is row["first_content"] is None
    assert row["cost_source"] == "unknown"
    assert (line["outcome"], line["attempts"], line["errors"]) == ("cancelled", 1, {"ServerDied": 1})
    assert (line["cost"], line["unknown_cost"], line["error_rate"]) == ("0", 1, None)
    assert (answer["reference"], answer["outcome"], answer["cost"]) == ("r1", "cancelled", None)


async def test_an_answer_of_which_a_part_is_unknown_has_no_known_cost(place, journal, tmp_path, new_ledger):
    killed = new_ledger()
    await killed.open()
    killed.write(attempt(reference="r1", outcome="broken", first_content=0.1, cost=1, attempt=1))
    killed.begin(attempt(reference="r1", attempt=2))

    following = StoredLedger(Database.of(place), as_a_kill_leaves_it(journal, tmp_path), pace=QUICK, also=[roll_up])
    await following.open()
    await following.aclose()
    await killed.aclose()

    database = Database.of(place)
    async with database.connect() as connection:
        (answer,) = (await answers(connection, AttemptsQuestion.of(THESE_DAYS, TODAY)))["answers"]
    await database.aclose()
    assert [each["cost"] for each in answer["attempts"]] == ["1", None]
    assert answer["cost"] is None


async def test_what_has_ended_leaves_nothing_under_way(place, journal, new_ledger):
    ledger, given = new_ledger(), [attempt() for _ in range(50)]
    await ledger.open()
    for each in given:
        ledger.begin(each)

    for each in given:
        ledger.write(over(each))
    await ledger.aclose()

    assert not journal.exists()
    assert await outcomes_in(place) == {each.id: ("answered", "") for each in given}


async def test_an_attempt_that_goes_on_for_long_is_carried_from_file_to_file(place, journal, tmp_path, new_ledger):
    ledger, long = new_ledger(RESTLESS), attempt()
    await ledger.open()
    ledger.begin(long)
    (first,) = [path for path in journal.glob("*.jsonl") if path.stat().st_size]

    given = []
    async with asyncio.timeout(20):
        while first.exists():
            given.append(attempt())
            ledger.begin(given[-1])
            ledger.write(over(given[-1]))
            await asyncio.sleep(0.005)
    at_a_kill = left_in(as_a_kill_leaves_it(journal, tmp_path))
    ledger.write(over(long))
    await until(lambda: ledger.state().written == len(given) + 1)
    await until(lambda: not any(path.stat().st_size for path in journal.glob("*.jsonl")))
    await ledger.aclose()

    assert at_a_kill[long.id].error == SERVER_DIED
    assert await outcomes_in(place) == {each.id: ("answered", "") for each in (long, *given)}


async def test_the_end_of_an_attempt_wins_also_where_the_next_process_reads_its_beginning(
    place, journal, tmp_path, new_ledger
):
    ledger, (done, under_way) = new_ledger(), (attempt(), attempt())
    await ledger.open()
    ledger.begin(done)
    ledger.begin(under_way)
    left = as_a_kill_leaves_it(journal, tmp_path)  # the beginnings only
    ledger.write(over(done))
    await until(lambda: ledger.state().written == 1)

    following = StoredLedger(Database.of(place), left, pace=QUICK)
    await following.open()
    await following.aclose()
    await ledger.aclose()

    assert await outcomes_in(place) == {done.id: ("answered", ""), under_way.id: ("cancelled", "ServerDied")}


async def test_an_attempt_that_ends_after_the_server_has_is_known_to_the_next_one(place, journal, new_ledger):
    ledger, late = new_ledger(), attempt()
    await ledger.open()
    ledger.begin(late)
    await ledger.aclose()
    ledger.write(over(late))

    following = new_ledger()
    await following.open()
    await following.aclose()

    assert await outcomes_in(place) == {late.id: ("cancelled", "ServerDied")}
    assert not journal.exists()


async def test_nothing_is_taken_from_a_process_of_which_only_some_files_are_free(journal, tmp_path):
    living = Journal(journal, largest_bytes=1)
    for _ in range(2):
        living.make_reserve()
        begun = attempt()
        living.begin(begun.id, LINES.of_begun(begun))
    held, free = sorted(journal.glob("*.jsonl"), reverse=True)[:2]
    shutil.copy(free, free.with_suffix(".copy"))
    free.with_suffix(".copy").replace(free)  # the same name, and nobody's lock

    found = list(estates_in(journal))

    assert held != free
    assert found == []
    living.close()


def test_a_file_that_was_made_while_others_were_looked_at_belongs_to_them(journal, monkeypatch):
    """Else the end that stands there would come too late, for an attempt that has one already."""
    dying, begun = Journal(journal), attempt()
    dying.append(LINES.of(attempt()), is_kept=True)
    dying.begin(begun.id, LINES.of_begun(begun))
    dying.close()
    (first,) = journal.glob("*.jsonl")
    found = Estate.found

    def found_a_moment_later(paths):
        first.with_name(first.name.replace("00000001", "00000002")).write_bytes(LINES.of(over(begun)))
        return found(paths)

    monkeypatch.setattr(Estate, "found", found_a_moment_later)
    at_first = list(estates_in(journal))
    monkeypatch.setattr(Estate, "found", found)

    assert at_first == []
    assert left_in(journal)[begun.id].outcome == "answered"


# --- The journal cannot be written for a while ---


async def test_what_waits_in_memory_is_in_the_journal_as_soon_as_there_is_one(place, tmp_path, journal):
    journal.write_text("")  # where a folder should be
    pace = Pace(interval=0.01, first_pause=30, longest_pause=30, secure_seconds=0.01, closing_seconds=1)
    ledger, given = StoredLedger(Database.of(AWAY), journal, pace=pace), [attempt() for _ in range(20)]
    await ledger.open()
    with capture_logs() as log:
        for each in given:
            ledger.begin(each)
            ledger.write(over(each))
        while_it_is_away = ledger.state()
        journal.unlink()
        await until(lambda: ledger.state().durable)
        # There is one first, and a moment later they are in it.
        await until(lambda: len(left_in(as_a_kill_leaves_it(journal, tmp_path))) == len(given))
        left = left_in(as_a_kill_leaves_it(journal, tmp_path))
        await ledger.aclose()

    following = StoredLedger(Database.of(place), journal, pace=QUICK)
    await following.open()
    await following.aclose()

    assert not while_it_is_away.durable
    assert {name: record.outcome for name, record in left.items()} == dict.fromkeys((g.id for g in given), "answered")
    assert [entry["event"] for entry in log if entry["event"] != "ledger.left"] == ["ledger.journal_back"]
    assert sorted(await ids_in(place)) == sorted(each.id for each in given)


async def test_that_the_journal_is_away_is_told_at_once_and_only_while_it_is(place, journal, new_ledger):
    journal.write_text("")
    ledger = new_ledger()

    with capture_logs() as log:
        await ledger.open()
        at_first = ledger.state()
        journal.unlink()
        ledger.write(attempt())
        await until(lambda: ledger.state().written == 1)
        await until(lambda: ledger.state().durable)
    await ledger.aclose()

    assert "records wait in memory only, for the journal cannot be written" in at_first.problem
    assert ledger.state().problem == ""
    assert [(entry["event"], entry["log_level"]) for entry in log] == [
        ("ledger.journal_away", "warning"),
        ("ledger.journal_back", "info"),
    ]


# --- Cost ---


async def test_to_begin_costs_next_to_nothing(place, new_ledger):
    ledger, given = new_ledger(), [attempt(user="u-1") for _ in range(2000)]
    await ledger.open()
    took = []

    for number, each in enumerate(given):
        started = time.perf_counter()
        ledger.begin(each)
        took.append(time.perf_counter() - started)
        ledger.write(over(each))
        if number % 100 == 99:
            await asyncio.sleep(0.01)
    await ledger.aclose()

    # The median: what the machine does meanwhile is not what it costs. It is about 5 µs.
    assert sorted(took)[len(took) // 2] < 50e-6
