"""What was measured, for people and for programs."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from .goals import GOALS
from .measures import Result

HEADINGS = ("figure", "ours", "must", "aim", "holds")


@dataclass(frozen=True)
class Report:
    """One run."""

    machine: Mapping[str, str]
    results: Mapping[str, Result]
    seconds: float
    errors: int
    """Answers that failed or were not whole, and records that are missing; a run with any proves nothing."""
    unrecorded: int
    """How many of these errors are records that are missing in the ledger, or there twice."""
    is_quick: bool = False
    """Whether it was so short that its numbers are rough."""

    @property
    def figures(self) -> Mapping[str, float]:
        """What there is to hold against the goals."""
        return {name: value for result in self.results.values() for name, value in result.figures.items()}

    def lines(self) -> Sequence[Sequence[str]]:
        """The table of the goals, a line for each."""
        figures = self.figures
        return [
            (goal.words, "–", goal.bound(goal.must), goal.bound(goal.aim), "not measured")
            if name not in figures
            else (
                goal.words,
                goal.written(figures[name]),
                goal.bound(goal.must),
                goal.bound(goal.aim),
                "and the aim" if goal.reaches_aim(figures[name]) else "yes" if goal.holds(figures[name]) else "NO",
            )
            for name, goal in GOALS.items()
        ]

    def write(self, file: Path) -> None:
        """Put everything into the file as JSON."""
        goals = {name: asdict(goal) for name, goal in GOALS.items()}
        everything = {**asdict(self), "figures": dict(self.figures), "goals": goals}
        file.write_text(json.dumps(everything, indent=2) + "\n")

    def show(self, console: Console) -> None:
        """Print the tables: the figures first, then what they come from."""
        for name, fact in self.machine.items():
            console.print(f"{name:>10}  {fact}", highlight=False)
        console.print(_table("Figures", HEADINGS, self.lines()))
        for result in self.results.values():
            console.print(_rows(result))
        errors = f"{self.errors} errors, {self.unrecorded} of them in the ledger"
        console.print(f"{self.seconds:.0f} seconds, {errors}.", style="red" if self.errors else "")


def number(value: float | None) -> str:
    """A number with as many digits as it deserves."""
    if value is None or math.isnan(value):
        return "–"
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _rows(result: Result) -> Table | str:
    if not result.rows:
        return f"{result.title}: {result.remark}"
    columns = ("", *result.rows[0].columns)
    return _table(result.title, columns, [(row.name, *map(number, row.columns.values())) for row in result.rows])


def _table(title: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=True)
    for line in lines:
        table.add_row(*line)
    return table
