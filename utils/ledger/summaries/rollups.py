"""Adds records to the sums, in the transaction that writes them."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from ..record import UsageRecord
from .latencies import bucket_of
from .tables import COUNTS, FIRST, LASTED, ROLLUPS, SQUARES, SUMS, Rollup

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_ROWS_AT_ONCE = 300
"""asyncpg takes no more than 32,767 values with one statement."""
_EPOCH = datetime.date(1970, 1, 1)
_FAILED = {"failed", "broken"}


async def roll_up(connection: "AsyncConnection", records: Sequence[UsageRecord]) -> None:
    """Add these to the sums. Only those that were really inserted may be given, or they would count twice."""
    for rollup in ROLLUPS.values():
        rows = list(summed(rollup, records))
        if rows:
            await connection.execute(_upsert(rollup, connection.dialect.name), rows)


def summed(rollup: Rollup, records: Iterable[UsageRecord]) -> Iterator[dict[str, Any]]:
    """The rows of the table that these records make, each once, in the order in which everybody writes them.

    Two writers that take the same rows in the same order wait for each other, and never both at once.
    """
    rows: dict[tuple[int, tuple[str, ...]], dict[str, Any]] = {}
    for record in records:
        day, said = _day_of(record, rollup), tuple(getattr(record, name) for name in rollup.dimensions)
        row = rows.get((day, said))
        if row is None:
            row = rows[day, said] = dict.fromkeys(SUMS, 0)
            row |= {"day": day, "key": key_of(said), **dict(zip(rollup.dimensions, said, strict=True))}
        _add(row, record)
    yield from sorted(rows.values(), key=lambda row: (row["day"], row["key"]))


def key_of(said: Sequence[str]) -> str:
    """A short name for these properties."""
    return blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def day_number(date: datetime.date) -> int:
    """The day, counted from 1970 on."""
    return (date - _EPOCH).days


def date_of(day: int) -> datetime.date:
    """The day of this number."""
    return _EPOCH + datetime.timedelta(days=day)


def _day_of(record: UsageRecord, rollup: Rollup) -> int:
    day = int(record.at // 86400)
    return day_number(date_of(day).replace(day=1)) if rollup.by_month else day


def _add(row: dict[str, Any], record: UsageRecord) -> None:
    for name, amount in _amounts(record):
        row[name] += amount


def _amounts(record: UsageRecord) -> Iterator[tuple[str, float]]:
    """What one record adds, each to one sum. What came from the cache was not paid for, and took no time to speak of."""
    yield "attempts", 1
    yield "requests", int(record.attempt == 1)
    yield "answered", int(record.outcome == "answered")
    yield "failed", int(record.outcome in _FAILED)
    read, written = record.input_tokens or 0, record.output_tokens or 0
    if record.cached:
        yield from (("hits", 1), ("saved_input_tokens", read), ("saved_output_tokens", written))
        return
    yield from (("input_tokens", read), ("output_tokens", written))
    yield from (("cached_tokens", record.cached_tokens), ("reasoning_tokens", record.reasoning_tokens))
    if record.cost is None:
        yield "unpriced", 1
    else:
        dollars = float(record.cost)
        yield from (("priced", 1), ("cost", round(record.cost * 10**9)), ("cost_squared", dollars * dollars))
    yield from _times(record)


def _times(record: UsageRecord) -> Iterator[tuple[str, float]]:
    if (first := record.first_content) is not None:
        yield from (("first_contents", 1), ("first_content", round(first * 10**6)))
        yield from (("first_content_squared", first * first), (FIRST[bucket_of(first)], 1))
    if record.outcome == "answered":
        lasted = record.seconds
        yield from (("seconds", round(lasted * 10**6)), ("seconds_squared", lasted * lasted))
        yield LASTED[bucket_of(lasted)], 1


def _upsert(rollup: Rollup, dialect: str) -> Insert:
    table = rollup.table
    insert = _INSERTS[dialect](table)
    added = {name: table.c[name] + insert.excluded[name] for name in (*COUNTS, *SQUARES, *FIRST, *LASTED)}
    return insert.on_conflict_do_update(index_elements=["day", "key"], set_=added)
