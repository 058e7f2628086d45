"""A record as a row of the table `attempts`: money and time as whole numbers, and nothing that a database refuses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from .record import UsageRecord

if TYPE_CHECKING:
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
    from sqlalchemy.dialects import postgresql, sqlite

    from .tables import attempts

    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(attempts)
    # Those who write the same records at the same time take them in one order, and so never wait in a circle.
    rows = [_row_of(record) for record in sorted(records, key=lambda record: (record.at, record.id))]
    inserted = insert.on_conflict_do_nothing(index_elements=["id"]).returning(attempts.c.id)
    new = set((await connection.execute(inserted, rows)).scalars())
    fresh = [record for record in {record.id: record for record in records}.values() if record.id in new]
    for step in also:
        if fresh:
            await step(connection, fresh)


def readable(record: UsageRecord) -> UsageRecord:
    """The same record with letters only that every file and database takes."""
    texts = {name: value for name, value in _fields_of(record).items() if isinstance(value, str)}
    return msgspec.structs.replace(record, **{name: _plain(value) for name, value in texts.items()})


def _row_of(record: UsageRecord) -> dict[str, Any]:
    lengths = _lengths()
    return {name: _value(name, value, lengths) for name, value in _fields_of(record).items()}


def _fields_of(record: UsageRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _value(name: str, value: Any, lengths: Mapping[str, int]) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return _plain(value)[: lengths[name]]
    if isinstance(value, Decimal):
        return _whole(value * BILLIONTHS) if value.is_finite() else None
    return _whole(value * MICROSECONDS if name in _TIMES else value)


@cache
def _lengths() -> Mapping[str, int]:
    from .tables import attempts

    return {column.name: column.type.length for column in attempts.c if hasattr(column.type, "length")}


_TIMES = frozenset({"at", "queued", "first_content", "seconds"})


def _whole(value: float | Decimal) -> int:
    return max(-_LARGEST, min(_LARGEST, round(value)))


def _plain(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
