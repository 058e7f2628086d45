"""Single answers are found again: the latest, the slowest, the dearest, each with all of its attempts."""

import csv
import datetime
import io
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from tests.ledger.databases import new_postgresql
from tests.ledger.summaries.records import at, failure, record
from utils.ledger.attempts.question import AttemptsQuestion
from utils.ledger.attempts.reading import _of_day, answers
from utils.ledger.attempts.told import as_csv
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.question import BadQuestion
from utils.ledger.summaries.rollups import roll_up

TODAY = datetime.date(2026, 3, 31)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, tmp_path) -> AsyncIterator[Database]:
    where = tmp_path / "ledger.db"
    if request.param == "postgresql":
        where = request.getfixturevalue("server_database")
    database = Database.of(where)
    yield database
    await database.aclose()


@pytest.fixture
def server_database():
    with new_postgresql() as address:
        yield address


async def found(database: Database, *records, **words) -> dict:
    async with database.begin() as connection:
        await insert_records(connection, records, (roll_up,))
    return await asked(database, **words)


async def asked(database: Database, **words) -> dict:
    question = AttemptsQuestion.of({name.rstrip("_"): str(value) for name, value in words.items()}, TODAY)
    async with database.connect() as connection:
        return await answers(connection, question)


def references(found: dict) -> list[str]:
    return [answer["reference"] for answer in found["answers"]]


async def test_an_answer_is_told_with_all_of_its_attempts_in_their_order(database):
    began = at("2026-03-10")
    first = failure("TimedOut", at=began + 20, seconds=20.0, reference="r1", attempt=1)
    second = record(at=began + 23, seconds=3.0, first_content=1.0, reference="r1", attempt=2, provider="groq")

    told = await found(database, second, first)

    [answer] = told["answers"]
    assert told["is_all"]
    assert (answer["reference"], answer["outcome"], answer["cost"]) == ("r1", "answered", "0.002")
    assert (answer["seconds"], answer["first_content"]) == (23.0, 21.0)
    assert [(each["outcome"], each["error"], each["provider"]) for each in answer["attempts"]] == [
        ("failed", "TimedOut", "openai"),
        ("answered", "", "groq"),
    ]
    assert answer["attempts"][1]["input_tokens"] == 100


async def test_one_attempt_of_the_kind_that_is_asked_for_brings_its_whole_answer(database):
    midnight = at("2026-03-11") - at("2026-03-11") % 86400
    before = failure("Overloaded", at=midnight - 1, reference="r1", seconds=2.0)
    after = record(at=midnight + 3, reference="r1", attempt=2)

    told = await found(database, before, after, record(reference="r2"), error="Overloaded")

    assert references(told) == ["r1"]
    assert len(told["answers"][0]["attempts"]) == 2


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("latest", ["late", "slow", "dear", "silent"]),
        ("slowest", ["slow", "late", "dear", "silent"]),
        ("dearest", ["dear", "slow", "late"]),
        ("first_content", ["late", "dear", "slow"]),
    ],
)
async def test_the_order_is_that_of_all_days_together(database, order, expected):
    records = [
        failure(day="2026-03-02", reference="silent", seconds=0.1),
        record("2026-03-03", reference="dear", cost=Decimal(3), seconds=1.0, first_content=0.6),
        record("2026-03-20", reference="slow", cost=Decimal(2), seconds=90.0, first_content=0.3),
        record("2026-03-30", reference="late", cost=Decimal(1), seconds=7.0, first_content=5.0),
    ]

    assert references(await found(database, *records, order=order)) == expected


async def test_pages_follow_each_other_without_a_gap(database):
    records = [record(f"2026-03-{day:02}", reference=f"r{day}") for day in range(2, 9)]
    await found(database, *records)

    pages = [await asked(database, limit=3, offset=offset) for offset in (0, 3, 6)]

    assert [name for page in pages for name in references(page)] == [f"r{day}" for day in range(8, 1, -1)]
    assert [page["is_all"] for page in pages] == [False, False, True]


async def test_an_answer_of_many_attempts_is_one_answer(database):
    many = [failure(at=at("2026-03-20") + n, reference="many", attempt=n + 1) for n in range(40)]

    told = await found(database, *many, record(reference="one"), limit=2)

    assert references(told) == ["many", "one"]
    assert told["is_all"]


async def test_the_same_reference_of_two_people_is_two_answers(database):
    told = await found(database, record(reference="same", user="ann"), record(reference="same", user="bob"))

    assert sorted(answer["user"] for answer in told["answers"]) == ["ann", "bob"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("bot", "Cook"), ("provider", "groq"), ("model", "sol"), ("user", "bob"), ("outcome", "cancelled")],
)
async def test_only_those_are_told_that_are_asked_for(database, name, value):
    told = await found(database, record(reference="r1"), record(reference="r2", **{name: value}), **{name: value})

    assert references(told) == ["r2"]


@pytest.mark.parametrize("order", ["latest", "slowest"])
@pytest.mark.parametrize("at_a_time", [1, 50])
async def test_what_failed_is_told_apart_from_what_another_attempt_has_made_good(database, order, at_a_time):
    midnight = at("2026-03-11") - at("2026-03-11") % 86400
    records = [
        failure("Overloaded", at=midnight - 1, reference="saved"),
        record(at=midnight + 3, reference="saved", attempt=2),
        *(failure("TimedOut", at=midnight + 9 + n, reference="lost", attempt=n + 1, seconds=2.0) for n in range(3)),
        failure("TimedOut", at=midnight + 5, reference="saved", user="somebody else", seconds=1.5),
        failure("TimedOut", at=midnight + 4, reference="", seconds=1.0),
        record(at=midnight + 20, reference="", outcome="cancelled"),
        record(at=midnight + 21, reference="at once"),
    ]
    await found(database, *records)

    async def names(**words) -> list[tuple[str, str]]:
        pages = [
            await asked(database, order=order, limit=at_a_time, offset=first, **words)
            for first in range(0, 5, at_a_time)
        ]
        return [(each["reference"], each["user"]) for page in pages for each in page["answers"]]

    assert await names(outcome="failed", answered="true") == [("saved", "ann")]
    assert await names(outcome="failed", answered="false") == [("lost", "ann"), ("saved", "somebody else"), ("", "ann")]
    assert {name for name, _ in await names(answered="true")} == {"saved", "at once"}
    assert ("", "ann") in await names(answered="false")


async def test_days_outside_are_left_out(database):
    records = [record(f"2026-03-{day}", reference=f"r{day}") for day in (10, 11, 12, 13)]

    assert references(await found(database, *records, from_="2026-03-11", to="2026-03-12")) == ["r12", "r11"]


async def test_a_cost_that_nobody_knows_is_not_nothing(database):
    told = await found(database, record(reference="r1", cost=None, cost_source="unknown"))

    assert told["answers"][0]["cost"] is None


async def test_a_table_has_a_line_for_each_attempt_and_no_formula(database):
    told = await found(database, failure(reference="r1", bot="=cmd()"), record(reference="r1", bot="=cmd()", attempt=2))

    rows = list(csv.DictReader(io.StringIO(as_csv(told))))

    assert [(row["reference"], row["bot"], row["outcome"]) for row in rows] == [
        ("r1", "'=cmd()", "failed"),
        ("r1", "'=cmd()", "answered"),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order", "slow"),
        ("limit", "0"),
        ("limit", "201"),
        ("offset", "-1"),
        ("offset", "1001"),
        ("to", "x"),
        ("answered", "perhaps"),
        ("who", "a"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_by_its_field(field, value):
    with pytest.raises(BadQuestion) as told:
        AttemptsQuestion.of({field: value}, TODAY)

    assert told.value.field == field


@pytest.mark.parametrize(
    "words", [{"error": "TimedOut"}, {"outcome": "failed", "answered": "false"}, {"outcome": "broken", "bot": "Poet"}]
)
async def test_rare_failures_are_found_by_an_index_of_failures_alone(tmp_path, words):
    database = Database.of(tmp_path / "ledger.db")
    asked = AttemptsQuestion.of(words, TODAY)
    query = (
        _of_day(asked, 20000, None).limit(9).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    )

    async with database.connect() as connection:
        plan = str((await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all())
    await database.aclose()

    assert "attempts_day_error" in plan
    assert ("attempts_day_reference" in plan) == ("answered" in words)


async def test_within_a_day_sqlite_goes_along_the_index_of_the_order(tmp_path):
    database = Database.of(tmp_path / "ledger.db")
    plain = (
        "EXPLAIN QUERY PLAN SELECT id FROM attempts WHERE (at / 86400000000) IN (20000) AND {} ORDER BY {} DESC LIMIT 9"
    )

    async with database.connect() as connection:
        plans = [
            str((await connection.execute(text(plain.format(f"{name} IS NOT NULL", name)))).all())
            for name in ("seconds", "first_content", "cost")
        ]
    await database.aclose()

    assert all(
        f"attempts_day_{name}" in plan for name, plan in zip(("seconds", "first_content", "cost"), plans, strict=True)
    )
    assert not any("TEMP B-TREE" in plan for plan in plans)
