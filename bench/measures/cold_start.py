"""How long it takes from the start of a process to its first /health, and to the first word of its first answer."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..contenders import CONVENTIONAL, IMPORTS, OURS, Contender, demo
from ..figures import Spread, paired_ratio
from ..machine import Child, Cores, DidNotStart
from ..rig.client import Client, is_healthy


@dataclass(frozen=True)
class ColdStartRow:
    """One contender. The ratios divide by the conventional bot."""

    name: str
    health_ms: Spread
    health_ratio: float
    health_cpu_ratio: float | None
    """The same in CPU time, which others on the machine disturb less; None where it cannot be told."""
    first_token_ms: Spread | None
    """From the start of the process, with a question that is asked as soon as it is healthy."""
    first_token_ratio: float | None


@dataclass(frozen=True)
class _Start:
    health_ms: float
    cpu_seconds: float | None
    first_token_ms: float | None


@dataclass(frozen=True)
class ColdStart:
    """Starts each contender in turn, once in every round."""

    rounds: int
    warm_up_rounds: int
    """Not counted: after these, Python has its bytecode and the system the files."""
    title: str = "cold start"
    contenders: ClassVar[Sequence[Contender]] = (OURS, CONVENTIONAL, IMPORTS)

    @property
    def steps(self) -> int:
        """How many times `run` advances."""
        return (self.rounds + self.warm_up_rounds) * len(self.contenders)

    def run(self, cores: Cores, advance: Callable[[], None]) -> tuple[ColdStartRow, ...]:
        """One row for each contender."""
        starts: dict[str, list[_Start]] = {contender.name: [] for contender in self.contenders}
        with demo(cores) as upstream:
            for _ in range(self.rounds + self.warm_up_rounds):
                for contender in self.contenders:
                    starts[contender.name].append(_start(contender, cores, upstream))
                    advance()
        counted = {name: all_starts[self.warm_up_rounds :] for name, all_starts in starts.items()}
        return tuple(_row(name, counted[name], counted[CONVENTIONAL.name]) for name in counted)


def _start(contender: Contender, cores: Cores, upstream: Child) -> _Start:
    with contender.serving(cores, upstream) as child:
        while not is_healthy(child.port):
            time.sleep(0.002)
        health_ms, cpu_seconds = 1000 * (time.perf_counter() - child.spawned_at), child.cpu_seconds()
        if contender is IMPORTS:
            return _Start(health_ms, cpu_seconds, None)
        with Client(child.port) as client:
            timed = client.ask(contender.question("/tokens 20"))
    if timed.first_token_at is None:
        raise DidNotStart(f"{contender.name}, for its first answer was {timed.response!r}")
    return _Start(health_ms, cpu_seconds, 1000 * (timed.first_token_at - child.spawned_at))


def _row(name: str, starts: Sequence[_Start], yardstick: Sequence[_Start]) -> ColdStartRow:
    def ratio(of: Callable[[_Start], float | None]) -> float | None:
        values, others = _known(map(of, starts)), _known(map(of, yardstick))
        return paired_ratio(values, others) if values else None

    first_token_ms = _known(start.first_token_ms for start in starts)
    return ColdStartRow(
        name=name,
        health_ms=Spread.of([start.health_ms for start in starts]),
        health_ratio=paired_ratio([start.health_ms for start in starts], [start.health_ms for start in yardstick]),
        health_cpu_ratio=ratio(lambda start: start.cpu_seconds),
        first_token_ms=Spread.of(first_token_ms) if first_token_ms else None,
        first_token_ratio=ratio(lambda start: start.first_token_ms),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
