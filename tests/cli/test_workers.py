"""Several processes behind one socket: `run_local.py --workers`."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.local import Running, run_local, start

BOTS = "bots: [{bot_name: DemoBot, provider: demo}]"
MORE_BOTS = "bots: [{bot_name: DemoBot, provider: demo}, {bot_name: Second, provider: demo}]"

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    file = tmp_path / "bots.yaml"
    file.write_text(BOTS)
    return file


@pytest.fixture
def server(bots, tmp_path) -> Iterator[Running]:
    with run_local(
        "--workers", "2", "--bot-config", str(bots), LEDGER="sqlite", LEDGER_FILE=str(tmp_path / "ledger.db")
    ) as running:
        until(lambda: len(workers_of(running)) == 2)
        yield running


def workers_of(server: Running) -> list[int]:
    """The processes that serve; beside them Python runs one that looks after what they share."""
    return workers_under(server.process.pid)


def workers_under(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def ask(server: Running, number: int) -> bool:
    """Whether a whole answer came. Who dies meanwhile breaks it off."""
    body = {"type": "query", "query": [{"role": "user", "content": f"/tokens 3 question {number}"}]}
    try:
        return "event: done" in httpx.post(f"{server.address}/DemoBot", json=body, timeout=20).text
    except httpx.TransportError:
        return False


def records(file: Path) -> int:
    """How many are kept so far; none before somebody has made the tables."""
    with closing(sqlite3.connect(file)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'attempts'").fetchone():
            return 0
        count: int = connection.execute("select count(*) from attempts where outcome = 'answered'").fetchone()[0]
        return count


def test_a_worker_that_is_killed_is_replaced_and_no_record_is_lost_or_kept_twice(server, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        before = sum(pool.map(lambda number: ask(server, number), range(12)))
        victim, other = workers_of(server)
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(set(workers_of(server)) - {victim, other}) == 1)
        after = sum(pool.map(lambda number: ask(server, number), range(12)))
    until(lambda: records(tmp_path / "ledger.db") == 24)  # what the victim had is brought in by who took its place
    code, rest = server.stop()

    assert before == after == 12
    assert code == 0
    assert "worker.died" in rest
    assert records(tmp_path / "ledger.db") == before + after
    assert not (tmp_path / "ledger-journal").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_them_all(server, how):
    workers = workers_of(server)

    code, rest = server.stop(how)

    assert code == 0
    assert "Traceback" not in rest
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.address}/health")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("begun", [1, 3])
def test_one_signal_ends_them_all_while_they_begin(bots, how, begun):
    with start("--workers", "3", "--port", "0", "--bot-config", str(bots), LEDGER="log") as process:
        try:
            until(lambda: len(workers_under(process.pid)) >= begun)
            workers = workers_under(process.pid)
            process.send_signal(how)
            rest, _ = process.communicate(timeout=20)
        finally:
            process.kill()

    assert process.returncode == 0
    assert "Traceback" not in rest
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_workers_do_not_outlive_who_looks_after_them(server):
    workers = workers_of(server)

    server.process.kill()

    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_a_change_of_the_files_reaches_all_of_them(server, bots):
    bots.write_text(MORE_BOTS)

    def is_known_wherever_one_asks() -> bool:
        with ThreadPoolExecutor(8) as pool:
            seen = pool.map(lambda _: httpx.get(f"{server.address}/health").json()["bots"], range(16))
            return all("Second" in each for each in seen)

    until(is_known_wherever_one_asks)


def test_workers_that_die_again_and_again_are_given_up(server):
    killed: set[int] = set()
    for _ in range(5):
        until(lambda: bool(set(workers_of(server)) - killed))
        victim = (set(workers_of(server)) - killed).pop()
        os.kill(victim, signal.SIGKILL)
        killed.add(victim)

    rest, _ = server.process.communicate(timeout=20)

    assert server.process.returncode == 1
    assert "5 workers have died within 60 seconds" in rest


@pytest.mark.parametrize("number", ["0", "-1", "65", "many", "1.5"])
def test_a_number_that_cannot_be_is_refused_in_a_sentence(number):
    process = start(f"--workers={number}")
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert f"argument --workers: it should be a number from 1 to 64, and not '{number}'" in output


def test_reload_and_workers_exclude_each_other():
    process: subprocess.Popen[str] = start("--reload", "--workers", "2")
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "argument --workers: not allowed with argument --reload" in output
