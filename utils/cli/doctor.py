"""`config_manager.py doctor`: plays Poe against a bot server and shows what it found, check by check."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase

from rich.console import Console
from rich.markup import escape

from utils.errors import ConfigError
from utils.poe.doctor import CHECKS, Check, Patient, Result, examine
from utils.problems import did_you_mean

_SIGNS = {"pass": "[green]✓[/]", "fail": "[red]✗[/]", "warning": "[yellow]![/]", "skipped": "[dim]–[/]"}


def examine_bot(
    url: str, key: str | None, only: Sequence[str] = (), *, timeout_seconds: float = 60, as_json: bool = False
) -> int:
    """Try every check on the bot. Gives 0 when none failed, 1 when one did, 2 when there is nothing to examine."""
    trouble = Console(stderr=True, highlight=False)
    try:
        checks = _chosen(only)
        patient = Patient(url, key, timeout_seconds=timeout_seconds)
    except ConfigError as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    console = Console(highlight=False, quiet=as_json)
    results = asyncio.run(_results(patient, checks, console, trouble))
    counted = Counter(result.verdict for result in results)
    if as_json:
        rows = [asdict(result) for result in results]
        print(json.dumps({"url": patient.url, "summary": counted, "checks": rows}, indent=2, ensure_ascii=False))
    console.print(
        f"\n{len(results)} checks: {counted['pass']} passed, {counted['fail']} failed, "
        f"{counted['warning']} with a warning, {counted['skipped']} skipped."
    )
    return 1 if counted["fail"] else 0


def _chosen(only: Sequence[str]) -> list[Check]:
    """The checks of these names, after the one that decides whether the bot lets us in at all."""
    names = [check.name for check in CHECKS]
    patterns = [pattern for given in only for pattern in given.split(",")]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            near = did_you_mean(pattern, names)
            raise ConfigError(f"There is no check `{pattern}`.{near} These there are: {', '.join(names)}.")
    first, *others = CHECKS
    return [first, *(check for check in others if not patterns or any(fnmatchcase(check.name, p) for p in patterns))]


async def _results(patient: Patient, checks: Sequence[Check], console: Console, trouble: Console) -> list[Result]:
    results: list[Result] = []
    with trouble.status("") as status:
        status.update(_progress(checks, 0))
        async with patient:
            async for result in examine(patient, checks):
                results.append(result)
                _print(result, console)
                status.update(_progress(checks, len(results)))
    return results


def _progress(checks: Sequence[Check], done: int) -> str:
    trying = f": {checks[done].name}" if done < len(checks) else ""
    return f"{done} of {len(checks)}{trying} …"


def _print(result: Result, console: Console) -> None:
    said = f" [dim]({escape(result.detail)})[/]" if result.verdict == "skipped" else ""
    console.print(f"{_SIGNS[result.verdict]} [bold]{result.name}[/] {escape(result.rule)}{said}", soft_wrap=True)
    if result.verdict in ("fail", "warning"):
        console.print(f"    {escape(result.detail)}", soft_wrap=True)
