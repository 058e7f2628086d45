"""The servers that are compared, all up at once, each with an upstream of its own."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from .contenders import Contender, Serving, mock_upstream
from .machine import Child, Cores
from .rig.client import times_asked
from .rig.load import Load, Tally, put_under_load

_SETTLE_SECONDS = 0.3
"""After answers were left, so that the clearing up is not measured with the next ones."""
_LEDGER_SECONDS = 30
_USUAL_HISTORY = 2


@dataclass(frozen=True)
class Served:
    """A server that is up, and the upstream that nobody else asks."""

    child: Child
    upstream: Child

    def unrecorded(self) -> int:
        """How many answers of the upstream are not in the ledger, or are there without having been asked for."""
        until = time.monotonic() + _LEDGER_SECONDS
        # An upstream that had too much to do reads the last questions when all is over.
        while (missing := abs(times_asked(self.upstream.port) - self._records())) and time.monotonic() < until:
            time.sleep(0.2)
        return missing

    def _records(self) -> int:
        if self.child.ledger is None or not self.child.ledger.exists():
            return 0
        with closing(sqlite3.connect(f"file:{self.child.ledger}?mode=ro", uri=True, timeout=10)) as connection:
            count: int = connection.execute("SELECT count(*) FROM attempts").fetchone()[0]
            return count


@dataclass(frozen=True)
class Burst:
    """What one order gave."""

    tally: Tally
    cpu_seconds: float
    errors: int
    """Answers that were not whole, and answers for which the upstream was never asked: those measure a cache."""

    @property
    def cpu_us_per_token(self) -> float:
        """What one token cost the server."""
        return 1e6 * self.cpu_seconds / max(self.tally.all_tokens, 1)

    @property
    def cpu_ms_per_answer(self) -> float:
        """What one answer cost the server."""
        return 1e3 * self.cpu_seconds / max(self.tally.asked, 1)


@dataclass
class Field:
    """Starts each server when it is first asked, and keeps it until the end."""

    cores: Cores
    proxy: Contender | None = None
    """LiteLLM, where it is installed."""
    errors: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)
    _served: dict[Serving, Served] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def served(self, contender: Contender) -> Served:
        """The server of the contender, warm."""
        if contender.serving not in self._served:
            self._served[contender.serving] = self._stack.enter_context(serving(contender, self.cores))
        return self._served[contender.serving]

    def burst(self, contender: Contender, load: Load, history: int = _USUAL_HISTORY) -> Burst:
        """Put the contender under load. What is wrong with its answers is counted."""
        burst = put(contender, self.served(contender), load, history)
        self.errors += burst.errors
        return burst

    def check_ledgers(self) -> int:
        """How many records are missing, or too many; they count as errors."""
        missing = sum(served.unrecorded() for served in self._served.values() if served.child.ledger)
        self.errors += missing
        return missing


def put(contender: Contender, served: Served, load: Load, history: int = _USUAL_HISTORY) -> Burst:
    """Put a contender that is up under load."""
    asked_before, cpu_before = times_asked(served.upstream.port), served.child.cpu_seconds()
    tally = put_under_load(served.child.port, contender.question(load.message, history), load)
    cpu_seconds = served.child.cpu_seconds() - cpu_before
    if tally.left:
        time.sleep(_SETTLE_SECONDS)
    never_asked = max(0, tally.whole - (times_asked(served.upstream.port) - asked_before))
    return Burst(tally, cpu_seconds, tally.errors + never_asked)


@contextmanager
def serving(contender: Contender, cores: Cores) -> Iterator[Served]:
    """The server of the contender while the block runs, with what is made at the first questions made."""
    with mock_upstream(cores) as upstream, contender.serving(cores, upstream) as child:
        served = Served(child, upstream)
        for tokens in (1, 300):
            put(contender, served, Load(connections=4, tokens=tokens, seconds=60, most=12))
        yield served
