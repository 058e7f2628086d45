"""What was measured, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from .figures import Spread
from .measures import ColdStartRow, FirstTokenRow, LoadRow


@dataclass(frozen=True)
class Report:
    """One run."""

    machine: dict[str, str]
    cold_start: tuple[ColdStartRow, ...]
    first_token: tuple[FirstTokenRow, ...]
    load: tuple[LoadRow, ...]
    seconds: float

    @property
    def errors(self) -> int:
        """How many answers failed or were not whole; a run with any proves nothing."""
        return sum(row.errors for row in self.first_token) + sum(row.errors for row in self.load)

    def write(self, file: Path) -> None:
        """Put everything into the file as JSON."""
        file.write_text(json.dumps({**asdict(self), "errors": self.errors}, indent=2) + "\n")

    def show(self, console: Console) -> None:
        """Print the tables, ratios first."""
        for name, fact in self.machine.items():
            console.print(f"{name:>10}  {fact}", highlight=False)
        for table in (_cold_start(self.cold_start), _first_token(self.first_token), _load(self.load)):
            console.print()
            console.print(table)
        console.print("\n÷ c: divided by the conventional bot, measured in the same rounds.")
        console.print(f"{self.seconds:.0f} seconds, {self.errors} errors.", style="red" if self.errors else "")


def _cold_start(rows: Sequence[ColdStartRow]) -> Table:
    columns = ("", "/health ÷ c", "its CPU ÷ c", "answer ÷ c", "/health, ms", "first answer, ms")
    table = _table("Cold start: from the start of the process", *columns)
    for row in rows:
        ratios = map(_ratio, (row.health_ratio, row.health_cpu_ratio, row.first_token_ratio))
        table.add_row(row.name, *ratios, _spread(row.health_ms), _spread(row.first_token_ms))
    return table


def _first_token(rows: Sequence[FirstTokenRow]) -> Table:
    columns = ("", "upstream waits", "added ÷ c", "CPU ÷ c", "added, ms", "p50, ms", "p95, ms")
    table = _table("Time to first token, one question at a time", *columns)
    for row in rows:
        times = (f"{number:.2f}" for number in (row.added_ms, row.p50_ms, row.p95_ms))
        table.add_row(row.name, f"{row.upstream_ms} ms", _ratio(row.added_ratio), _ratio(row.cpu_ratio), *times)
    return table


def _load(rows: Sequence[LoadRow]) -> Table:
    columns = ("", "at once", "speed ÷ c", "CPU ÷ c", "tokens/s", "µs/token", "busy", "messages")
    table = _table("Answers of 300 tokens that are already there", *columns)
    for row in rows:
        table.add_row(
            row.name,
            str(row.concurrency),
            _ratio(row.tokens_ratio),
            _ratio(row.cpu_ratio),
            f"{row.tokens_per_second.median:,.0f}",
            "–" if row.cpu_us_per_token is None else f"{row.cpu_us_per_token:.1f}",
            "–" if row.busy is None else f"{row.busy:.0%}",
            f"{row.messages_per_answer:.1f}",
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    return table


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


def _spread(spread: Spread | None) -> str:
    return "–" if spread is None else f"{spread.median:.0f} [{spread.low:.0f}..{spread.high:.0f}]"
