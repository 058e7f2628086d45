"""2,000 streams at 50 tokens a second on two cores, where the server has more than one process."""

import subprocess
import sys
from dataclasses import dataclass
from functools import partial

from ..contenders import OURS_AT_ONCE, UPSTREAM, Contender, our_server
from ..field import Burst, Field, put, serving
from ..machine import ROOT
from ..rig.load import Load
from .paced import TOKEN_MS
from .result import Advance, Result, Row


@dataclass(frozen=True)
class Workers:
    """Server, load and upstream share all cores: there is no core to spare."""

    streams: int = 2000
    seconds: float = 4.0
    title: str = "two workers"

    @property
    def steps(self) -> int:
        """Ours, then the upstream itself as the limit."""
        return 2

    def run(self, field: Field, advance: Advance) -> Result:
        """How far it keeps up."""
        title = f"{self.streams} streams at 50 tokens/s on all cores, --workers 2"
        if not _has_workers():
            return Result(title, [], remark="skipped: run_local.py has no --workers here")
        two_processes = partial(our_server, options=("--workers", "2"), place="anywhere")
        two = Contender("ours, 2 workers", two_processes, OURS_AT_ONCE.question)
        rows = []
        for contender in (two, UPSTREAM):
            with serving(contender, field.cores) as served:
                burst = put(contender, served, self._load())
                field.errors += burst.errors + (served.unrecorded() if served.child.ledger else 0)
            rows.append(self._row(contender, burst))
            advance()
        return Result(title, rows)

    def _load(self) -> Load:
        stagger_ms = 4 * self.streams
        warm_seconds = stagger_ms / 1000 + 1
        return Load(
            self.streams,
            tokens=300,
            seconds=warm_seconds + self.seconds,
            warm_seconds=warm_seconds,
            stagger_ms=stagger_ms,
            token_ms=TOKEN_MS,
            leaves=True,
        )

    def _row(self, contender: Contender, burst: Burst) -> Row:
        tally = burst.tally
        return Row(
            contender.name,
            {
                "kept up": tally.tokens_per_second / (self.streams * 1000 / TOKEN_MS),
                "tokens/s": tally.tokens_per_second,
                "late p50, ms": tally.latency_p50_ms,
                "late p95, ms": tally.latency_p95_ms,
                "errors": burst.errors,
            },
        )


def _has_workers() -> bool:
    told = subprocess.run([sys.executable, "run_local.py", "--help"], cwd=ROOT, capture_output=True, text=True)
    return "--workers" in told.stdout
