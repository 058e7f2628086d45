"""What records add to the sums, and how that gets into the tables."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..bulk import put
from ..record import UsageRecord
from ..rows import kept
from .latencies import bucket_of
from .tables import FIRST, LASTED, ROLLUPS, SUMS, Rollup, width_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Amounts = dict[str, float]
"""How much is added to which sum; nothing to all others."""

_EPOCH = datetime.date(1970, 1, 1)
_LAST_SECOND = 32_000_000_000.0
_FAILED = {"failed", "broken"}
_MOST = 10**13
"""What one record may add to a sum: a clock or a provider gone mad must not make it overflow."""
_REMEMBERED = 4096


async def add(connection: "AsyncConnection", records: Sequence[UsageRecord]) -> None:
    """Add the records to all tables of sums."""
    amounts = [amounts_of(record) for record in records]
    added = {name for each in amounts for name in each}
    sums = tuple(name for name in SUMS if name in added)
    for rollup in ROLLUPS.values():
        await _add_to(connection, rollup, list(summed(rollup, records, amounts)), sums)


async def _add_to(
    connection: "AsyncConnection", rollup: Rollup, rows: Sequence[Mapping[str, Any]], sums: tuple[str, ...]
) -> None:
    """Most of the sums are of times that nobody took: only the others go to the database."""
    said = ("day", "key", *rollup.dimensions)
    values = [[*(row[name] for name in said), *(row.get(name, 0) for name in sums)] for row in rows]
    zeros = tuple(name for name in SUMS if name not in sums)
    table = rollup.table
    changes = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in sums)
    await put(connection, table, said + sums, values, zeros, f" ON CONFLICT (day, key) DO UPDATE SET {changes}")


def summed(
    rollup: Rollup, records: Iterable[UsageRecord], amounts: Iterable[Amounts] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of the table that these records make, each once, in the order in which everybody writes them.

    Two writers that take the same rows in the same order wait for each other, and never both at once. A sum to which
    nothing is added is not in a row. `amounts` are those of the records, where they are known already.
    """
    rows: dict[tuple[int, tuple[str, ...]], dict[str, Any]] = {}
    for record, each in zip(records, map(amounts_of, records) if amounts is None else amounts, strict=True):
        day, said = _day_of(record, rollup), _said(record, rollup)
        row = rows.get((day, said))
        if row is None:
            named = dict(zip(rollup.dimensions, said, strict=True))
            rows[day, said] = {"day": day, "key": key_of(said), **named, **each}
            continue
        for name, amount in each.items():
            row[name] = row.get(name, 0) + amount
    yield from sorted(rows.values(), key=lambda row: (row["day"], row["key"]))


@lru_cache(_REMEMBERED)
def key_of(said: tuple[str, ...]) -> str:
    """A short name for these properties."""
    return blake2b("\0".join(said).encode(), digest_size=16).hexdigest()


def day_number(date: datetime.date) -> int:
    """The day, counted from 1970 on."""
    return (date - _EPOCH).days


def date_of(day: int) -> datetime.date:
    """The day of this number."""
    return _EPOCH + datetime.timedelta(days=day)


def amounts_of(record: UsageRecord) -> Amounts:
    """What one record adds, and to which sums. What came from the cache was not paid for and took no time."""
    amounts: Amounts = {"attempts": 1, "requests": int(record.attempt == 1)}
    amounts |= {"answered": int(record.outcome == "answered"), "failed": int(record.outcome in _FAILED)}
    read, written = _whole(record.input_tokens or 0), _whole(record.output_tokens or 0)
    if record.cached:
        amounts |= {"hits": 1, "saved_input_tokens": read, "saved_output_tokens": written}
    else:
        amounts |= {"input_tokens": read, "output_tokens": written, "cached_tokens": _whole(record.cached_tokens)}
        amounts |= {"reasoning_tokens": _whole(record.reasoning_tokens), **_money(record), **_times(record)}
    return {name: amount for name, amount in amounts.items() if amount}


def _day_of(record: UsageRecord, rollup: Rollup) -> int:
    day = int(min(max(record.at, 0.0), _LAST_SECOND) // 86400) if isfinite(record.at) else 0
    return _month_of(day) if rollup.by_month else day


@lru_cache(_REMEMBERED)
def _month_of(day: int) -> int:
    return day_number(date_of(day).replace(day=1))


def _said(record: UsageRecord, rollup: Rollup) -> tuple[str, ...]:
    return tuple([kept(getattr(record, name), width_of(name)) for name in rollup.dimensions])


def _money(record: UsageRecord) -> Amounts:
    if record.cost is not None and record.cost.is_finite():
        billionths = _whole(record.cost * 10**9)
        return {"priced": 1, "cost": billionths, "cost_squared": (billionths / 10**9) ** 2}
    return {"unpriced": int(record.cost_is_unknown)}


def _times(record: UsageRecord) -> Amounts:
    times: Amounts = {}
    if record.first_content is not None:
        micros = _whole(record.first_content * 10**6)
        squared = (micros / 10**6) ** 2
        times |= {"first_contents": 1, "first_content": micros, "first_content_squared": squared}
        times[FIRST[bucket_of(micros / 10**6)]] = 1
    if record.outcome == "answered":
        micros = _whole(record.seconds * 10**6)
        times |= {"seconds": micros, "seconds_squared": (micros / 10**6) ** 2}
        times[LASTED[bucket_of(micros / 10**6)]] = 1
    return times


def _whole(amount: float | Decimal) -> int:
    return round(min(max(amount, 0), _MOST)) if isfinite(amount) else 0
