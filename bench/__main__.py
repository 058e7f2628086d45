"""`python -m bench`: our server, the bot as people write it, LiteLLM's proxy and the upstream itself, in one run."""

import argparse
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from .contenders import litellm
from .field import Field
from .machine import Cores, DidNotStart, allow_many_sockets, description
from .measures import FULL, QUICK, Measure, Result
from .page import PAGE, write_page
from .report import Report
from .rig.programs import CannotMeasure

_WIDTH = 130
"""Of the tables, also where there is no terminal."""


def main() -> int:
    """Measure, print, and write what was asked for. Fails when an answer was not what it should be."""
    # So that the blocks which end the children run to their end then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = _options()
    try:
        report = _measured(options)
    except (CannotMeasure, DidNotStart) as exc:
        print(f"bench: {exc}", file=sys.stderr)
        return 1
    report.show(Console(width=_WIDTH))
    if options.json:
        report.write(options.json)
    if options.docs:
        write_page(report)
    return 1 if report.errors else 0


def _measured(options: argparse.Namespace) -> Report:
    cores = Cores.of_this_machine()
    cores.pin(0, "beside")
    allow_many_sockets()
    began_at = time.perf_counter()
    # Redrawn between two measurements only: a thread that draws would be measured with them.
    with (
        Field(cores, None if options.no_litellm else litellm(options.litellm)) as field,
        Progress(console=Console(stderr=True), auto_refresh=False, transient=True) as progress,
    ):
        results = {name: _watched(progress, measure, field) for name, measure in _chosen(options).items()}
        unrecorded = field.check_ledgers()
    seconds = time.perf_counter() - began_at
    return Report(description(cores), results, seconds, field.errors, unrecorded, options.quick)


def _chosen(options: argparse.Namespace) -> Mapping[str, Measure]:
    measures: Mapping[str, Any] = QUICK if options.quick else FULL
    names = [name for name in measures if not options.only or name in options.only]
    with_rounds = options.rounds and {"rounds": options.rounds}
    return {
        name: replace(measures[name], **with_rounds)
        if with_rounds and hasattr(measures[name], "rounds")
        else measures[name]
        for name in names
    }


def _watched(progress: Progress, measure: Measure, field: Field) -> Result:
    task = progress.add_task(measure.title, total=measure.steps)
    progress.refresh()
    return measure.run(field, lambda: progress.update(task, advance=1, refresh=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=FULL, metavar="NAME", help=f"of {', '.join(FULL)}; again for more"
    )
    parser.add_argument("--rounds", type=_at_least_one, metavar="N", help="rounds of every measure (default: 3 to 15)")
    parser.add_argument("--quick", action="store_true", help="less of everything: half a minute, rough numbers")
    parser.add_argument("--litellm", metavar="PYTHON", help="a Python that has `litellm[proxy]` (or LITELLM_PYTHON)")
    parser.add_argument("--no-litellm", action="store_true", help="leave the proxy out even where it is installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to this file as well")
    parser.add_argument("--docs", action="store_true", help=f"write the tables into docs/{PAGE.name} as well")
    return parser.parse_args()


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
