"""The schema goes up and down on both databases, once for all processes, and never over a newer one."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import MetaData, inspect, text

from utils.ledger import tables
from utils.ledger.database import Database
from utils.ledger.schema import MIGRATIONS, VERSION_TABLE, Schema
from utils.ledger.trouble import SchemaTooNew, StoreTrouble

VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))
INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'attempts'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE tablename = 'attempts'",
}
REVISIONS = [path.name[:4] for path in VERSIONS]


async def tables_of(place) -> set[str]:
    database = Database.of(place)
    async with database.connect() as connection:
        names = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    await database.aclose()
    return names


def test_each_version_is_called_by_its_number_and_follows_the_one_before():
    for path, before in zip(VERSIONS, [None, *REVISIONS], strict=False):
        said = path.read_text(encoding="utf-8")
        down = re.search(r"^down_revision.*= (.*)$", said, re.MULTILINE)

        assert re.search(rf'^revision.*= "{path.name[:4]}"$', said, re.MULTILINE)
        assert down
        assert down[1].strip('"') == str(before)


async def test_it_goes_up_and_down_and_up_again_step_by_step(place):
    schema = Schema(Database.of(place))
    await asyncio.to_thread(schema.upgrade)

    for revision in [*reversed(REVISIONS[:-1]), "0000"]:
        assert (await asyncio.to_thread(schema.downgrade, revision)).is_at == revision
    standing = await asyncio.to_thread(schema.upgrade)

    assert standing.is_new
    assert (await asyncio.to_thread(schema.standing)).is_at == REVISIONS[-1]


async def test_going_down_leaves_nothing_but_the_version(place):
    schema = Schema(Database.of(place))
    await asyncio.to_thread(schema.upgrade)

    await asyncio.to_thread(schema.downgrade, "0000")

    found = MetaData()
    from utils.ledger.engine import engine_for

    engine = engine_for(schema.database.address(), 1)
    async with engine.connect() as connection:
        await connection.run_sync(found.reflect)
    await engine.dispose()
    assert set(found.tables) == {VERSION_TABLE}


async def test_the_migrations_make_the_tables_that_the_code_knows(place):
    database = Database.of(place)

    async with database.connect() as connection:
        made = await connection.run_sync(
            lambda sync: {
                name: {column["name"] for column in inspect(sync).get_columns(name)}
                for name in inspect(sync).get_table_names()
            }
        )
        # SQLAlchemy does not see the indexes of SQLite that hold more than columns.
        listed = await connection.execute(text(INDEXES[database.kind]))
        indexes = set(listed.scalars())
    await database.aclose()

    for table in (tables.attempts, tables.shared_secrets):
        assert made[table.name] == {column.name for column in table.columns}
    assert {index.name for index in tables.attempts.indexes} <= indexes


async def test_many_who_open_it_at_the_same_time_upgrade_it_once(place):
    databases = [Database.of(place) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        standings = list(pool.map(lambda database: Schema(database).upgrade(), databases))

    assert {standing.is_at for standing in standings} == {REVISIONS[-1]}
    assert "attempts" in await tables_of(place)


async def test_a_schema_that_is_newer_is_not_touched(place):
    database = Database.of(place)
    async with database.begin() as connection:
        await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    await database.aclose()
    before = await asyncio.to_thread(Schema(Database.of(place)).standing)

    with pytest.raises(SchemaTooNew, match=r"has the schema 9999, and this version of the server knows \d{4}"):
        await Database.of(place).ready()
    with pytest.raises(SchemaTooNew):
        await asyncio.to_thread(Schema(Database.of(place)).downgrade, "0000")

    assert before.is_too_new
    assert (await asyncio.to_thread(Schema(Database.of(place)).standing)) == before


async def test_a_migration_that_fails_leaves_the_schema_as_it_was(place, tmp_path):
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    for path in VERSIONS:
        (folder / "versions" / path.name).write_text(path.read_text())
    (folder / "versions" / "0999_broken.py").write_text(
        "from alembic import op\n"
        f'revision, down_revision = "0999", "{REVISIONS[-1]}"\n'
        "def upgrade():\n"
        '    op.execute("CREATE TABLE half (id INTEGER)")\n'
        '    op.execute("SELECT nothing FROM nowhere")\n'
        "def downgrade():\n    pass\n"
    )
    await asyncio.to_thread(Schema(Database.of(place)).upgrade)

    with pytest.raises(StoreTrouble):
        await asyncio.to_thread(Schema(Database.of(place), folder).upgrade)

    assert (await asyncio.to_thread(Schema(Database.of(place)).standing)).is_at == REVISIONS[-1]
    assert "half" not in await tables_of(place)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreTrouble, match="the folder `migrations` is missing"):
        Schema(Database.of(tmp_path / "ledger.db"), tmp_path / "nowhere").upgrade()


def test_a_revision_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(StoreTrouble, match=r"there is no revision 4711; known are 0000, 0001"):
        Schema(Database.of(tmp_path / "ledger.db")).downgrade("4711")
