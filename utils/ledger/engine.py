"""Engines for the two databases, with what makes them alike: how they wait, begin and read."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .database import LONGEST_WAIT_SECONDS

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

WRITES = "poe_bots_writes"
"""The option of a connection whose transactions write."""
_RECYCLE_SECONDS = 300
_PRIVATE = 0o600


def engine_for(address: "URL", connections: int) -> "AsyncEngine":
    """An engine with at most so many connections, which are made when they are needed."""
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    is_sqlite = address.drivername.startswith("sqlite")
    engine = create_async_engine(
        address,
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=LONGEST_WAIT_SECONDS,
        pool_pre_ping=not is_sqlite,
        pool_recycle=_RECYCLE_SECONDS,
        connect_args=_sqlite_arguments() if is_sqlite else _postgresql_arguments(),
    )
    if is_sqlite:
        _like_postgresql(engine, address)
    return engine


def _sqlite_arguments() -> dict[str, Any]:
    return {"timeout": LONGEST_WAIT_SECONDS, "isolation_level": None}


def _postgresql_arguments() -> dict[str, Any]:
    return {
        "timeout": LONGEST_WAIT_SECONDS,
        "command_timeout": 3 * LONGEST_WAIT_SECONDS,
        # Poolers such as PgBouncer hand one connection to many: names of statements must not meet there.
        # https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#prepared-statement-name-with-pgbouncer
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: f"__poe_bots_{uuid4()}__",
        "server_settings": {"application_name": "poe-bots", "lock_timeout": f"{LONGEST_WAIT_SECONDS:.0f}s"},
    }


def _make_private(file: Path) -> None:
    """There is such a file, and nobody but who runs the server reads a new one: conversations stand in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # it is there, and then not touched: to close it would drop the locks of others on it
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, _PRIVATE))


def _like_postgresql(engine: "AsyncEngine", address: "URL") -> None:
    """Let SQLite read while it writes, keep what it is told to, and begin where a transaction begins."""
    from sqlalchemy import event

    if address.database and address.database != ":memory:":
        _make_private(Path(address.database))

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: "Connection") -> None:
        # The driver begins late and never before a CREATE. One that reads first and then writes would be refused
        # at once when another has written meanwhile, for all of busy_timeout: so whoever writes begins as a writer.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
