"""`config_manager.py sync`: tells Poe of the settings that have changed since the last time."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from utils.bot_factory import BotFactory
from utils.errors import ConfigError
from utils.keys import known_secrets
from utils.logs import configure_logging
from utils.poe.door import MountedBot
from utils.poe.sync import POE, STATE, Endpoint, Outcome, SyncedSettings, sync_round
from utils.settings import Settings, environment

from .no_such_bot import no_such_bot

_COLOURS = {"synced": "green", "unchanged": "dim", "would be sent": "cyan", "skipped": "yellow", "failed": "red"}


def sync_settings(
    names: Sequence[str],
    *,
    dry_run: bool = False,
    force: bool = False,
    as_json: bool = False,
    state: Path | None = None,
    poe: str = POE,
    provider_config: Path | None = None,
    bot_config: Path | None = None,
) -> int:
    """Sync the named bots, or all. Gives 0 when all is well, 1 when something failed, 2 when there is no such bot."""
    trouble = Console(stderr=True, highlight=False)
    settings = Settings.read().with_changes(provider_config=provider_config, bot_config=bot_config, log_level="warning")
    configure_logging(settings, known_secrets(environment()))
    factory = BotFactory.of_everything(settings)
    errors = [problem for problem in factory.problems if problem.severity == "error"]
    for problem in errors:
        trouble.print(str(problem), style="red", markup=False, soft_wrap=True)
    try:
        chosen = _chosen(names, factory.mounted)
    except ConfigError as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    memory = SyncedSettings(state or STATE)
    outcomes = asyncio.run(_outcomes(factory, chosen, memory, poe, force=force, dry_run=dry_run, progress=trouble))
    _print_json(outcomes) if as_json else _print_table(outcomes)
    # A bot that cannot be served has not been synced either.
    return 1 if any(outcome.result == "failed" for outcome in outcomes) or (errors and not names) else 0


def _chosen(names: Sequence[str], served: Sequence[MountedBot]) -> list[MountedBot]:
    by_name = {mounted.name: mounted for mounted in served}
    for name in names:
        if name not in by_name:
            raise no_such_bot(name, by_name)
    return [by_name[name] for name in dict.fromkeys(names)] if names else list(served)


async def _outcomes(
    factory: BotFactory,
    bots: Sequence[MountedBot],
    memory: SyncedSettings,
    poe: str,
    *,
    force: bool,
    dry_run: bool,
    progress: Console,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        with progress.status("Syncing …") as status:
            async with httpx.AsyncClient() as client:
                async for outcome in sync_round(bots, Endpoint(client, poe), memory, force=force, dry_run=dry_run):
                    outcomes.append(outcome)
                    status.update(f"Syncing … {len(outcomes)} of {len(bots)}")
    finally:
        await factory.pool.aclose()
    return outcomes


def _print_json(outcomes: Sequence[Outcome]) -> None:
    fields = ("bot", "result", "detail", "document")
    rows = [{name: asdict(outcome)[name] for name in fields if asdict(outcome)[name]} for outcome in outcomes]
    print(json.dumps({"bots": rows}, indent=2, ensure_ascii=False))


def _print_table(outcomes: Sequence[Outcome]) -> None:
    console = Console(highlight=False)
    table = Table("bot", "", "")
    for outcome in outcomes:
        colour = _COLOURS[outcome.result]
        table.add_row(escape(outcome.bot), f"[{colour}]{outcome.result}[/]", escape(outcome.detail))
    console.print(table if outcomes else "There is no bot to sync.")
    for outcome in outcomes:
        if outcome.document is not None:
            console.print(f"\n{outcome.bot}:", markup=False)
            console.print_json(data=outcome.document)
