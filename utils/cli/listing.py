"""`config_manager.py list`: what stands in the two files, and whether it is ready."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from utils.bot_factory import BotFactory
from utils.errors import EditRefused
from utils.registry.editing import Section, refuse_unreadable
from utils.settings import Settings

from .changing import DONE, REFUSED, Files

_COLUMNS = {
    "providers": ("name", "kind", "address", "model", "state"),
    "bots": ("name", "path", "provider", "model", "state"),
}


def list_entries(section: Section | None, files: Files, *, as_json: bool) -> int:
    """Every entry with its state, also those that are off or have a mistake. Gives 1 when a file cannot be read."""
    settings = Settings.read().with_changes(provider_config=files.providers, bot_config=files.bots)
    factory = BotFactory.from_files(settings)
    factory.add_configured_bots()
    sections: tuple[Section, ...] = (section,) if section else ("providers", "bots")
    code = _say_what_cannot_be_read(sections, files)
    rows: dict[str, list[dict[str, Any]]] = {}
    if section != "bots":
        rows["providers"] = [_provider(name, factory) for name in files.names("providers")]
    if section != "providers":
        rows["bots"] = [_bot(name, factory) for name in files.names("bots")]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return code
    console = Console(highlight=False)
    for title, entries in rows.items():
        console.print(_table(title, entries))
    if errors := sum(problem.severity == "error" for problem in factory.problems):
        console.print(f"{errors} of the findings of `check` are errors.", style="yellow", markup=False)
    return code


def _say_what_cannot_be_read(sections: Sequence[Section], files: Files) -> int:
    code = DONE
    for section in sections:
        try:
            refuse_unreadable(files.of_section(section), section)
        except EditRefused as exc:
            Console(stderr=True, highlight=False).print(str(exc), style="red", markup=False, soft_wrap=True)
            code = REFUSED
    return code


def _provider(name: str, factory: BotFactory) -> dict[str, Any]:
    registry = factory.pool.registry
    if name not in registry:
        return {"name": name, "ready": False, "state": registry.why_left_out(name) or "it is not used"}
    provider = registry[name]
    reason = factory.providers_not_ready().get(name)
    return {
        "name": name,
        "kind": provider.kind,
        "address": provider.public_address,
        "model": provider.model,
        "ready": reason is None,
        "state": reason or "ready",
    }


def _bot(name: str, factory: BotFactory) -> dict[str, Any]:
    config = factory.configs.get(name)
    mounted = next((mounted for mounted in factory.mounted if mounted.name == name), None)
    if config is None or mounted is None:
        return {"name": name, "ready": False, "state": "switched off, or has a mistake (see `check`)"}
    reason = factory.providers_not_ready().get(config.provider)
    if reason is None and mounted.access_key() is None:
        reason = f"{' or '.join(mounted.key_names)} is not set"
    return {
        "name": name,
        "path": config.served_at,
        "provider": config.provider,
        "model": config.model or factory.pool.registry[config.provider].model,
        "ready": reason is None,
        "state": reason or "ready",
    }


def _table(title: str, entries: Sequence[dict[str, Any]]) -> Table:
    columns = _COLUMNS[title]
    table = Table(*columns, title=f"{title.capitalize()} ({len(entries)})", title_justify="left", title_style="bold")
    for column in table.columns:
        column.overflow = "fold"
    for entry in entries:
        *cells, state = (escape(str(entry.get(column) or "")) for column in columns)
        table.add_row(*cells, f"[{'green' if entry['ready'] else 'yellow'}]{state}[/]")
    return table
