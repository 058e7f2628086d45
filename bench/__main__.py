"""`python -m bench`: our server, the conventional bot and the upstream itself, side by side in one run."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import Progress

from .machine import Cores, DidNotStart, description
from .measures import ColdStart, FirstToken, Load
from .report import Report

_FULL = (
    ColdStart(rounds=5, warm_up_rounds=1),
    FirstToken(requests=60),
    Load(rounds=5, seconds=1.0, concurrencies=(1, 32)),
)
_QUICK = (
    ColdStart(rounds=2, warm_up_rounds=0),
    FirstToken(requests=15),
    Load(rounds=2, seconds=0.3, concurrencies=(1, 8)),
)

_WIDTH = 100
"""Of the tables, also where there is no terminal."""

Row = TypeVar("Row", covariant=True)


class _Measure(Protocol[Row]):
    @property
    def title(self) -> str: ...

    @property
    def steps(self) -> int: ...

    def run(self, cores: Cores, advance: Callable[[], None]) -> tuple[Row, ...]: ...


def main() -> int:
    """Measure, print, and write the file that was asked for. Fails when an answer was not what it should be."""
    # So that the blocks which end the children run to their end then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = _options()
    try:
        report = _measured(options)
    except DidNotStart as exc:
        print(f"bench: this did not start: {exc}", file=sys.stderr)
        return 1
    report.show(Console(width=_WIDTH))
    if options.json:
        report.write(options.json)
    return 1 if report.errors else 0


def _measured(options: argparse.Namespace) -> Report:
    cores = Cores.of_this_machine()
    cores.pin(0, "beside")
    cold_start, first_token, load = _QUICK if options.quick else _FULL
    if options.rounds:
        cold_start, load = replace(cold_start, rounds=options.rounds), replace(load, rounds=options.rounds)
    began_at = time.perf_counter()
    # Redrawn between two measurements only: a thread that draws would be measured with them.
    with Progress(console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        return Report(
            machine=description(cores),
            cold_start=_watched(progress, cold_start, cores),
            first_token=_watched(progress, first_token, cores),
            load=_watched(progress, load, cores),
            seconds=time.perf_counter() - began_at,
        )


def _watched(progress: Progress, measure: _Measure[Row], cores: Cores) -> tuple[Row, ...]:
    task = progress.add_task(measure.title, total=measure.steps)
    progress.refresh()
    return measure.run(cores, lambda: progress.update(task, advance=1, refresh=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=_at_least_one, metavar="N", help="rounds of cold start and load (default: 5)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything: under 30 seconds, rough numbers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to this file as well")
    return parser.parse_args()


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
