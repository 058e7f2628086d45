"""What records add to the sums, and how that gets into the tables."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b
from math import isfinite
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from ..record import UsageRecord
from .latencies import bucket_of
from .tables import FIRST, LASTED, ROLLUPS, SUMS, Rollup, width_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_EPOCH = datetime.date(1970, 1, 1)
_LAST_SECOND = 32_000_000_000.0
_FAILED = {"failed", "broken"}
_MOST = 10**13
"""What one record may add to a sum: a clock or a provider gone mad must not make it overflow."""


async def add(connection: "AsyncConnection", records: Sequence[UsageRecord]) -> None:
    """Add the records to all tables of sums."""
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
        day, said = _day_of(record, rollup), tuple(_said(record, name) for name in rollup.dimensions)
        row = rows.get((day, said))
        if row is None:
            row = rows[day, said] = dict.fromkeys(SUMS, 0)
            row |= {"day": day, "key": key_of(said), **dict(zip(rollup.dimensions, said, strict=True))}
        _add(row, record)
    yield from sorted(rows.values(), key=lambda row: (row["day"], row["key"]))


def key_of(said: Sequence[str]) -> str:
    """A short name for these properties."""
    return blake2b("\0".join(said).encode(), digest_size=16).hexdigest()


def day_number(date: datetime.date) -> int:
    """The day, counted from 1970 on."""
    return (date - _EPOCH).days


def date_of(day: int) -> datetime.date:
    """The day of this number."""
    return _EPOCH + datetime.timedelta(days=day)


def _day_of(record: UsageRecord, rollup: Rollup) -> int:
    day = int(min(max(record.at, 0.0), _LAST_SECOND) // 86400) if isfinite(record.at) else 0
    return day_number(date_of(day).replace(day=1)) if rollup.by_month else day


def _said(record: UsageRecord, name: str) -> str:
    """The property as a database takes it: PostgreSQL knows no NUL, and no half of a character."""
    text: str = getattr(record, name)
    return text.replace("\0", "").encode("utf-8", "replace").decode()[: width_of(name)]


def _add(row: dict[str, Any], record: UsageRecord) -> None:
    for name, amount in _amounts(record):
        row[name] += amount


def _amounts(record: UsageRecord) -> Iterator[tuple[str, float]]:
    """What one record adds, each to one sum. What came from the cache was not paid for and took no time."""
    yield from (("attempts", 1), ("requests", int(record.attempt == 1)))
    yield from (("answered", int(record.outcome == "answered")), ("failed", int(record.outcome in _FAILED)))
    read, written = _whole(record.input_tokens or 0), _whole(record.output_tokens or 0)
    if record.cached:
        yield from (("hits", 1), ("saved_input_tokens", read), ("saved_output_tokens", written))
        return
    yield from (("input_tokens", read), ("output_tokens", written))
    yield from (("cached_tokens", _whole(record.cached_tokens)), ("reasoning_tokens", _whole(record.reasoning_tokens)))
    yield from _money(record)
    yield from _times(record)


def _money(record: UsageRecord) -> Iterator[tuple[str, float]]:
    if record.cost is not None and record.cost.is_finite():
        billionths = _whole(record.cost * 10**9)
        yield from (("priced", 1), ("cost", billionths), ("cost_squared", (billionths / 10**9) ** 2))
    else:
        # Who has said nothing asks no money, as far as anybody knows.
        yield "unpriced", int(record.first_content is not None or record.output_tokens is not None)


def _times(record: UsageRecord) -> Iterator[tuple[str, float]]:
    if record.first_content is not None:
        micros = _whole(record.first_content * 10**6)
        yield from (("first_contents", 1), ("first_content", micros))
        yield from (("first_content_squared", (micros / 10**6) ** 2), (FIRST[bucket_of(micros / 10**6)], 1))
    if record.outcome == "answered":
        micros = _whole(record.seconds * 10**6)
        yield from (("seconds", micros), ("seconds_squared", (micros / 10**6) ** 2))
        yield LASTED[bucket_of(micros / 10**6)], 1


def _whole(amount: float | Decimal) -> int:
    return round(min(max(amount, 0), _MOST)) if isfinite(amount) else 0


def _upsert(rollup: Rollup, dialect: str) -> Insert:
    table = rollup.table
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    added = {name: table.c[name] + insert.excluded[name] for name in SUMS}
    upsert: Insert = insert.on_conflict_do_update(index_elements=["day", "key"], set_=added)
    return upsert
