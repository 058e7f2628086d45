"""The two programs in C that take part, compiled when they are needed: an upstream and a load client.

They are in C because they share what the server under test leaves of the machine, and must never be the limit.
"""

import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_SOURCES = Path(__file__).parent / "c"


class CannotMeasure(Exception):
    """Something is missing on this machine; the message says what."""


@cache
def program(name: str) -> Path:
    """The compiled program of this name. Raises `CannotMeasure` where it cannot be compiled."""
    source = _SOURCES / f"{name}.c"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    compiled = Path(tempfile.gettempdir()) / f"poe-bots-bench-{name}-{digest}"
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise CannotMeasure("a C compiler is needed (cc, gcc or clang): upstream and load client are written in C.")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / name
        done = subprocess.run([compiler, "-O2", "-o", str(fresh), str(source)], capture_output=True, text=True)
        if done.returncode:
            raise CannotMeasure(f"{source.name} does not compile here; Linux is needed:\n{done.stderr[-2000:]}")
        shutil.move(fresh, compiled)
    return compiled
