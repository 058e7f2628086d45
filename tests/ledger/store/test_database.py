"""One engine for both databases: what it does the same on both, and what it says when it cannot be used."""

import asyncio
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import suppress

import pytest
from sqlalchemy import insert, select, text

from tests.ledger.databases import new_postgresql
from tests.ledger.store.gate import Gate
from utils.ledger.database import Database
from utils.ledger.tables import shared_secrets
from utils.ledger.trouble import NotAcceptable, StoreTrouble
from utils.settings import ROOT


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


async def test_nobody_else_reads_a_new_file(tmp_path):
    file = tmp_path / "new" / "ledger.db"
    database = Database.of(file)
    before = os.umask(0o022)
    try:
        async with database.begin() as connection:
            await connection.execute(insert(shared_secrets).values(name="a", value="1"))
            modes = {each.name: each.stat().st_mode & 0o777 for each in file.parent.glob("ledger.db*")}
    finally:
        os.umask(before)
        await database.aclose()

    assert {"ledger.db", "ledger.db-wal", "ledger.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_a_file_that_is_there_keeps_its_mode(tmp_path):
    file = tmp_path / "ledger.db"
    file.touch()
    file.chmod(0o660)
    database = Database.of(file)

    await database.ready()

    assert file.stat().st_mode & 0o777 == 0o660
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


async def test_a_server_that_hangs_is_left_without_its_goodbye():
    with new_postgresql() as address:
        gate = Gate(address)
        await gate.open()
        database = Database.of(gate.address)
        async with database.connect() as connection:
            await connection.execute(text("SELECT 1"))
        gate.is_mute = True

        async with asyncio.timeout(8):
            await database.aclose()

        gate.is_mute = False
        async with database.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        await database.aclose()
        await gate.shut()


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


OPEN = """
import asyncio, sys
from pathlib import Path
from utils.ledger.database import Database
from utils.ledger.trouble import StoreTrouble

try:
    asyncio.run(Database.of(Path(sys.argv[1])).ready())
except StoreTrouble as exc:
    print(exc)
"""


def as_nobody_special() -> list[str]:
    """Root may write everywhere; without this capability it is bound by modes as everybody is."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-dac_override"]
    if shutil.which("setpriv") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("root may write everywhere")
    return command


@pytest.mark.parametrize("is_there", [False, True], ids=["a folder", "a folder with a ledger"])
async def test_a_folder_that_is_read_only_is_told(tmp_path, is_there):
    file = tmp_path / "data" / "ledger.db"
    file.parent.mkdir()
    if is_there:
        sqlite3.connect(file).close()
    for path in (*file.parent.iterdir(), file.parent):
        path.chmod(path.stat().st_mode & 0o555)

    command = [*as_nobody_special(), sys.executable, "-c", OPEN, str(file)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert re.match(r"the SQLite file ledger\.db cannot be used: .*(cannot be|read-only)", told.stdout)
    file.parent.chmod(0o755)


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
