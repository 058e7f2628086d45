"""The same where nothing can be joined: one event for each token, for the bot says every word by itself."""

from dataclasses import dataclass

from ..contenders import CONVENTIONAL, OURS_WORD_BY_WORD
from ..field import Field
from ..rig.load import Load
from .result import Advance, Result
from .rounds import in_turn, ratio, rows


@dataclass(frozen=True)
class SingleTokens:
    """Answers of 300 tokens, a few at once."""

    rounds: int = 5
    connections: int = 8
    seconds: float = 1.8
    title: str = "single tokens"

    @property
    def steps(self) -> int:
        """Two contenders in each round."""
        return 2 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """Ours by B."""
        load = Load(self.connections, tokens=300, seconds=self.seconds, warm_seconds=self.seconds / 5)
        bursts = in_turn(field, self.rounds, {OURS_WORD_BY_WORD: load, CONVENTIONAL: load}, advance)
        shown = rows(bursts, "tokens/s", "tokens/s", "events/token", "CPU µs/token", "busy")
        figures = {"single_tokens": ratio(bursts, OURS_WORD_BY_WORD, CONVENTIONAL, "tokens/s")}
        return Result(f"One event for each token, {self.connections} answers at once", shown, figures)
