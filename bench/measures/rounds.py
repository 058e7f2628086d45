"""Rounds in which contenders take turns, and the ratios between them."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from ..contenders import CONVENTIONAL, UPSTREAM, Contender
from ..field import Burst, Field
from ..figures import paired_ratio
from ..rig.load import Load
from .result import Advance, Row

Bursts = Mapping[Contender, Sequence[Burst]]

COLUMNS: Mapping[str, Callable[[Burst], float]] = {
    "answers/s": lambda burst: burst.tally.answers_per_second,
    "tokens/s": lambda burst: burst.tally.tokens_per_second,
    "events/token": lambda burst: burst.tally.events_per_second / max(burst.tally.tokens_per_second, 1e-9),
    "first p50, ms": lambda burst: burst.tally.first_token_p50_ms,
    "first p95, ms": lambda burst: burst.tally.first_token_p95_ms,
    "late p50, ms": lambda burst: burst.tally.latency_p50_ms,
    "late p95, ms": lambda burst: burst.tally.latency_p95_ms,
    "late p99, ms": lambda burst: burst.tally.latency_p99_ms,
    "CPU µs/token": lambda burst: burst.cpu_us_per_token,
    "CPU ms/answer": lambda burst: burst.cpu_ms_per_answer,
    "busy": lambda burst: burst.cpu_seconds / burst.tally.seconds,
}
"""What tables show of a burst."""


def in_turn(
    field: Field,
    rounds: int,
    loads: Mapping[Contender, Load],
    advance: Advance,
    fewer: Mapping[Contender, int] | None = None,
) -> Bursts:
    """Every contender under its load once in each round; in `fewer` rounds, the first ones, where it takes long."""
    bursts: dict[Contender, list[Burst]] = {contender: [] for contender in loads}
    for contender in loads:
        field.served(contender)  # so that nobody starts while another one is measured
    for number in range(rounds):
        for contender, load in loads.items():
            if number < (fewer or {}).get(contender, rounds):
                bursts[contender].append(field.burst(contender, load))
                advance()
    return bursts


def ratio(bursts: Bursts, contender: Contender, other: Contender, column: str) -> float:
    """The median of the one's number by the other's, over the rounds in which both were."""
    of, pairs = COLUMNS[column], list(zip(bursts[contender], bursts[other], strict=False))
    return paired_ratio([of(one) for one, _ in pairs], [of(two) for _, two in pairs])


def rows(bursts: Bursts, compared: str, *columns: str) -> list[Row]:
    """One row for each contender: the ratio to B of what is compared, then medians."""
    found = []
    for contender, given in bursts.items():
        shown: dict[str, float | None] = {"× B": ratio(bursts, contender, CONVENTIONAL, compared)}
        for column in columns:
            is_upstreams_cpu = contender is UPSTREAM and (column.startswith("CPU") or column == "busy")
            shown[column] = None if is_upstreams_cpu else median(map(COLUMNS[column], given))
        shown["errors"] = sum(burst.errors for burst in given)
        found.append(Row(contender.name, shown))
    return found
