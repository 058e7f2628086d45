import asyncio
import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.ledger.summaries.records import at, failure, record
from utils.ledger import UsageRecord
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.question import BadQuestion, Question
from utils.ledger.summaries.reading import summary
from utils.ledger.summaries.rollups import roll_up

TODAY = datetime.date(2026, 3, 31)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


async def keep(database: Database, *records: UsageRecord) -> None:
    async with database.begin() as connection:
        await insert_records(connection, records, (roll_up,))


async def asked(database: Database, **words: str) -> dict[str, Any]:
    question = Question.of({**MARCH, **words}, TODAY)
    async with database.connect() as connection:
        return await summary(connection, question)


def names(found: dict[str, Any], name: str) -> list[str]:
    return [line[name] for line in found["groups"]]


async def test_a_day_is_summed_up(database):
    await keep(database, record(cached_tokens=40), record(reasoning_tokens=7), failure(), record("2026-03-11"))

    found = await asked(database)

    assert names(found, "day") == ["2026-03-10", "2026-03-11"]
    line = found["groups"][0]
    assert {name: line[name] for name in ("requests", "attempts", "answered", "failed")} == {
        "requests": 3,
        "attempts": 3,
        "answered": 2,
        "failed": 1,
    }
    assert (line["input_tokens"], line["output_tokens"]) == (200, 40)
    assert (line["cached_tokens"], line["reasoning_tokens"]) == (40, 7)
    assert (line["cost"], line["unknown_cost"]) == ("0.004", 0)
    assert (line["error_rate"], line["errors"]) == (0.333333, {"TimedOut": 1})
    assert found["total"]["cost"] == "0.006"


async def test_a_record_that_is_written_twice_counts_once(database):
    twice = record()

    await keep(database, twice, twice)
    await keep(database, twice, record())

    assert (await asked(database))["total"]["attempts"] == 2


async def test_money_is_added_up_exactly(database):
    await keep(database, *(record(cost=Decimal("0.1")) for _ in range(3)), record(cost=Decimal("0.000000001")))

    assert (await asked(database))["total"]["cost"] == "0.300000001"


async def test_a_cost_that_nobody_knows_is_not_nothing(database):
    await keep(database, record(), record(cost=None, cost_source="unknown"), failure())

    total = (await asked(database))["total"]
    assert (total["cost"], total["unknown_cost"]) == ("0.002", 1)


async def test_further_attempts_are_no_further_requests(database):
    await keep(database, failure(attempt=1), record(attempt=2, provider="groq"))

    total = (await asked(database))["total"]
    assert (total["requests"], total["attempts"]) == (1, 2)


async def test_what_the_cache_saved_is_valued_at_what_a_token_cost(database):
    hit = record(cached=True, cost=Decimal(0), cost_source="cache", input_tokens=50, output_tokens=10)
    await keep(database, record(), hit)

    total = (await asked(database))["total"]
    assert (total["cache_hits"], total["saved_tokens"], total["saved_cost"]) == (1, 60, "0.001")
    assert (total["input_tokens"], total["cost"]) == (100, "0.002")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("bot", [{"bot": "Poet"}, {"bot": "Cook"}]),
        ("provider", [{"provider": "openai"}, {"provider": "groq"}]),
        ("model", [{"provider": "openai", "model": "luna"}, {"provider": "groq", "model": "luna"}]),
        ("user", [{"user": "ann"}, {"user": "ben"}]),
        ("variant", [{"bot": "Poet", "variant": "a"}, {"bot": "Cook", "variant": "b"}]),
        ("outcome", [{"outcome": "answered"}, {"outcome": "failed"}]),
    ],
)
async def test_groups_are_told_apart_and_the_dearest_comes_first(database, by, expected):
    await keep(
        database,
        failure(bot="Cook", provider="groq", user="ben", variant="b"),
        record(variant="a"),
    )

    found = await asked(database, by=by)

    assert [{name: line[name] for name in expected[0]} for line in found["groups"]] == expected


@pytest.mark.parametrize("by", ["day", "bot", "provider", "model", "user", "variant", "outcome"])
async def test_every_grouping_has_the_same_total(database, by):
    await keep(database, record(), failure(user="ben"), record("2026-03-12", bot="Cook"), record("2026-03-01"))

    total = (await asked(database, by=by))["total"]

    assert total == (await asked(database))["total"]
    assert total["attempts"] == 4


@pytest.mark.parametrize(
    ("where", "attempts"),
    [
        ({"bot": "Cook"}, 1),
        ({"provider": "groq", "bot": "Poet"}, 1),
        ({"model": "nothing"}, 0),
        ({"outcome": "failed"}, 1),
        ({"user": "ben"}, 1),
        ({"user": "ben", "bot": "Poet"}, 0),
    ],
)
async def test_only_what_is_asked_for_is_counted(database, where, attempts):
    await keep(database, record(), record(provider="groq"), failure(bot="Cook", user="ben"))

    assert (await asked(database, **where))["total"]["attempts"] == attempts


@pytest.mark.parametrize(
    ("first", "last", "attempts"),
    [
        ("2026-01-31", "2026-04-01", 5),
        ("2026-02-01", "2026-03-31", 3),
        ("2026-02-02", "2026-03-30", 1),
        ("2026-02-28", "2026-03-15", 1),
        ("2026-01-15", "2026-01-31", 1),
        ("2026-04-01", "2026-04-01", 1),
        ("1970-01-01", "2999-12-31", 5),
    ],
)
async def test_a_persons_months_and_days_are_put_together(database, first, last, attempts):
    days = ("2026-01-31", "2026-02-01", "2026-03-15", "2026-03-31", "2026-04-01")
    await keep(database, *map(record, days))

    by_user = await asked(database, by="user", **{"from": first, "to": last})
    by_day = await asked(database, **{"from": first, "to": last})

    assert sum(line["attempts"] for line in by_user["groups"]) == attempts
    assert sum(line["attempts"] for line in by_day["groups"]) == attempts


async def test_a_day_begins_at_midnight_in_utc(database):
    early, late = record(at=at("2026-03-10", "00:00")), record(at=at("2026-03-10", "23:59:59.999"))
    await keep(database, early, late, record(at=at("2026-03-11", "00:00")))

    assert names(await asked(database), "attempts") == [2, 1]


async def test_percentiles_come_close_to_the_times_that_were_measured(database):
    times = [0.2 + number / 100 for number in range(200)]
    await keep(database, *(record(first_content=seconds, seconds=10 * seconds) for seconds in times))

    total = (await asked(database))["total"]

    assert total["first_content_p50"] == pytest.approx(1.2, rel=0.1)
    assert total["first_content_p95"] == pytest.approx(2.1, rel=0.2)
    assert total["seconds_p50"] == pytest.approx(12, rel=0.1)


async def test_who_was_not_asked_is_in_no_rate_of_errors(database):
    await keep(database, record(), failure("BudgetSpent", outcome="refused"), failure())

    total = (await asked(database))["total"]

    assert (total["attempts"], total["answered"], total["failed"], total["error_rate"]) == (3, 1, 1, 0.5)
    assert total["errors"] == {"BudgetSpent": 1, "TimedOut": 1}


async def test_variants_are_compared_with_how_sure_one_can_be(database):
    good = [record(variant="a", seconds=2 + number % 3) for number in range(60)]
    bad = [record(variant="b", seconds=4 + number % 3) for number in range(40)]
    await keep(database, *good, *bad, *(failure(variant="b") for _ in range(20)))

    found = await asked(database, by="variant")

    a, b = found["groups"]
    assert (a["variant"], b["variant"]) == ("a", "b")
    assert a["error_rate_interval"][1] < b["error_rate_interval"][0]
    assert a["seconds_mean"] == 3.0
    assert a["seconds_interval"][0] < 3.0 < a["seconds_interval"][1] < b["seconds_interval"][0]
    assert "Wilson" in found["methods"]["error_rate"]


async def test_only_so_many_groups_are_listed_and_the_total_has_all(database):
    await keep(database, *(record(user=f"user {number}", cost=Decimal(number)) for number in range(5)))

    found = await asked(database, by="user", limit="2")

    assert names(found, "user") == ["user 4", "user 3"]
    assert found["is_all"] is False
    assert found["total"]["cost"] == "10"


async def test_nothing_adds_up_to_nothing(database):
    found = await asked(database)

    assert found["groups"] == []
    assert (found["total"]["cost"], found["total"]["error_rate"]) == ("0", None)
    assert found["total"]["first_content_p50"] is None


async def test_what_no_database_takes_is_counted_all_the_same(database):
    mad = record(
        bot="No\0body\ud800" + "x" * 400,
        cost=Decimal("NaN"),
        input_tokens=2**200,
        output_tokens=-5,
        first_content=float("nan"),
        seconds=float("inf"),
    )
    async with database.begin() as connection:
        await roll_up(connection, [mad, record(at=float("inf")), record(at=-1e30), record(cost=Decimal(10) ** 30)])

    dear, line = (await asked(database, by="bot"))["groups"]

    assert dear["cost"] == "10000"
    assert line["bot"] == ("Nobody?" + "x" * 400)[:200]
    assert (line["attempts"], line["unknown_cost"], line["output_tokens"]) == (1, 1, 0)


async def test_many_writers_at_once_lose_nothing(database):
    async def write(writer: int) -> None:
        for _ in range(5):
            await keep(database, *(record(user=f"{writer}", bot=f"Bot{number}") for number in range(4)))

    await asyncio.gather(*(write(writer) for writer in range(4)))

    assert names(await asked(database, by="bot"), "attempts") == [20] * 4
    assert names(await asked(database, by="user"), "attempts") == [20] * 4


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"from": "yesterday"}, "from", "should be a day such as 2026-01-31"),
        ({"to": "2026-02-30"}, "to", "should be a day such as"),
        ({"to": "20260301"}, "to", "should be a day such as"),
        ({"to": "9999-12-31"}, "to", "should be a day between 1970 and 2999"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from", "which is after `to`"),
        ({"by": "modle"}, "by", "Did you mean `model`?"),
        ({"modle": "x"}, "modle", "Did you mean `model`?"),
        ({"limit": "0"}, "limit", "a number from 1 to"),
        ({"limit": "²"}, "limit", "a number from 1 to"),
        ({"limit": "9" * 5000}, "limit", "a number from 1 to"),
        ({"user": "ann", "by": "model"}, "user", "goes with `by` as one of day, bot and user"),
        ({"by": "user", "model": "luna"}, "model", "is not kept for each user"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_the_name_of_the_field(words, field, said):
    with pytest.raises(BadQuestion, match=f"^`{field}` ") as refused:
        Question.of(words, TODAY)

    assert refused.value.field == field
    assert said in str(refused.value)


def test_without_a_word_the_last_thirty_days_are_meant():
    question = Question.of({}, TODAY)

    assert (question.first, question.last) == (datetime.date(2026, 3, 2), TODAY)
