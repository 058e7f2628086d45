"""The encrypted store in a table: the same as in a file, for several containers."""

import asyncio
import os
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from utils.errors import KeyStoreError
from utils.keys.store import Contents, Master, store_of
from utils.keys.store.database import TABLE, address_of

CANARY = "sk-canary-0123456789"
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


def listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=1).close()
    except OSError:
        return False
    return True


async def _run_sql(address: str, sql: str) -> None:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(address)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/keys.db"
        return
    server = os.environ.get("TEST_POSTGRES_URL", LOCAL)
    if not listens(server):
        pytest.skip("no PostgreSQL listens here")
    name = f"poe_bots_keys_{uuid.uuid4().hex}"
    asyncio.run(_run_sql(server, f"CREATE DATABASE {name}"))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        asyncio.run(_run_sql(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def variables(places, address):
    return {**places, "KEYS_STORE": "database", "DATABASE_URL": address}


@pytest.fixture
def table(variables):
    return store_of(variables)


def test_what_is_set_is_what_any_other_process_reads(table, variables):
    assert table.read() == Contents()

    table.set("A_KEY", CANARY)
    table.set("B_KEY", "b")
    assert table.delete("B_KEY") is True

    assert store_of(variables).read().values == {"A_KEY": CANARY}


def test_rotation_is_one_step(table, variables, master_file):
    table.set("A_KEY", CANARY)
    old = master_file.read_bytes()

    assert table.rotate(Master.new()) == 1

    assert store_of(variables).read().values == {"A_KEY": CANARY}
    assert master_file.read_bytes() != old


def test_many_that_write_at_once_lose_nothing(variables):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: store_of(variables).set(f"KEY_{number}", f"value {number}"), range(8)))

    assert store_of(variables).read().values == {f"KEY_{number}": f"value {number}" for number in range(8)}


def test_two_machines_with_different_master_keys_do_not_overwrite_each_other(table, variables, tmp_path):
    table.set("A_KEY", CANARY)

    with pytest.raises(KeyStoreError, match=f"not the one of the table {TABLE}"):
        store_of({**variables, "KEYS_MASTER_KEY": "22" * 32}).set("A_KEY", "x")
    with pytest.raises(KeyStoreError, match="is missing"):
        store_of({**variables, "KEYS_MASTER_KEY_FILE": str(tmp_path / "elsewhere")}).set("A_KEY", "x")

    assert table.read().values == {"A_KEY": CANARY}


async def test_it_can_be_read_from_an_event_loop(table):
    await asyncio.to_thread(table.set, "A_KEY", CANARY)

    assert table.read().values == {"A_KEY": CANARY}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (
            "postgres://u:p@host/db?sslmode=require&channel_binding=require",
            "postgresql+asyncpg://u:p@host/db?ssl=require",
        ),
        ("postgresql://host/db", "postgresql+asyncpg://host/db"),
        (" postgresql+asyncpg://host/db\n", "postgresql+asyncpg://host/db"),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
    ],
)
def test_the_address_is_taken_as_hosts_write_it(given, meant):
    assert address_of(given).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize(
    "address", ["", "mysql://u:hunter22@h/d", "nonsense hunter22", "postgresql://u:hunter22@h:port/d"]
)
def test_another_address_is_refused_without_showing_it(places, address):
    store = store_of({**places, "KEYS_STORE": "database", "DATABASE_URL": address})

    with pytest.raises(KeyStoreError, match="DATABASE_URL should begin with") as caught:
        store.read()
    assert "hunter22" not in str(caught.value)


def test_a_database_that_is_down_is_an_error_without_its_address(places):
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"postgresql://user:hunter22@127.0.0.1:{taken.getsockname()[1]}/db"
        store = store_of({**places, "KEYS_STORE": "database", "DATABASE_URL": address})

        with pytest.raises(KeyStoreError, match=f"the table {TABLE} of DATABASE_URL cannot be used") as caught:
            store.read()

    assert "hunter22" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_an_option_that_the_driver_does_not_know_is_an_error_and_no_crash(places):
    address = "postgresql://user:hunter22@127.0.0.1:1/db?connect_timeout=10"
    store = store_of({**places, "KEYS_STORE": "database", "DATABASE_URL": address})

    with pytest.raises(KeyStoreError, match=r"an option behind the \? of its address") as caught:
        store.read()

    assert "hunter22" not in str(caught.value)
