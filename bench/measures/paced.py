"""What a token costs when it comes as from a model: 50 a second in every answer."""

from dataclasses import dataclass

from ..contenders import CONVENTIONAL, OURS, OURS_AT_ONCE
from ..field import Field
from ..rig.load import Load
from .result import Advance, Result
from .rounds import in_turn, ratio, rows

TOKEN_MS = 20


@dataclass(frozen=True)
class Paced:
    """So few streams that everybody keeps up. Each connection has one whole answer."""

    rounds: int = 5
    connections: int = 30
    tokens: int = 300
    title: str = "paced"

    @property
    def steps(self) -> int:
        """Three contenders in each round."""
        return 3 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """B's CPU by ours, at the pace of a bot that sends every token at once as B does."""
        load = Load(
            self.connections,
            tokens=self.tokens,
            seconds=600,
            stagger_ms=800,
            most=self.connections,
            token_ms=TOKEN_MS,
        )
        bursts = in_turn(field, self.rounds, dict.fromkeys((OURS_AT_ONCE, OURS, CONVENTIONAL), load), advance)
        columns = ("CPU µs/token", "tokens/s", "events/token", "late p50, ms", "late p95, ms", "busy")
        shown = rows(bursts, "CPU µs/token", *columns)
        figures = {"paced_cpu": 1 / ratio(bursts, OURS_AT_ONCE, CONVENTIONAL, "CPU µs/token")}
        return Result(f"{self.connections} streams at 50 tokens/s", shown, figures)
