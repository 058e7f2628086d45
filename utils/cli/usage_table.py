"""A summary in a terminal: a line for each group with a bar for its cost, as wide as the terminal allows."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Line = Mapping[str, Any]

_NARROW = 100
_SHORTEST_BAR, _LONGEST_BAR, _GAP = 8, 40, 2
_NAMES = ("day", "bot", "provider", "model", "user", "variant", "outcome")


def print_usage(summary: Mapping[str, Any]) -> None:
    """Print it to the terminal."""
    console = Console(highlight=False)
    lines = summary["groups"]
    names = [name for name in _NAMES if lines and name in lines[0]] or [summary["by"]]
    titles = [title for title, (_, is_wide) in _COLUMNS.items() if console.width >= _NARROW or not is_wide]
    rows = [[*(_plain(line.get(name)) or "(none)" for name in names), *_values(titles, line)] for line in lines]
    if len(rows) != 1:
        rows.append(["all", *[""] * (len(names) - 1), *_values(titles, summary["total"])])
    plain = _table(_title(summary), names, titles, rows)
    room = console.width - console.measure(plain).maximum - _GAP
    bars = _bars(lines, min(room, _LONGEST_BAR), "█" if console.encoding.lower().startswith("utf") else "#")
    console.print(plain if room < _SHORTEST_BAR else _table(_title(summary), names, titles, rows, bars))
    for remark in _remarks(summary):
        console.print(remark, style="dim", markup=False)


def _table(
    title: Text, names: Sequence[str], titles: Sequence[str], rows: Sequence[Sequence[str]], bars: Sequence[str] = ()
) -> Table:
    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="bold")
    for name in names:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for column in titles:
        table.add_column(column, justify="right", no_wrap=True)
    for row, bar in zip_longest(rows, bars, fillvalue=""):
        table.add_row(*map(Text, row), *([Text(bar, style="cyan")] if bars else ()))
    return table


def _bars(lines: Sequence[Line], width: int, mark: str) -> list[str]:
    """A bar for the cost of each line; for its attempts, where nothing has cost anything."""
    sizes = [Decimal(line["cost"]) for line in lines]
    if not any(sizes):
        sizes = [Decimal(line["attempts"]) for line in lines]
    most = max(sizes, default=Decimal(0))
    return [mark * max(1, round(width * size / most)) if size > 0 else "" for size in sizes]


def _title(summary: Mapping[str, Any]) -> Text:
    where = "".join(f", {name} {_plain(value)}" for name, value in summary.get("where", {}).items())
    return Text(f"Usage by {summary['by']}, {summary['from']} to {summary['to']}{where}")


def _values(titles: Sequence[str], line: Line) -> list[str]:
    return [_COLUMNS[title][0](line) for title in titles]


def _remarks(summary: Mapping[str, Any]) -> list[str]:
    total = summary["total"]
    errors = ", ".join(f"{_plain(name)} {count:,}" for name, count in total["errors"].items())
    unknown, saved = total["unknown_cost"], total["saved_cost"]
    said = {
        f"Failures: {errors}": errors,
        f"What {unknown:,} of the attempts have cost is not known.": unknown,
        f"The cache has saved about ${_short(saved)}.": total["cache_hits"] and saved,
        "There are more groups than are shown; ask for fewer days.": not summary.get("is_all", True),
        **{remark: True for line in summary["groups"] if (remark := _sureness(line))},
    }
    return [remark for remark, is_worth_it in said.items() if is_worth_it]


def _sureness(line: Line) -> str:
    """Between what the error rate and the duration of a variant lie, with a probability of 95%."""
    if "error_rate_interval" not in line:
        return ""
    rate, seconds = line["error_rate_interval"], line["seconds_interval"]
    parts = [
        f"errors {100 * rate[0]:.1f} to {100 * rate[1]:.1f}%" if rate else "",
        f"{seconds[0]:.2f} to {seconds[1]:.2f} s" if seconds else "",
    ]
    said = ", ".join(filter(None, parts))
    return f"{_plain(line['bot'])} {_plain(line['variant']) or '(none)'}: {said} (95%)" if said else ""


def _plain(value: Any) -> str:
    """Without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "·" for letter in str(value or ""))


def _short(dollars: str | None) -> str:
    amount = Decimal(dollars or 0)
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.4f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}%"


def _seconds(line: Line, name: str) -> str:
    p50, p95 = line[f"{name}_p50"], line[f"{name}_p95"]
    return "" if p50 is None else f"{p50:.2f}/{p95:.2f}"


_COLUMNS: Mapping[str, tuple[Callable[[Line], str], bool]] = {
    "requests": (lambda line: f"{line['requests']:,}", False),
    "attempts": (lambda line: f"{line['attempts']:,}", True),
    "errors": (lambda line: _percent(line["error_rate"]), False),
    "tokens in": (lambda line: f"{line['input_tokens']:,}", True),
    "out": (lambda line: f"{line['output_tokens']:,}", True),
    "first p50/p95": (lambda line: _seconds(line, "first_content"), True),
    "s p50/p95": (lambda line: _seconds(line, "seconds"), True),
    "cost": (lambda line: f"${_short(line['cost'])}{'+?' if line['unknown_cost'] else ''}", False),
}
"""By their titles: what stands in them, and whether they are left out where there is little room."""
