"""Whole servers that are killed while they answer: the ledger has as many attempts as the provider was asked for."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from tests.apps import upstream_provider
from tests.cli.local import Running, start
from tests.serving import serving
from utils.ledger.database import Database
from utils.ledger.pace import Pace
from utils.ledger.stored import StoredLedger
from utils.providers.demo.server import demo_app

BOTS = "bots: [{bot_name: Poet, provider: upstream}]"
WHOLE, OPEN = "/tokens 3", "/tokens 9 /stall-after 700"
"""An answer that comes to its end, and one that has begun and says nothing more."""


class House:
    """A provider that counts, and servers in front of it that share the folder of their ledger."""

    def __init__(self, folder: Path, provider, client: httpx.AsyncClient) -> None:
        self.file = folder / "data" / "ledger.db"
        self.journal = folder / "data" / "ledger-journal"
        self._folder = folder
        self._provider = provider.state
        self._client = client
        self._servers: list[Running] = []
        self._open: list[asyncio.Task[None]] = []

    @property
    def asked(self) -> list[str]:
        """The names of all questions that the provider has got, each as often as it came."""
        return sorted(body["messages"][-1]["content"].split()[-1] for _, body in self._provider.requests)

    async def server(self, *options: str) -> Running:
        """One more process, for this ledger."""
        files = ["--provider-config", "providers.yaml", "--bot-config", "bots.yaml"]
        paths = [str(self._folder / each) if each.endswith(".yaml") else each for each in files]
        process = start(*paths, *options, "--port", "0", LEDGER="sqlite", LEDGER_FILE=str(self.file))
        running = await asyncio.to_thread(Running, process)
        self._servers.append(running)
        return running

    async def ask(self, server: Running, *names: str) -> None:
        """Questions with these names, answered whole."""
        await asyncio.gather(*(self._ask(server, WHOLE, name) for name in names))

    async def leave_open(self, server: Running, *names: str) -> None:
        """Questions with these names whose answers have begun to come, and do not end."""
        self._open += [asyncio.create_task(self._ask(server, OPEN, name)) for name in names]
        async with asyncio.timeout(20):
            while self._provider.open_streams < len(self._open):
                await asyncio.sleep(0.01)

    async def kill(self, server: Running) -> None:
        """End it in the middle of whatever it does."""
        server.process.kill()
        await asyncio.to_thread(server.process.communicate)

    async def stop(self, server: Running, how: signal.Signals) -> None:
        """Ask it to end, and wait for that."""
        await asyncio.to_thread(server.stop, how)

    def records(self) -> dict[str, tuple[str, str, object]]:
        """What came of each question, by its name. None is there twice."""
        with closing(sqlite3.connect(self.file)) as connection:
            found = connection.execute("SELECT message, outcome, error, output_tokens FROM attempts").fetchall()
        assert len({message for message, *_ in found}) == len(found)
        return {message: (outcome, error, tokens) for message, outcome, error, tokens in found}

    async def aclose(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        for server in self._servers:
            if server.process.poll() is None:
                await self.kill(server)

    async def _ask(self, server: Running, what: str, name: str) -> None:
        query = [{"role": "user", "content": f"{what} {name}"}]
        body = {"type": "query", "version": "1.2", "query": query, "user_id": "u", "message_id": name}
        try:
            await self._client.post(f"{server.address}/Poet", json=body, timeout=60)
        except httpx.TransportError:
            assert what == OPEN  # its server was killed


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    provider = demo_app()
    (tmp_path / "bots.yaml").write_text(BOTS)
    async with serving(provider) as address, httpx.AsyncClient() as client:
        (tmp_path / "providers.yaml").write_text(upstream_provider(address, profile="openai"))
        house = House(tmp_path, provider, client)
        try:
            yield house
        finally:
            await house.aclose()


@asynccontextmanager
async def who_looks_after_it(house: House) -> AsyncIterator[None]:
    """A ledger of another process on the same folder, from its beginning to its end."""
    ledger = StoredLedger(Database.of(house.file), house.journal, pace=Pace(closing_seconds=20))
    await ledger.open()
    yield
    await ledger.aclose()


def names(what: str, many: int) -> list[str]:
    return [f"{what}-{number}" for number in range(many)]


async def test_after_a_kill_every_question_that_the_provider_has_got_has_one_record(house):
    server = await house.server()
    await house.ask(server, *names("whole", 6))
    await house.leave_open(server, *names("open", 8))

    await house.kill(server)
    next_one = await house.server()
    await house.ask(next_one, "after")
    await house.stop(next_one, signal.SIGTERM)

    records = house.records()
    assert sorted(records) == house.asked
    assert {records[name] for name in (*names("whole", 6), "after")} == {("answered", "", 3)}
    assert {records[name] for name in names("open", 8)} == {("cancelled", "ServerDied", None)}
    assert not house.journal.exists()


async def test_another_process_takes_over_from_the_killed_one_and_leaves_those_that_live_alone(house):
    killed, living = await house.server(), await house.server()
    await house.leave_open(killed, *names("killed", 3))
    await house.leave_open(living, *names("living", 3))

    await house.kill(killed)
    async with who_looks_after_it(house):
        while_one_lives = house.records()
    await house.ask(living, "after")
    await house.stop(living, signal.SIGINT)

    records = house.records()
    assert while_one_lives == dict.fromkeys(names("killed", 3), ("cancelled", "ServerDied", None))
    assert sorted(records) == house.asked
    assert {records[name][:2] for name in names("living", 3)} == {("cancelled", "")}
    assert records["after"] == ("answered", "", 3)
    assert not house.journal.exists()


async def test_a_server_that_ends_leaves_nothing_under_way(house):
    server = await house.server()
    await house.ask(server, "whole")
    await house.leave_open(server, *names("open", 4))

    await house.stop(server, signal.SIGINT)

    records = house.records()
    assert sorted(records) == house.asked
    assert {records[name][:2] for name in names("open", 4)} == {("cancelled", "")}
    assert not house.journal.exists()
