"""A database of each kind, with the schema of the server, empty for every test."""

import os
from collections.abc import AsyncIterator

import pytest

from utils.ledger.database import Database

_SERVER = "postgresql://postgres@127.0.0.1:5432/test"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path, worker_id) -> AsyncIterator[Database]:
    """Open, and closed again at the end."""
    if request.param == "sqlite":
        database = Database.of(tmp_path / "ledger.db")
    else:
        database = Database.of(await own_postgresql(f"summaries_{worker_id}"))
    yield database
    await database.aclose()


async def own_postgresql(name: str) -> str:
    """The address of a new, empty database of this name. Skips the test where there is no server."""
    import asyncpg  # type: ignore[import-untyped]

    server = os.environ.get("TEST_POSTGRES_URL", _SERVER)
    try:
        connection = await asyncpg.connect(server, timeout=2)
    except (TimeoutError, OSError, asyncpg.PostgresError):
        pytest.skip("there is no PostgreSQL here")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
