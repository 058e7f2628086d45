"""`config_manager.py check`: the findings that /health would show, before anything is served."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from utils.bot_factory import BotFactory
from utils.settings import Settings

_COLOURS = {"error": "red", "warning": "yellow"}


def check_configuration(
    provider_config: Path | None, bot_config: Path | None, *, strict: bool, as_json: bool = False
) -> int:
    """Print every finding and a last line that sums up. 0 when all is well, 1 when it is not."""
    console = Console(highlight=False, quiet=as_json)
    settings = Settings.read().with_changes(provider_config=provider_config, bot_config=bot_config)
    factory = BotFactory.of_everything(settings)
    problems = [*factory.problems, *factory.key_problems()]
    for problem in problems:
        console.print(f"[{_COLOURS[problem.severity]}]{problem.severity}[/] {escape(str(problem))}", soft_wrap=True)
    for name, reason in factory.providers_not_ready().items():
        console.print(f"[dim]note[/] provider `{escape(name)}`: {escape(reason)}", soft_wrap=True)
    if without := factory.bots_without_access_key():
        note = f"Poe cannot talk to {', '.join(without)}: no access key is set (POE_ACCESS_KEY, or one for each bot)"
        console.print(f"[dim]note[/] {escape(note)}", soft_wrap=True)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    console.print(
        f"{_count(errors, 'error')}, {_count(warnings, 'warning')}; "
        f"{_count(len(factory.mounted), 'bot')} can be served."
    )
    if as_json:
        found = {
            "errors": errors,
            "warnings": warnings,
            "problems": [asdict(problem) for problem in problems],
            "providers_not_ready": factory.providers_not_ready(),
            "bots_without_access_key": factory.bots_without_access_key(),
            "bots": [mounted.name for mounted in factory.mounted],
        }
        print(json.dumps(found, indent=2, ensure_ascii=False))
    return 1 if errors or (strict and warnings) else 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
