"""The tables. Money is in billionths of a dollar and time in microseconds, so that sums are exact everywhere."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    literal_column,
)

metadata = MetaData()

_ID = BigInteger().with_variant(Integer, "sqlite")

attempts = Table(
    "attempts",
    metadata,
    Column("number", _ID, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("door", String(32), nullable=False),
    Column("bot", String(200), nullable=False),
    Column("user", String(200), nullable=False),
    Column("conversation", String(200), nullable=False),
    Column("message", String(200), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("model", String(300), nullable=False),
    Column("answered_by", String(300), nullable=False),
    Column("variant", String(300), nullable=False),
    Column("key", String(200), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("error", String(64), nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("cache_write_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("cost_source", String(16), nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("first_content", BigInteger),
    Column("seconds", BigInteger, nullable=False),
    Index("attempts_at", "at"),
    Index("attempts_bot_at", "bot", "at"),
)
"""One row for each `UsageRecord`, its fields under their names."""

DAY_OF_ATTEMPT: ColumnElement[int] = literal_column("(at / 86400000000)", BigInteger)
"""Counted from 1970 on, in UTC. It is an index only in these very words."""

for _column in ("seconds", "first_content", "cost", "user", "reference"):
    # The day comes first, so that whatever is written now goes to one place in each of them.
    Index(f"attempts_day_{_column}", DAY_OF_ATTEMPT, attempts.c[_column])

HAS_ERROR: ColumnElement[bool] = attempts.c.error != literal_column("''")
"""Few have one, so an index of those alone costs next to nothing. It is used for these very words."""
Index("attempts_day_error", DAY_OF_ATTEMPT, attempts.c.error, sqlite_where=HAS_ERROR, postgresql_where=HAS_ERROR)

shared_secrets = Table(
    "shared_secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(200), nullable=False),
)
"""What all processes of a server have to agree on and nobody else may know."""
