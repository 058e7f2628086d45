"""The tables of budgets. Money is in billionths of a dollar, times in seconds since 1970."""

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, String, Table

metadata = MetaData()

purses = Table(
    "budget_purses",
    metadata,
    Column("owner", String(250), primary_key=True),
    Column("scope", String(16), primary_key=True),
    Column("who", String(250), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("ends", BigInteger, nullable=False),
    Column("usd_spent", BigInteger, nullable=False),
    Column("usd_reserved", BigInteger, nullable=False),
    Column("usd_limit", BigInteger),
    Column("tokens_spent", BigInteger, nullable=False),
    Column("tokens_reserved", BigInteger, nullable=False),
    Column("tokens_limit", BigInteger),
    Column("has_warned", Boolean, nullable=False),
    Index("budget_purses_ends", "ends"),
)
"""What was spent in each period, and what is reserved. The limits are those of the last answer, for the eye."""

holds = Table(
    "budget_holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(250), primary_key=True),
    Column("scope", String(16), primary_key=True),
    Column("who", String(250), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("usd", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("budget_holds_until", "until"),
)
"""One row for each share that is reserved. After `until` it is void."""
