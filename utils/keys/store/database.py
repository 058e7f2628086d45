"""A store in a table of a database, which several containers can share."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from utils.errors import KeyStoreError

from .vaults import Step

if TYPE_CHECKING:
    from sqlalchemy import URL, Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

TABLE = "poe_bots_keys"
_LONGEST_WAIT_SECONDS = 10.0
_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}

Result = TypeVar("Result")


class DatabaseVault:
    """One row of one table."""

    where = f"the table {TABLE} of DATABASE_URL"
    is_near = False

    def __init__(self, address: str) -> None:
        self._address = address

    def __repr__(self) -> str:
        return f"<DatabaseVault in {TABLE}>"

    def stamp(self) -> object:
        """Always the same: only a look inside would tell."""
        return None

    def read(self) -> bytes | None:
        """What the row holds."""
        return self._carried_out(_read)

    def change(self, step: Step) -> None:
        """Write the row anew in one transaction, which holds a lock on it."""

        async def changed(connection: "AsyncConnection") -> None:
            await _change(connection, step)

        self._carried_out(_make_table)
        self._carried_out(changed)

    def _carried_out(self, work: "Callable[[AsyncConnection], Awaitable[Result]]") -> Result:
        """Do it in a thread of its own: whoever asks may stand on an event loop, and the drivers want one too."""
        with ThreadPoolExecutor(1, "key-store") as thread:
            return thread.submit(asyncio.run, self._in_transaction(work)).result()

    async def _in_transaction(self, work: "Callable[[AsyncConnection], Awaitable[Result]]") -> Result:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            engine = _engine(address_of(self._address))
            try:
                async with asyncio.timeout(3 * _LONGEST_WAIT_SECONDS), engine.begin() as connection:
                    return await work(connection)
            finally:
                await engine.dispose()
        # The drivers take what follows the `?` of the address for arguments: an unknown one is a TypeError.
        except (SQLAlchemyError, OSError, TimeoutError, ImportError, TypeError, ValueError) as exc:
            raise KeyStoreError(f"{self.where} cannot be used: {_reason(exc)}.") from exc


def address_of(text: str) -> "URL":
    """The address for SQLAlchemy, with a driver that does not block. Raises `KeyStoreError` on what is none."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(text.strip())
        driver = _DRIVERS[address.drivername]
    except (ArgumentError, KeyError, ValueError):
        raise KeyStoreError("DATABASE_URL should begin with postgresql:// or sqlite:///.") from None
    query = dict(address.query)
    if driver.startswith("postgresql"):
        # What hosts such as Neon write for libpq, asyncpg knows by another name or not at all.
        query.pop("channel_binding", None)
        if mode := query.pop("sslmode", None):
            query["ssl"] = mode
    return address.set(drivername=driver, query=query)


def _engine(address: "URL") -> "AsyncEngine":
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    waits = {"timeout": _LONGEST_WAIT_SECONDS}
    return create_async_engine(address, poolclass=NullPool, hide_parameters=True, connect_args=waits)


def _table() -> "Table":
    from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

    return Table(TABLE, MetaData(), Column("id", Integer, primary_key=True), Column("document", LargeBinary))


async def _make_table(connection: "AsyncConnection") -> None:
    from sqlalchemy import text

    if connection.dialect.name == "postgresql":
        # Two that make the table at once would trip over each other, for all of IF NOT EXISTS.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:table))"), {"table": TABLE})
    await connection.run_sync(lambda sync: _table().create(sync, checkfirst=True))


async def _read(connection: "AsyncConnection") -> bytes | None:
    from sqlalchemy import inspect, select

    if not await connection.run_sync(lambda sync: inspect(sync).has_table(TABLE)):
        return None
    return (await connection.execute(select(_table().c.document))).scalar_one_or_none()


async def _change(connection: "AsyncConnection", step: Step) -> None:
    from sqlalchemy import select, text, update

    table = _table()
    # SQLite locks at the first thing that writes, PostgreSQL at FOR UPDATE: so both, before anything is read.
    await connection.execute(text(f"INSERT INTO {TABLE} (id) VALUES (1) ON CONFLICT DO NOTHING"))  # noqa: S608
    found = (await connection.execute(select(table.c.document).with_for_update())).scalar_one()
    await connection.execute(update(table).values(document=step(found)))


def _reason(exc: BaseException) -> str:
    """What went wrong, without the address and without what was sent."""
    if isinstance(exc, ImportError):
        return f"the package {exc.name or 'of its driver'} is not installed"
    origin = getattr(exc, "orig", None) or exc
    if isinstance(origin, TimeoutError):
        return "it did not answer in time"
    if isinstance(exc, TypeError) and "keyword argument" in str(exc):
        return "the driver does not know an option behind the ? of its address"
    return type(origin.__cause__ or origin).__name__
