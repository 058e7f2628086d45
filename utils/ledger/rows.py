"""A record as a row of the table `attempts`: money and time as whole numbers, and nothing that a database refuses."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec

from .bulk import Row, put
from .record import UsageRecord

if TYPE_CHECKING:
    from sqlalchemy import Column
    from sqlalchemy.ext.asyncio import AsyncConnection

BILLIONTHS = 1_000_000_000
MICROSECONDS = 1_000_000
_LARGEST = 2**63 - 1

Also = Callable[["AsyncConnection", Sequence[UsageRecord]], Awaitable[None]]
"""What is done with records in the transaction that has just put them into the database for the first time."""


async def insert_records(
    connection: "AsyncConnection", records: Sequence[UsageRecord], also: Sequence[Also] = ()
) -> None:
    """They are in the table, each once, however often this is done."""
    # Those who write the same records at the same time take them in one order, and so never wait in a circle.
    each = {record.id: record for record in sorted(records, key=lambda record: (record.at, record.id))}
    new = await _inserted(connection, each)
    fresh = [record for name, record in each.items() if name in new]
    for step in also:
        if fresh:
            await step(connection, fresh)


async def _inserted(connection: "AsyncConnection", records: Mapping[str, UsageRecord]) -> Collection[str]:
    """The ids of those that were not there before."""
    from .tables import attempts

    then = " ON CONFLICT (id) DO NOTHING"
    if connection.dialect.name == "postgresql":
        rows = [_row_of(record) for record in records.values()]
        return set((await put(connection, attempts, _NAMES, rows, then=f"{then} RETURNING id")).scalars())
    # Here nobody else writes until this transaction is over, so that what is not there now will not be.
    known = "SELECT id FROM attempts WHERE id IN (SELECT value FROM json_each(?))"
    there = set((await connection.exec_driver_sql(known, (msgspec.json.encode(list(records)).decode(),))).scalars())
    new = records.keys() - there
    if new:
        rows = [_row_of(record) for name, record in records.items() if name in new]
        await put(connection, attempts, _NAMES, rows, then=then)
    return new


def is_finite(record: UsageRecord) -> bool:
    """Whether its times are numbers that can be written down."""
    return isfinite(record.at + record.queued + record.seconds + (record.first_content or 0.0))


def readable(record: UsageRecord) -> UsageRecord:
    """The same record with letters and times only that every file and database takes."""
    fields = {name: getattr(record, name) for name in _NAMES}
    texts = {name: kept(value, len(value)) for name, value in fields.items() if isinstance(value, str)}
    times = {name: unknown for name, unknown in _UNKNOWN_TIMES.items() if not isfinite(fields[name] or 0.0)}
    return msgspec.structs.replace(record, **texts, **times)


def kept(text: str, most: int) -> str:
    """As much of it as is kept. PostgreSQL knows no NUL, and no half of a character."""
    if text.isascii() and len(text) <= most and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]


_NAMES = UsageRecord.__struct_fields__
_UNKNOWN_TIMES = {"at": 0.0, "queued": 0.0, "first_content": None, "seconds": 0.0}


def _row_of(record: UsageRecord) -> Row:
    return [written(value) for written, value in zip(_ways_to_write(), msgspec.structs.astuple(record), strict=True)]


@cache
def _ways_to_write() -> Sequence[Callable[[Any], Any]]:
    """For each field what makes it what its column takes."""
    from .tables import attempts

    return [_way_to_write(name, attempts.c[name]) for name in _NAMES]


def _way_to_write(name: str, column: "Column[Any]") -> Callable[[Any], Any]:
    from sqlalchemy import Boolean, String

    if isinstance(column.type, String):
        return partial(kept, most=column.type.length or 0)
    if isinstance(column.type, Boolean):
        return bool
    if name in _UNKNOWN_TIMES:
        return partial(_time, unknown=_UNKNOWN_TIMES[name])
    return _money if name == "cost" else _count


def _time(seconds: float | None, unknown: float | None) -> int | None:
    known = unknown if seconds is None or not isfinite(seconds) else seconds
    return None if known is None else _whole(known, MICROSECONDS)


def _money(dollars: Decimal | None) -> int | None:
    return None if dollars is None or not dollars.is_finite() else _whole(dollars, BILLIONTHS)


def _count(number: int | None) -> int | None:
    return None if number is None else _whole(number, 1)


def _whole(value: float | Decimal, parts: int) -> int:
    """So many parts, rounded. It is cut before it is multiplied: a number of a provider may have any size."""
    most = _LARGEST // parts
    return round(max(-most, min(most, value)) * parts)
