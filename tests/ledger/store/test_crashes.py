"""Processes that are killed, and several at once."""

import asyncio
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.ledger.databases import ids_in
from utils.settings import ROOT

CHILD = ("-m", "tests.ledger.store.child")


def child(place, journal, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, *CHILD, str(place), str(journal), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ids_said_by(process: subprocess.Popen[str], at_least: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().strip() for _ in range(at_least)]


@pytest.mark.parametrize("after", [1, 700, 2500])
async def test_what_was_taken_before_a_kill_is_there_after_the_next_start(place, journal, new_ledger, after):
    process = child(place, journal, 100_000)
    said = await asyncio.to_thread(ids_said_by, process, after)

    process.send_signal(signal.SIGKILL)
    rest, _ = await asyncio.to_thread(process.communicate)
    # The last line may be cut; whether that record was taken nobody has heard.
    said += [line for line in rest.splitlines() if len(line) == 32]
    following = new_ledger()
    await following.open()
    await following.aclose()

    found = await ids_in(place)
    assert len(found) == len(set(found))
    assert set(said) <= set(found)
    assert following.state().lost == 0
    assert not journal.exists()


async def test_two_processes_on_one_database_lose_nothing(place, tmp_path):
    both = [child(place, tmp_path / "journal", 1000) for _ in range(2)]

    told = [await asyncio.to_thread(process.communicate) for process in both]

    said = [line for out, _ in told for line in out.splitlines() if len(line) == 32]
    assert [out.splitlines()[-1] for out, _ in told] == ["ended 0", "ended 0"], [error for _, error in told]
    assert sorted(await ids_in(place)) == sorted(said)
    assert len(said) == 2000


async def test_a_process_takes_over_from_one_that_was_killed_while_a_third_goes_on(place, journal, new_ledger):
    killed, living = child(place, journal, 100_000), child(place, journal, 2000)
    said = await asyncio.to_thread(ids_said_by, killed, 300)
    killed.send_signal(signal.SIGKILL)
    rest, _ = await asyncio.to_thread(killed.communicate)
    said += [line for line in rest.splitlines() if len(line) == 32]

    following = new_ledger()
    await following.open()
    out, _ = await asyncio.to_thread(living.communicate)
    await following.aclose()

    said += [line for line in out.splitlines() if len(line) == 32]
    assert sorted(await ids_in(place)) == sorted(set(await ids_in(place)))
    assert set(said) <= set(await ids_in(place))


def test_importing_and_making_a_ledger_loads_and_touches_nothing(tmp_path):
    script = f"""
        import sys
        from pathlib import Path
        from utils.ledger.opening import ledger_of
        from utils.settings import Settings

        ledger_of(Settings(ledger="sqlite", ledger_file=Path({str(tmp_path)!r}) / "data" / "ledger.db"), {{}})
        print([name for name in ("sqlalchemy", "alembic", "aiosqlite", "asyncpg") if name in sys.modules])
    """

    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert run.stdout == "[]\n"
    assert list(Path(tmp_path).iterdir()) == []
