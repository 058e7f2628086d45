"""The tables of `docs/performance.md`, written from a run: `python -m bench --docs`."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .machine import ROOT
from .report import HEADINGS, Report, number

PAGE = ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: written by python -m bench --docs -->\n", "<!-- end of figures -->\n"


def write_page(report: Report, page: Path = PAGE) -> None:
    """Put the figures of this run between the marks of the page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{_written(report)}\n{_END}{after}", encoding="utf-8")


def _written(report: Report) -> str:
    parts = [_table(HEADINGS, report.lines()), _how(report), "Where they come from, medians of all rounds:"]
    for result in report.results.values():
        if result.rows:
            columns = ("", *result.rows[0].columns)
            lines = [(row.name, *map(number, row.columns.values())) for row in result.rows]
            parts.append(f"**{result.title}**\n\n{_table(columns, lines)}")
        else:
            parts.append(f"**{result.title}**: {result.remark}.")
    return "\n\n".join(parts) + "\n"


def _how(report: Report) -> str:
    day, machine = time.strftime("%d %B %Y").lstrip("0"), report.machine
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    at = f" at commit `{commit.stdout.strip()}`" if commit.stdout.strip() else ""
    facts = f"{machine['processor']}, {machine['system']}, Python {machine['python']}"
    return (
        f"Measured on {day}{at}: {facts}; {machine['pinned']}. {report.seconds / 60:.1f} minutes, "
        f"{report.errors} errors, {report.unrecorded} records missing."
        f"{' This was a quick run: the numbers are rough.' if report.is_quick else ''}"
    )


def _table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, ruler, *lines))
