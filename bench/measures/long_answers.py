"""How many tokens a second one core passes on when the upstream is never waited for, many answers at once."""

from dataclasses import dataclass, replace

from ..contenders import CONVENTIONAL, OURS, OURS_AT_ONCE, UPSTREAM
from ..field import Field
from ..rig.load import Load
from .result import Advance, Result
from .rounds import in_turn, ratio, rows


@dataclass(frozen=True)
class LongAnswers:
    """Answers of 300 tokens, each token with a write of its own."""

    rounds: int = 5
    connections: int = 128
    answers: int = 1024
    """So many for fast servers; the slow ones get one for each connection."""
    rounds_of_proxy: int = 3
    title: str = "long answers"

    @property
    def steps(self) -> int:
        """Without the proxy."""
        return 4 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """Everybody's tokens a second, and ours by those of B and of the proxy."""
        fast = Load(self.connections, tokens=300, seconds=300, most=self.answers)
        slow = replace(fast, most=self.connections)
        loads = {OURS: fast, OURS_AT_ONCE: fast, CONVENTIONAL: slow, UPSTREAM: fast}
        figures = {}
        if field.proxy is None:
            bursts = in_turn(field, self.rounds, loads, advance)
        else:
            fewer = {field.proxy: min(self.rounds, self.rounds_of_proxy)}
            bursts = in_turn(field, self.rounds, {**loads, field.proxy: slow}, advance, fewer)
            figures["long_answers_litellm"] = ratio(bursts, OURS, field.proxy, "tokens/s")
        figures["long_answers"] = ratio(bursts, OURS, CONVENTIONAL, "tokens/s")
        shown = rows(bursts, "tokens/s", "tokens/s", "events/token", "first p50, ms", "CPU µs/token", "busy")
        return Result(f"Answers of 300 tokens, {self.connections} at once", shown, figures)
