"""How much memory a stream takes while it is open."""

import time
from dataclasses import dataclass
from statistics import median

from ..contenders import CONVENTIONAL, OURS, Contender
from ..field import Field, serving
from ..figures import Spread
from ..machine import Child
from ..rig.load import Load, put_under_load
from .paced import TOKEN_MS
from .result import Advance, Result, Row

_SETTLING_SECONDS = 15
_STILL = 10


@dataclass(frozen=True)
class Memory:
    """In a fresh process each time, for one that had more to do before has memory left."""

    rounds: int = 3
    streams: int = 200
    seconds: float = 3.5
    title: str = "memory"

    @property
    def steps(self) -> int:
        """Two contenders in each round."""
        return 2 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """KiB for each stream of ours, at the most that was seen."""
        found: dict[Contender, list[float]] = {OURS: [], CONVENTIONAL: []}
        for _ in range(self.rounds):
            for contender, measured in found.items():
                measured.append(self._kibibytes(field, contender))
                advance()
        rows = []
        for contender, measured in found.items():
            spread = Spread.of(measured)
            columns = {"KiB per stream": spread.median, "least": spread.low, "most": spread.high}
            rows.append(Row(contender.name, columns))
        return Result(f"Memory of {self.streams} open streams at 50 tokens/s", rows, {"memory": median(found[OURS])})

    def _kibibytes(self, field: Field, contender: Contender) -> float:
        load = Load(self.streams, tokens=300, seconds=self.seconds, stagger_ms=800, token_ms=TOKEN_MS, leaves=True)
        with serving(contender, field.cores) as served:
            before = _settled(served.child)
            seen = [before]
            question = contender.question(load.message, 2)
            tally = put_under_load(served.child.port, question, load, lambda: seen.append(served.child.kibibytes()))
            field.errors += tally.errors
        return (max(seen) - before) / self.streams


def _settled(child: Child) -> float:
    """What it holds when that no longer grows: some things are loaded only after the start."""
    until, seen = time.monotonic() + _SETTLING_SECONDS, [child.kibibytes()]
    while time.monotonic() < until and (len(seen) < _STILL or seen[-1] > seen[-_STILL]):
        time.sleep(0.1)
        seen.append(child.kibibytes())
    return seen[-1]
