"""run_local.py as its user has it: a process of its own, in a folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copied_project(folder: Path) -> Path:
    """What one would have after cloning, without tests and documents."""
    leave_out = shutil.ignore_patterns("__pycache__")
    for name in ("utils", "bots", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    for name in ("run_local.py", "config_manager.py"):
        shutil.copy(ROOT / name, folder)
    return folder


class Running:
    """A server that was started by run_local.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.greeting = ""
        while "Serving on" not in self.greeting:
            line = process.stdout.readline() if process.stdout else ""
            assert line, f"it ended instead of serving:\n{self.greeting}"
            self.greeting += line
        found = re.search(r"Serving on (http://\S+)", self.greeting)
        assert found
        self.address = found[1]

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Ctrl-C, or another signal; gives the exit code and what else was printed."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=10)
        return self.process.returncode, rest


@contextmanager
def run_local(*options: str, folder: Path = ROOT, **environment: str) -> Iterator[Running]:
    """The server while the block runs, on a free port."""
    process = start(*options, "--port", "0", folder=folder, **environment)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def start(*options: str, folder: Path = ROOT, **environment: str) -> "subprocess.Popen[str]":
    """`python run_local.py` with these options; without the console, unless they say where it is to be."""
    without = [] if "--console-port" in options else ["--no-console"]
    return subprocess.Popen(
        [sys.executable, "run_local.py", *options, *without],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
