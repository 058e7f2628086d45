"""What a long conversation costs: every question brings all of it along."""

from dataclasses import dataclass
from statistics import median

from ..contenders import CONVENTIONAL, OURS, Contender
from ..field import Field
from ..rig.load import Load
from .result import Advance, Result, Row

_SHORT, _LONG = 3, 100


@dataclass(frozen=True)
class History:
    """CPU for an answer of one token after many messages, less that after few."""

    rounds: int = 7
    answers: int = 400
    title: str = "history"

    @property
    def steps(self) -> int:
        """Two contenders in each round."""
        return 2 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """The median of ours over the rounds."""
        found: dict[Contender, list[tuple[float, float]]] = {OURS: [], CONVENTIONAL: []}
        for _ in range(self.rounds):
            for contender, costs in found.items():
                costs.append((self._cost(field, contender, _SHORT), self._cost(field, contender, _LONG)))
                advance()
        more = {contender: median(long - short for short, long in costs) for contender, costs in found.items()}
        rows = []
        for contender, costs in found.items():
            short, long = (median(each) for each in zip(*costs, strict=True))
            columns = {"3 messages, ms": short, "100 messages, ms": long, "more, ms": more[contender]}
            rows.append(Row(contender.name, columns))
        return Result("CPU of a request by the length of the conversation", rows, {"history": more[OURS]})

    def _cost(self, field: Field, contender: Contender, messages: int) -> float:
        load = Load(connections=8, tokens=1, seconds=1.0, most=self.answers)
        return field.burst(contender, load, history=messages - 1).cpu_ms_per_answer
