"""The machine that measures: its cores, and the processes that are started on them and never outlive the run."""

import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent

Place = Literal["under test", "beside", "anywhere"]

_AS_USUAL: Mapping[str, str | None] = {
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
    "PYTHONDONTWRITEBYTECODE": None,
}
"""Nobody is asked but this machine, and what is written in Python is compiled once and not at every start."""
_POLL_SECONDS = 0.002
_START_SECONDS = 120


class DidNotStart(Exception):
    """A server ended, or did not answer, before it could be measured. The message holds what it said."""


@dataclass(frozen=True)
class Cores:
    """Which cores the process under test has to itself, and which are for load and upstream. Empty: not pinned."""

    under_test: frozenset[int]
    beside: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """One core for the process under test and the rest for all else, where the system can do that."""
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(frozenset(cores[:1]), frozenset(cores[1:])) if len(cores) > 1 else cls(frozenset(), frozenset())

    @property
    def are_pinned(self) -> bool:
        """Whether the processes are kept apart."""
        return bool(self.under_test)

    def pin(self, pid: int, place: Place) -> None:
        """Move a process to its place; 0 is this one."""
        places = {"under test": self.under_test, "beside": self.beside, "anywhere": self.under_test | self.beside}
        if self.are_pinned:
            os.sched_setaffinity(pid, places[place])


@dataclass(frozen=True)
class Child:
    """A server that runs."""

    pid: int
    port: int
    spawned_at: float
    """On the clock of `time.perf_counter`."""

    ledger: Path | None = None
    """The file in which it keeps its records, where it keeps any."""

    def cpu_seconds(self) -> float:
        """The CPU time that it and its children have used so far."""
        return sum(_cpu_seconds(pid) for pid in _family(self.pid))

    def kibibytes(self) -> float:
        """The memory that it and its children hold."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _family(self.pid))
        return pages * resource.getpagesize() / 1024


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    cores: Cores,
    place: Place,
    environ: Mapping[str, str | None] | None = None,
    *,
    python: str = sys.executable,
    ledger: Path | None = None,
) -> Iterator[Child]:
    """The program while the block runs, from the moment at which its port accepts connections.

    It is one of this Python, or of the one that is named; of none where that is empty. A variable of None is unset.
    """
    variables = {**os.environ, **_AS_USUAL, **(environ or {})}
    with tempfile.TemporaryFile() as output:
        spawned_at = time.perf_counter()
        process = subprocess.Popen(
            [*filter(None, [python]), *command],
            cwd=ROOT,
            env={name: value for name, value in variables.items() if value is not None},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            cores.pin(process.pid, place)
            while not _accepts(port):
                if process.poll() is not None or time.perf_counter() - spawned_at > _START_SECONDS:
                    output.seek(0)
                    raise DidNotStart(f"{' '.join(command)}\n{output.read()[-2000:].decode(errors='replace')}")
                time.sleep(_POLL_SECONDS)
            yield Child(process.pid, port, spawned_at, ledger)
        finally:
            for pid in reversed(_family(process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def description(cores: Cores) -> dict[str, str]:
    """What a reader has to know of this machine to make sense of its numbers."""
    pinned = f"server on core {_listed(cores.under_test)}, load and upstream on {_listed(cores.beside)}"
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "pinned": pinned if cores.are_pinned else "no: server, load and upstream compete for the same cores",
    }


def allow_many_sockets() -> None:
    """As many as the system lets this process and its children have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _family(pid: int) -> list[int]:
    """The process and its children, their children, and so on."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        children = []
    return [pid, *(each for child in children for each in _family(child))]


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _listed(cores: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cores)))
