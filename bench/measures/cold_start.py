"""How long it takes from the start of a process to its first /health, and to the first word of its first answer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..contenders import CONVENTIONAL, IMPORTS, OURS, Contender, mock_upstream
from ..field import Field
from ..figures import Spread, paired_ratio
from ..machine import Child, DidNotStart
from ..rig.client import Client, is_healthy
from .result import Advance, Result, Row

_PATIENCE_SECONDS = 120
_CONTENDERS = (OURS, CONVENTIONAL, IMPORTS)


@dataclass(frozen=True)
class _Start:
    health_ms: float
    cpu_ms: float
    first_token_ms: float | None


@dataclass(frozen=True)
class ColdStart:
    """Starts each contender in turn, once in every round."""

    rounds: int = 7
    warm_up_rounds: int = 1
    """Not counted: after these, Python has its bytecode and the system the files."""
    title: str = "cold start"

    @property
    def steps(self) -> int:
        """Three contenders in each round."""
        return (self.rounds + self.warm_up_rounds) * len(_CONTENDERS)

    def run(self, field: Field, advance: Advance) -> Result:
        """Ours by a process that only imports what is usually imported."""
        starts: dict[Contender, list[_Start]] = {contender: [] for contender in _CONTENDERS}
        with mock_upstream(field.cores) as upstream:
            for _ in range(self.rounds + self.warm_up_rounds):
                for contender, seen in starts.items():
                    seen.append(_start(contender, field, upstream))
                    advance()
        counted = {contender: seen[self.warm_up_rounds :] for contender, seen in starts.items()}
        rows = [_row(contender.name, seen, counted[IMPORTS]) for contender, seen in counted.items()]
        share = paired_ratio(_health(counted[OURS]), _health(counted[IMPORTS]))
        return Result("Cold start: from the start of the process", rows, {"start": share})


def _start(contender: Contender, field: Field, upstream: Child) -> _Start:
    with contender.serving(field.cores, upstream) as child:
        while not is_healthy(child.port):
            if time.perf_counter() - child.spawned_at > _PATIENCE_SECONDS:
                raise DidNotStart(f"{contender.name} is not healthy after {_PATIENCE_SECONDS} seconds")
            time.sleep(0.002)
        health_ms, cpu_ms = 1000 * (time.perf_counter() - child.spawned_at), 1000 * child.cpu_seconds()
        if contender is IMPORTS:
            return _Start(health_ms, cpu_ms, None)
        with Client(child.port) as client:
            timed = client.ask(contender.question("/tokens 20", 0))
    if timed.first_token_at is None:
        raise DidNotStart(f"{contender.name}, for its first answer was {timed.response!r}")
    return _Start(health_ms, cpu_ms, 1000 * (timed.first_token_at - child.spawned_at))


def _row(name: str, starts: Sequence[_Start], yardstick: Sequence[_Start]) -> Row:
    health = Spread.of(_health(starts))
    first_tokens = [start.first_token_ms for start in starts if start.first_token_ms is not None]
    return Row(
        name,
        {
            "÷ imports": paired_ratio(_health(starts), _health(yardstick)),
            "/health, ms": health.median,
            "least": health.low,
            "most": health.high,
            "its CPU, ms": Spread.of([start.cpu_ms for start in starts]).median,
            "first answer, ms": Spread.of(first_tokens).median if first_tokens else None,
        },
    )


def _health(starts: Sequence[_Start]) -> list[float]:
    return [start.health_ms for start in starts]
