"""The schema and its versions, which are the files in `migrations/versions`. It goes up and down, one at a time.

A file is called `0007_what_it_adds.py`; its first four digits are its `revision`, the ones before it its
`down_revision`. It has an `upgrade` and a `downgrade` that work on SQLite and on PostgreSQL, and is never changed
after it has been released.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from utils.errors import KeyStoreError
from utils.settings import ROOT

from .trouble import SchemaTooNew, StoreTrouble, foreign, translated

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

    from .database import Database

MIGRATIONS = ROOT / "migrations"
VERSION_TABLE = "poe_bots_version"
_NOTHING = "0000"
_LONGEST_CHANGE_SECONDS = 900.0
"""An index on ten million attempts takes ten seconds, and a slow disk its time. Answers go on meanwhile."""


@dataclass(frozen=True)
class Standing:
    """Where a schema stands, and where it could."""

    is_at: str
    """The revision of the database; 0000 where nothing was made yet."""
    known: tuple[str, ...]
    """The revisions that this version of the server knows, in order."""

    @property
    def is_new(self) -> bool:
        """Whether nothing is left to do."""
        return self.is_at == self.known[-1]

    @property
    def is_too_new(self) -> bool:
        """Whether a newer version of the server has been here."""
        return self.is_at not in (*self.known, _NOTHING)


class Schema:
    """The schema of one database. Its methods block: they are for a thread, or for the command line."""

    def __init__(self, database: "Database", migrations: Path = MIGRATIONS) -> None:
        self.database = database
        self.migrations = migrations

    def standing(self) -> Standing:
        """Where it stands now; a file that is not there is not made. Raises `StoreTrouble`."""
        file = self.database.address().database
        if self.database.kind == "sqlite" and file and not Path(file).exists():
            return Standing(_NOTHING, self.known())
        return self._carried_out(_revision_of, writes=False)

    def upgrade(self) -> Standing:
        """It is as this version of the server needs it. Raises `SchemaTooNew` where it is newer already."""
        standing = self.standing()
        self._refuse_newer(standing)
        return standing if standing.is_new else self._moved_to(standing.known[-1])

    def downgrade(self, revision: str) -> Standing:
        """It is as it was at that revision, 0000 being before everything: what came later is lost."""
        standing = self.standing()
        self._refuse_newer(standing)
        if not self.has(revision):
            raise StoreTrouble(f"there is no revision {revision}; known are {', '.join((_NOTHING, *standing.known))}.")
        return self._moved_to(revision)

    def known(self) -> tuple[str, ...]:
        """The revisions that this version of the server knows, in order."""
        found = sorted(path.name[:4] for path in (self.migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))
        if not found:
            raise StoreTrouble(
                "the folder `migrations` is missing: it belongs beside `utils`, wherever that is copied."
            )
        return tuple(found)

    def has(self, revision: str) -> bool:
        """Whether there is such a revision, 0000 being before everything."""
        return revision in (*self.known(), _NOTHING)

    def _moved_to(self, revision: str) -> Standing:
        def moved(connection: "Connection") -> str:
            # Another process may have done it while this one waited for the lock.
            standing = Standing(_revision_of(connection), self.known())
            self._refuse_newer(standing)
            if standing.is_at != revision:
                _run_alembic(connection, self.migrations, standing.is_at, revision)
            return revision

        with self._alone():
            return self._carried_out(moved, writes=True)

    def _refuse_newer(self, standing: Standing) -> None:
        if standing.is_too_new:
            raise SchemaTooNew(
                f"{self.database.where} has the schema {standing.is_at}, and this version of the server knows "
                f"{standing.known[-1]} as the newest: nothing is touched. Run the newer version of the server."
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the schema. PostgreSQL has a lock of its own, within the transaction."""
        file = self.database.address().database
        if self.database.kind == "postgresql" or not file:
            yield
            return
        from utils.keys.store.files import locked

        try:
            with locked(Path(file)):
                yield
        except KeyStoreError as exc:
            raise StoreTrouble(f"{self.database.where} cannot be used: {exc}") from exc

    def _carried_out(self, work: Any, *, writes: bool) -> Standing:
        try:
            is_at = asyncio.run(_in_transaction(self.database.address(), work, writes=writes))
        except foreign() as exc:
            raise translated(exc, self.database.where) from exc
        return Standing(is_at, self.known())


async def _in_transaction(address: "URL", work: Any, *, writes: bool) -> str:
    from .database import LONGEST_WAIT_SECONDS
    from .engine import WRITES, engine_for

    engine = engine_for(address, 1)
    try:
        longest = _LONGEST_CHANGE_SECONDS if writes else 6 * LONGEST_WAIT_SECONDS
        async with asyncio.timeout(longest), engine.connect() as connection:
            await connection.execution_options(**{WRITES: writes})
            async with connection.begin():
                if writes and address.drivername.startswith("postgresql"):
                    lock = "SELECT pg_advisory_xact_lock(hashtext('poe_bots_version'))"
                    await connection.exec_driver_sql(lock)
                is_at: str = await connection.run_sync(work)
                return is_at
    finally:
        await engine.dispose()


def _revision_of(connection: "Connection") -> str:
    from sqlalchemy import inspect

    if not inspect(connection).has_table(VERSION_TABLE):
        return _NOTHING
    return connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar() or _NOTHING  # noqa: S608


def _run_alembic(connection: "Connection", migrations: Path, is_at: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    move = command.upgrade if revision > is_at else command.downgrade
    move(config, "base" if revision == _NOTHING else revision)
