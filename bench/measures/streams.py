"""How many streams at 50 tokens a second one process holds without falling behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ..contenders import CONVENTIONAL, OURS_AT_ONCE, Contender
from ..field import Burst, Field
from ..figures import paired_ratio
from ..rig.load import Load
from .paced import TOKEN_MS
from .result import Advance, Result, Row

_LEVELS = (5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1300, 1600, 2000)
_LATEST_MS = 50.0
_KEPT_UP = 0.93
_FIRST_LEVELS: Mapping[Contender, int] = {OURS_AT_ONCE: 200, CONVENTIONAL: 30}


@dataclass(frozen=True)
class Held:
    """The highest level that a contender held, and how; 0 streams where it held none."""

    streams: int
    burst: Burst | None = None


@dataclass(frozen=True)
class Streams:
    """Climbs as long as all is well, or goes down until it is."""

    rounds: int = 3
    seconds: float = 4.0
    levels: Sequence[int] = _LEVELS
    title: str = "streams held"

    @property
    def steps(self) -> int:
        """Two contenders in each round."""
        return 2 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """Ours by B."""
        held: dict[Contender, list[Held]] = {contender: [] for contender in _FIRST_LEVELS}
        for _ in range(self.rounds):
            for contender, first in _FIRST_LEVELS.items():
                before = held[contender][-1].streams if held[contender] else first
                held[contender].append(self._climb(field, contender, before))
                advance()
        counts = {contender: [each.streams for each in given] for contender, given in held.items()}
        ours, by_b = counts[OURS_AT_ONCE], counts[CONVENTIONAL]
        figures = {"streams": paired_ratio(ours, by_b)} if all(by_b) else {}
        return Result(
            "Streams at 50 tokens/s held with p95 added latency < 50 ms",
            [_row(contender, given) for contender, given in held.items()],
            figures,
        )

    def _climb(self, field: Field, contender: Contender, first: int) -> Held:
        at = min(range(len(self.levels)), key=lambda index: abs(self.levels[index] - first))
        tried: dict[int, Held] = {}
        while 0 <= at < len(self.levels) and at not in tried:
            tried[at] = self._try(field, contender, self.levels[at])
            at += 1 if tried[at].streams else -1
        return max(tried.values(), key=lambda held: held.streams)

    def _try(self, field: Field, contender: Contender, streams: int) -> Held:
        stagger_ms = max(800, 4 * streams)
        warm_seconds = stagger_ms / 1000 + self.seconds / 4
        burst = field.burst(
            contender,
            Load(
                streams,
                tokens=300,
                seconds=warm_seconds + 0.75 * self.seconds,
                warm_seconds=warm_seconds,
                stagger_ms=stagger_ms,
                token_ms=TOKEN_MS,
                leaves=True,
            ),
        )
        is_in_time = 0 <= burst.tally.latency_p95_ms < _LATEST_MS
        keeps_up = burst.tally.tokens_per_second > _KEPT_UP * streams * 1000 / TOKEN_MS
        return Held(streams, burst) if is_in_time and keeps_up and not burst.errors else Held(0)


def _row(contender: Contender, held: Sequence[Held]) -> Row:
    best = sorted((each for each in held if each.burst), key=lambda each: each.streams)
    burst = best[len(best) // 2].burst if best else None
    return Row(
        contender.name,
        {
            "streams": median(each.streams for each in held),
            "fewest": min(each.streams for each in held),
            "most": max(each.streams for each in held),
            "late p50, ms": burst.tally.latency_p50_ms if burst else None,
            "late p95, ms": burst.tally.latency_p95_ms if burst else None,
            "CPU µs/token": burst.cpu_us_per_token if burst else None,
        },
    )
