"""How long a summary of a year takes: `python -m bench.usage`.

Makes a ledger in SQLite with so many attempts, as they come in over a year, and asks it what an owner asks.
"""

import argparse
import asyncio
import datetime
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from utils.ledger import UsageRecord
from utils.ledger.database import Database
from utils.ledger.summaries.question import Question
from utils.ledger.summaries.reading import summary
from utils.ledger.summaries.sums import summed
from utils.ledger.summaries.tables import ROLLUPS, SUMS
from utils.ledger.tables import attempts

FIRST = datetime.date(2025, 1, 10)
"""Not the first of a month, so that months and days have to be put together."""
_BOTS, _MODELS, _USERS = 20, 3, 20_000
_ENDS = [("answered", "")] * 18 + [("failed", "RateLimited"), ("broken", "BrokenStream")]
_QUESTIONS: tuple[dict[str, str], ...] = (
    *({"by": by} for by in ("day", "bot", "provider", "model", "user", "variant", "outcome")),
    {"by": "user", "limit": "1000"},
    {"by": "day", "bot": "Bot7"},
    {"by": "day", "user": "user11"},
)


def main() -> int:
    """Print a line for each question."""
    parser = argparse.ArgumentParser(prog="python -m bench.usage", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, metavar="N", help="attempts (default: 10 million)")
    parser.add_argument("--days", type=int, default=365, metavar="N", help="over so many days (default: 365)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        slowest = asyncio.run(measured(Path(folder) / "ledger.db", options.rows, options.days))
    return 0 if slowest < 1.0 else 1


async def measured(file: Path, rows: int, days: int) -> float:
    """Make the ledger and ask it everything. Gives the seconds of the slowest answer."""
    database = Database.of(file)
    began = time.perf_counter()
    await made(database, rows, days)
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    print(f"{rows:,} attempts in {size / 2**20:,.0f} MiB, made in {time.perf_counter() - began:.0f} s")
    slowest = 0.0
    for words in _QUESTIONS:
        seconds, found = await _asked(database, words, days)
        slowest = max(slowest, seconds)
        said = " ".join(f"{name}={value}" for name, value in words.items())
        print(f"{said:22} {1000 * seconds:6.0f} ms   {len(found['groups']):5} groups, {found['total']['attempts']:,}")
    await database.aclose()
    return slowest


async def made(database: Database, rows: int, days: int) -> None:
    """Fill the tables. One record in so many is made, and stands for all of them in the sums."""
    async with database.begin() as connection:
        for index in attempts.indexes:
            await connection.execute(text(f"DROP INDEX {index.name}"))
        await connection.execute(text(_MANY), {"rows": rows, "step": days * 86400 * 10**6 // rows, "first": _noon(0)})
        for index in attempts.indexes:
            await connection.run_sync(index.create)
        each = max(1, rows // (days * 1500))
        months: dict[str, dict[str, Any]] = {}
        for day in range(days):
            records = list(_of_day(day, rows // days // each))
            for rollup in ROLLUPS.values():
                found = [_times(each, row) for row in summed(rollup, records)]
                if rollup.by_month:
                    _gather(months, found)
                else:
                    await connection.execute(insert(rollup.table), found)
        await connection.execute(insert(ROLLUPS["usage_user_months"].table), list(months.values()))


async def _asked(database: Database, words: dict[str, str], days: int) -> tuple[float, dict[str, Any]]:
    last = FIRST + datetime.timedelta(days=days - 1)
    question = Question.of({"from": FIRST.isoformat(), "to": last.isoformat(), **words}, last)
    began = time.perf_counter()
    async with database.connect() as connection:
        found = await summary(connection, question)
    return time.perf_counter() - began, found


_MANY = """
INSERT INTO attempts (id, at, door, bot, user, conversation, message, reference, provider, model, answered_by, variant,
  "key", attempt, outcome, error, cached, input_tokens, output_tokens, cached_tokens, cache_write_tokens,
  reasoning_tokens, cost, cost_source, queued, first_content, seconds)
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
SELECT printf('%032x', i), :first + i * :step, 'poe', 'Bot' || (i % 20), 'user' || (i * 7919 % 20000), 'c' || i / 5,
  'm' || i, printf('%08x', i), 'provider' || (i % 3), 'model' || (i % 3), '', 'a', '', 1, 'answered', '', 0, 800, 200,
  0, 0, 0, 1500000, 'yaml', 0, 600000, 4000000 FROM n
"""


def _of_day(day: int, many: int) -> Iterator[UsageRecord]:
    dice = random.Random(day)
    for _ in range(many):
        number, (outcome, error) = dice.randrange(_MODELS), dice.choice(_ENDS)
        yield UsageRecord(
            at=_noon(day) / 10**6,
            bot=f"Bot{dice.randrange(_BOTS)}",
            user=f"user{dice.randrange(_USERS)}",
            provider=f"provider{number}",
            model=f"model{number}",
            variant="ab"[number % 2],
            outcome=outcome,  # type: ignore[arg-type]  # they stand in a table above
            error=error,
            input_tokens=dice.randrange(2000),
            output_tokens=dice.randrange(500),
            cost=Decimal(dice.randrange(10**6)) / 10**8,
            first_content=dice.expovariate(1.5),
            seconds=dice.expovariate(0.2),
        )


def _noon(day: int) -> int:
    date = FIRST + datetime.timedelta(days=day)
    return int(datetime.datetime.combine(date, datetime.time(12), datetime.UTC).timestamp()) * 10**6


def _times(each: int, row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: each * row.get(name, 0) for name in SUMS}


def _gather(months: dict[str, dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        known = months.setdefault(f"{row['day']} {row['key']}", row)
        if known is not row:
            known |= {name: known[name] + row[name] for name in SUMS}


if __name__ == "__main__":
    sys.exit(main())
