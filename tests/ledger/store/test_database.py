"""One engine for both databases: what it does the same on both, and what it says when it cannot be used."""

import asyncio
import os
import socket
from contextlib import suppress

import pytest
from sqlalchemy import insert, select, text

from utils.ledger.database import Database
from utils.ledger.tables import shared_secrets
from utils.ledger.trouble import NotAcceptable, StoreTrouble


async def test_a_transaction_is_kept_whole_or_not_at_all(place):
    database = Database.of(place)

    with suppress(RuntimeError):
        async with database.begin() as connection:
            await connection.execute(insert(shared_secrets).values(name="a", value="1"))
            raise RuntimeError
    async with database.begin() as connection:
        await connection.execute(insert(shared_secrets).values(name="b", value="2"))

    async with database.connect() as connection:
        assert (await connection.execute(select(shared_secrets.c.name))).scalars().all() == ["b"]
    await database.aclose()


async def test_those_who_read_before_they_write_wait_for_each_other(place):
    database = Database.of(place)
    async with database.begin() as connection:
        await connection.execute(insert(shared_secrets).values(name="count", value="0"))

    async def add_one() -> None:
        async with database.begin() as connection:
            found = select(shared_secrets.c.value).with_for_update()
            value = int((await connection.execute(found)).scalar_one())
            await asyncio.sleep(0)
            await connection.execute(shared_secrets.update().values(value=str(value + 1)))

    await asyncio.gather(*(add_one() for _ in range(20)))

    async with database.connect() as connection:
        assert (await connection.execute(select(shared_secrets.c.value))).scalar_one() == "20"
    await database.aclose()


async def test_what_the_database_does_not_take_is_told_apart_from_its_being_away(place):
    database = Database.of(place)

    with pytest.raises(NotAcceptable):
        async with database.begin() as connection:
            await connection.execute(insert(shared_secrets).values(name="a", value=None))
    await database.aclose()


async def test_it_can_be_used_again_after_it_was_closed(place):
    database = Database.of(place)
    await database.ready()

    await database.aclose()

    async with database.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await database.aclose()


async def test_nothing_is_made_before_it_is_used(tmp_path):
    database = Database.of(tmp_path / "data" / "ledger.db")

    await database.aclose()

    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_none_of_sqlite_is_named_and_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ledger.db"
    file.write_text("my diary" * 1000)

    with pytest.raises(StoreTrouble, match=r"^the SQLite file ledger\.db cannot be used: the file is no SQLite datab"):
        await Database.of(file).ready()

    assert file.read_text() == "my diary" * 1000


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_is_read_only_is_told(tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)

    with pytest.raises(StoreTrouble, match="cannot be"):
        await Database.of(tmp_path / "data" / "ledger.db").ready()


async def test_a_server_that_is_away_is_told_without_its_address_or_password():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    database = Database.of(f"postgresql://poet:hunter2@127.0.0.1:{port}/verses")

    with pytest.raises(StoreTrouble) as caught:
        await database.ready()

    said = f"{caught.value} {database!r}"
    assert str(caught.value) == "the PostgreSQL database cannot be used: no connection can be made."
    assert "hunter2" not in said
    assert "poet" not in said


async def test_an_address_of_another_kind_is_refused():
    with pytest.raises(StoreTrouble, match=r"DATABASE_URL should begin with postgresql:// or sqlite:///"):
        await Database.of("mysql://root:hunter2@db/x").ready()
