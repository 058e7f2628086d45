"""The tables of budgets are what their migration makes, and it can be taken back."""

import asyncio

from sqlalchemy import create_engine, inspect

from utils.ledger.budgets.tables import metadata
from utils.ledger.database import Database
from utils.ledger.schema import Schema


def shape_of(file) -> dict[str, object]:
    """The columns, keys and indexes of every table of budgets."""
    engine = create_engine(f"sqlite:///{file}")
    try:
        found = inspect(engine)
        return {
            name: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
                found.get_pk_constraint(name)["constrained_columns"],
                [(index["name"], index["column_names"]) for index in found.get_indexes(name)],
            )
            for name in found.get_table_names()
            if name in metadata.tables
        }
    finally:
        engine.dispose()


def test_the_migration_makes_the_tables_that_the_code_uses(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/code.db")
    metadata.create_all(engine)
    engine.dispose()

    Schema(Database.of(tmp_path / "migrated.db")).upgrade()

    migrated, of_code = shape_of(tmp_path / "migrated.db"), shape_of(tmp_path / "code.db")
    assert {name: migrated[name] for name in of_code} == of_code


def test_the_migration_can_be_taken_back(tmp_path):
    schema = Schema(Database.of(tmp_path / "ledger.db"))
    schema.upgrade()

    schema.downgrade("0001")

    assert not set(metadata.tables) & set(shape_of(tmp_path / "ledger.db"))


async def test_many_processes_may_open_an_empty_database_at_once(tmp_path):
    databases = [Database.of(tmp_path / "ledger.db") for _ in range(3)]

    await asyncio.gather(*(database.ready() for database in databases))

    assert set(metadata.tables) <= set(shape_of(tmp_path / "ledger.db"))
