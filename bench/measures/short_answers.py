"""How many answers a second one core gives when there is next to nothing in them."""

from dataclasses import dataclass

from ..contenders import CONVENTIONAL, OURS, OURS_WITH_BUDGET, UPSTREAM
from ..field import Field
from ..rig.load import Load
from .result import Advance, Result
from .rounds import in_turn, ratio, rows


@dataclass(frozen=True)
class ShortAnswers:
    """Answers of one token."""

    rounds: int = 5
    connections: int = 64
    seconds: float = 1.7
    title: str = "short answers"

    @property
    def steps(self) -> int:
        """Four contenders in each round, without the proxy."""
        return 4 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """Ours by B."""
        load = Load(self.connections, tokens=1, seconds=self.seconds, warm_seconds=0.3 * self.seconds)
        proxy = {field.proxy: load} if field.proxy else {}
        contenders = (OURS, CONVENTIONAL, UPSTREAM, OURS_WITH_BUDGET)
        bursts = in_turn(field, self.rounds, {**dict.fromkeys(contenders, load), **proxy}, advance)
        shown = rows(bursts, "answers/s", "answers/s", "first p50, ms", "CPU ms/answer", "busy")
        figures = {"short_answers": ratio(bursts, OURS, CONVENTIONAL, "answers/s")}
        return Result(f"Answers of 1 token, {self.connections} at once", shown, figures)
