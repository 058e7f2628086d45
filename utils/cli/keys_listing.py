"""`config_manager.py keys list`: which keys there are, where they stand and who uses them. No value is shown."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from utils.bot_factory import BotFactory
from utils.errors import KeyStoreError
from utils.keys.store import Contents, store_of
from utils.settings import Settings, environment

_COLOURS = {"missing": "yellow", "unreadable": "red"}


@dataclass(frozen=True)
class KeyRow:
    """What may be said of one key."""

    name: str
    state: str
    """`set`, `missing`, or `unreadable`: it stands in the store and cannot be opened."""
    where: str
    """`environment` or `store`; the environment wins."""
    used_by: tuple[str, ...]
    changed: str
    """When it was last set in the store, in ISO 8601."""


def list_all(*, as_json: bool, provider_config: Path | None, bot_config: Path | None) -> int:
    """Show every key. Gives 1 when the store cannot be read; the environment's are shown all the same."""
    factory = factory_of(provider_config, bot_config)
    trouble, contents = None, Contents()
    try:
        contents = store_of(environment()).read()
    except KeyStoreError as exc:
        trouble = str(exc)
    rows = [*_rows(factory, contents)]
    _print_json(rows, trouble) if as_json else _print_table(rows)
    errors = [trouble] if trouble else list(contents.troubles.values())
    for sentence in errors if not as_json else ():
        Console(stderr=True, highlight=False).print(sentence, style="red", markup=False, soft_wrap=True)
    return 1 if errors else 0


def factory_of(provider_config: Path | None, bot_config: Path | None) -> BotFactory:
    """A factory with every bot of the configuration."""
    settings = Settings.read().with_changes(provider_config=provider_config, bot_config=bot_config)
    return BotFactory.of_everything(settings)


def users_of_keys(factory: BotFactory) -> dict[str, list[str]]:
    """The names of the keys that the configuration uses, and who uses each."""
    users: dict[str, list[str]] = {}
    for provider in factory.pool.registry.values():
        for name in provider.api_key_env:
            users.setdefault(name, []).append(f"provider {provider.name}")
    keyring = factory.pool.keyring
    for mounted in factory.mounted:
        # One is enough for a bot: the first that is set, or the one that is its own.
        name = next((name for name in mounted.key_names if keyring.find(name)), mounted.key_names[0])
        users.setdefault(name, []).append(f"bot {mounted.name}")
    return users


def _rows(factory: BotFactory, contents: Contents) -> Iterator[KeyRow]:
    users = users_of_keys(factory)
    for name in dict.fromkeys([*users, *sorted(contents.changed)]):
        state, where = _found(name, contents)
        yield KeyRow(name, state, where, tuple(users.get(name, ())), contents.changed.get(name, ""))


def _found(name: str, contents: Contents) -> tuple[str, str]:
    if environment().get(name, "").strip():
        return "set", "environment"
    if name in contents.values:
        return "set", "store"
    return ("unreadable", "store") if name in contents.troubles else ("missing", "")


def _print_json(rows: list[KeyRow], trouble: str | None) -> None:
    print(json.dumps({"keys": [asdict(row) for row in rows], "store_trouble": trouble}, indent=2))


def _print_table(rows: list[KeyRow]) -> None:
    table = Table("key", "", "where", "used by", "last set")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        colour = _COLOURS.get(row.state, "green")
        users = ", ".join(row.used_by) or "nobody"
        table.add_row(row.name, f"[{colour}]{row.state}[/]", row.where, escape(users), row.changed)
    Console(highlight=False).print(table if rows else "The configuration uses no key, and the store is empty.")
