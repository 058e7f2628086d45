"""The tables of sums: one row for each day and each kind of attempt. They are kept when single records are not."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table

from ..tables import metadata
from .latencies import BUCKETS

FIRST = tuple(f"first_{number:02}" for number in range(BUCKETS))
"""How many attempts had their first content within the time of this bucket."""
LASTED = tuple(f"lasted_{number:02}" for number in range(BUCKETS))
"""How many answers were over within the time of this bucket."""

COUNTS = (
    "requests",
    "attempts",
    "answered",
    "failed",
    "hits",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "saved_input_tokens",
    "saved_output_tokens",
    "cost",
    "priced",
    "unpriced",
    "first_contents",
    "first_content",
    "seconds",
)
"""Whole numbers. Money is in billionths of a dollar and time in microseconds, as it is in the records."""
SQUARES = ("cost_squared", "first_content_squared", "seconds_squared")
"""In dollars and seconds: what the spread of an average is known by."""
SUMS = (*COUNTS, *SQUARES, *FIRST, *LASTED)

_WIDTHS = {"error": 64, "outcome": 16, "model": 300, "variant": 300}


def width_of(dimension: str) -> int:
    """How many characters of it are kept."""
    return _WIDTHS.get(dimension, 200)


@dataclass(frozen=True)
class Rollup:
    """A table of sums, by these properties of an attempt."""

    table: Table
    dimensions: tuple[str, ...]
    by_month: bool = False


def _rollup(name: str, *dimensions: str, by_month: bool = False) -> Rollup:
    """`key` stands for all the properties: long names would make a large index."""
    table = Table(
        name,
        metadata,
        Column("day", Integer, primary_key=True, autoincrement=False),
        Column("key", String(32), primary_key=True),
        *(Column(each, String(width_of(each)), nullable=False) for each in dimensions),
        *(Column(each, BigInteger, nullable=False) for each in COUNTS),
        *(Column(each, Float(53), nullable=False) for each in SQUARES),
        *(Column(each, BigInteger, nullable=False) for each in (*FIRST, *LASTED)),
        sqlite_with_rowid=False,
    )
    if "user" in dimensions:
        # Who is the dearest of a million is read from this alone.
        Index(f"{name}_user", table.c.user, table.c.day, table.c.cost, table.c.attempts)
    return Rollup(table, dimensions, by_month)


DAYS = _rollup("usage_days", "bot", "provider", "model", "variant", "outcome", "error")
USER_DAYS = _rollup("usage_user_days", "user", "bot", "error")
USER_MONTHS = _rollup("usage_user_months", "user", "bot", "error", by_month=True)
ROLLUPS: Mapping[str, Rollup] = {each.table.name: each for each in (DAYS, USER_DAYS, USER_MONTHS)}
"""`day` is counted from 1970 on, in UTC; in a table of months it is the first one."""
