"""The machine that measures: its cores, and the processes that are started on them and never outlive the run."""

import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent

Place = Literal["under test", "beside"]

_LOOPBACK_ONLY = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
_POLL_SECONDS = 0.002
_START_SECONDS = 60


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
        if self.are_pinned:
            os.sched_setaffinity(pid, self.under_test if place == "under test" else self.beside)


@dataclass(frozen=True)
class Child:
    """A server that runs."""

    pid: int
    port: int
    spawned_at: float
    """On the clock of `time.perf_counter`."""

    def cpu_seconds(self) -> float | None:
        """The CPU time that it has used so far; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    command: Sequence[str], port: int, cores: Cores, place: Place, environ: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """The Python program while the block runs, from the moment at which its port accepts connections."""
    with tempfile.TemporaryFile() as output:
        spawned_at = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **_LOOPBACK_ONLY, **(environ or {})},
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
            yield Child(process.pid, port, spawned_at)
        finally:
            process.kill()
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
