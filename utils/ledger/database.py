"""The database of the server: one engine, its schema brought up to date before anything is asked of it.

    database = Database.of(settings.ledger_file)     # or Database.of("postgresql://…")

    async with database.begin() as connection:       # a transaction that writes
        await connection.execute(insert(table).values(…))
    async with database.connect() as connection:     # one that only reads
        rows = (await connection.execute(select(table))).all()

Every trouble is a `StoreTrouble`. A `Database` belongs to the event loop that uses it first.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from utils.errors import KeyStoreError
from utils.problems import short_path

from .trouble import StoreTrouble, foreign, translated

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LONGEST_WAIT_SECONDS = 10.0
"""For a connection, a lock or an answer of the database."""
_LONGEST_GOODBYE_SECONDS = 2.0
_CONNECTIONS = 5


class Database:
    """One database. Nothing is imported, opened or made before it is used."""

    def __init__(self, where: str | Path, *, connections: int = _CONNECTIONS) -> None:
        self._where = where
        self._connections = connections
        self._engine: AsyncEngine | None = None
        self._is_ready = False
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Database {self.where}>"

    @classmethod
    def of(cls, where: str | Path) -> "Database":
        """The database of a file, or at an address that begins with postgresql:// or sqlite:///."""
        return cls(where)

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        """Which of the two it is."""
        is_file = isinstance(self._where, Path) or self._where.strip().startswith("sqlite")
        return "sqlite" if is_file else "postgresql"

    @property
    def where(self) -> str:
        """What it is called in front of people; no address, for that has a password in it."""
        if self.kind == "postgresql":
            return "the PostgreSQL database"
        return f"the SQLite file {short_path(self._where)}" if isinstance(self._where, Path) else "the SQLite file"

    async def ready(self) -> None:
        """Its schema is as this version of the server needs it. Raises `StoreTrouble`; asking again tries again."""
        if self._is_ready:
            return
        async with self._one_at_a_time:
            if not self._is_ready:
                # What is imported for it, and a lock that it may have to wait for, would hold up answers here.
                await asyncio.to_thread(self._bring_up_to_date)
                self._is_ready = True

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator["AsyncConnection", None]:
        """A connection to read with: what it sees does not change while it is open."""
        await self.ready()
        try:
            async with self._opened().connect() as connection:
                yield connection
        except StoreTrouble:
            raise
        except foreign() as exc:
            raise translated(exc, self.where) from exc

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator["AsyncConnection", None]:
        """A transaction that writes: all of it is kept, or nothing. On SQLite it is the only one of its time."""
        from .engine import WRITES

        async with self.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                yield connection

    async def aclose(self) -> None:
        """Give every connection back. It may be used again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            with suppress(TimeoutError):  # a server that says nothing does not say goodbye either
                async with asyncio.timeout(_LONGEST_GOODBYE_SECONDS):
                    await engine.dispose()

    def address(self) -> "URL":
        """The address for SQLAlchemy. It has the password in it."""
        from sqlalchemy import URL

        from utils.keys.store.database import address_of

        if isinstance(self._where, Path):
            return URL.create("sqlite+aiosqlite", database=str(self._where))
        try:
            return address_of(self._where)
        except KeyStoreError as exc:
            raise StoreTrouble(str(exc)) from None

    def _opened(self) -> "AsyncEngine":
        if self._engine is None:
            from .engine import engine_for

            self._engine = engine_for(self.address(), self._connections)
        return self._engine

    def _bring_up_to_date(self) -> None:
        from .schema import Schema

        Schema(self).upgrade()
