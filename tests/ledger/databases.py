"""Empty databases for tests: a file, and a database of its own on a PostgreSQL that listens here."""

import asyncio
import os
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from utils.ledger.database import Database
from utils.ledger.tables import attempts

SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@contextmanager
def new_postgresql() -> Iterator[str]:
    """The address of an empty database; the test is skipped where no server listens."""
    if "TEST_POSTGRES_URL" not in os.environ and not listens(SERVER):
        pytest.skip("no PostgreSQL listens here")
    name = f"poe_bots_ledger_{uuid.uuid4().hex}"
    run_sql(SERVER, f"CREATE DATABASE {name}")
    try:
        yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
    finally:
        run_sql(SERVER, f"DROP DATABASE {name} WITH (FORCE)")


def listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=1).close()
    except OSError:
        return False
    return True


def run_sql(address: str, sql: str) -> None:
    """Carried out in a loop of its own, also while another one runs in this thread."""

    async def run() -> None:
        import asyncpg  # type: ignore[import-untyped]

        connection = await asyncpg.connect(address)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


async def ids_in(place) -> list[str]:
    """The ids of the attempts that are in the database, each as often as it is there."""
    database = Database.of(place)
    try:
        async with database.connect() as connection:
            return list((await connection.execute(select(attempts.c.id).order_by(attempts.c.number))).scalars())
    finally:
        await database.aclose()


async def count_in(place) -> int:
    """How many attempts are in the database."""
    database = Database.of(place)
    try:
        async with database.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(attempts))).scalar_one()
    finally:
        await database.aclose()
