"""How much later the first token comes than from the upstream itself, with one question at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ..contenders import CONVENTIONAL, OURS, UPSTREAM, Contender
from ..field import Field
from ..figures import paired_ratio
from ..rig.load import Load
from .result import Advance, Result, Row
from .rounds import Bursts, in_turn


@dataclass(frozen=True)
class FirstToken:
    """One question after the other, over one kept connection."""

    rounds: int = 5
    seconds: float = 1.0
    title: str = "first token"

    @property
    def steps(self) -> int:
        """Three contenders in each round, without the proxy."""
        return 3 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """What ours adds, by what B adds."""
        load = Load(connections=1, tokens=1, seconds=self.seconds, warm_seconds=self.seconds / 5)
        proxy = {field.proxy: load} if field.proxy else {}
        bursts = in_turn(field, self.rounds, {OURS: load, CONVENTIONAL: load, UPSTREAM: load, **proxy}, advance)
        rows = [_row(bursts, contender) for contender in bursts]
        share = rows[0].columns["added ÷ B's"]
        return Result("Time to first token, one question at a time", rows, {"first_token": share} if share else {})


def _row(bursts: Bursts, contender: Contender) -> Row:
    added, by_b = _added(bursts, contender), _added(bursts, CONVENTIONAL)
    given = bursts[contender]
    return Row(
        contender.name,
        {
            "added ÷ B's": None if contender is UPSTREAM else paired_ratio(added, by_b),
            "added, ms": None if contender is UPSTREAM else median(added),
            "p50, ms": median(burst.tally.first_token_p50_ms for burst in given),
            "p95, ms": median(burst.tally.first_token_p95_ms for burst in given),
            "errors": sum(burst.errors for burst in given),
        },
    )


def _added(bursts: Bursts, contender: Contender) -> Sequence[float]:
    """The p50 of each round less that of the upstream itself."""
    pairs = zip(bursts[contender], bursts[UPSTREAM], strict=True)
    return [one.tally.first_token_p50_ms - bare.tally.first_token_p50_ms for one, bare in pairs]
