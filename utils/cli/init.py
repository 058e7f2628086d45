"""`config_manager.py init`: from the keys that an owner has to a first bot, in a few questions."""

import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from utils.errors import EditRefused
from utils.keys import find_api_key
from utils.problems import did_you_mean
from utils.providers.catalogue import CATALOGUE, known_provider
from utils.registry.editing import Add, Change

from .adding import provider_entry, steps_after_bot
from .changing import DONE, USAGE, Files, carry_out, refuse
from .env_file import add_to_env_file, names_in_env_file

_SECONDS_FOR_OLLAMA = 0.3


@dataclass(frozen=True)
class Wish:
    """What the owner wants: providers, and a first bot on the first of them."""

    providers: tuple[str, ...] = ()
    bot_name: str | None = None
    model: str | None = None
    writes_names: bool = False
    keys: Mapping[str, str] | None = None


def init(wish: Wish, files: Files, env_file: Path, *, sure: bool, force: bool = False, dry_run: bool = False) -> int:
    """Both files have the providers and the bot; what stood there before is still there, unless forced."""
    if not wish.providers or not (sure or wish.bot_name):
        if not sys.stdin.isatty():
            message = "nobody can be asked here: say --provider, --bot-name and --yes, such as --provider groq."
            return refuse(EditRefused(message), code=USAGE)
        wish = _asked(wish, env_file)
    try:
        changes = _changes(wish, files, force=force)
    except EditRefused as exc:
        return refuse(exc)
    if not changes:
        Console(highlight=False).print("Nothing to change: it is all there already.")
        return DONE
    bot = {"bot_name": wish.bot_name} if wish.bot_name else None
    steps = ["see what is still missing: python config_manager.py check", *(steps_after_bot(bot) if bot else ())]
    said = f"Added {', '.join(f'`{change.name}`' for change in changes)}."
    code = carry_out(changes, files, said=said, next_steps=steps, dry_run=dry_run)
    if code == DONE and not dry_run and (wish.writes_names or wish.keys):
        return _write_env_file(wish, env_file)
    return code


def ollama_is_running() -> bool:
    """Whether something listens where Ollama does on this machine."""
    parts = urlsplit("http://127.0.0.1:11434")
    try:
        with socket.create_connection((parts.hostname, parts.port or 11434), timeout=_SECONDS_FOR_OLLAMA):
            return True
    except OSError:
        return False


def _changes(wish: Wish, files: Files, *, force: bool) -> list[Change]:
    there = files.names("providers")
    changes: list[Change] = []
    for name in wish.providers:
        if known_provider(name) is None and name not in there:
            raise EditRefused(f"`{name}` is not known here; use add-provider for it.{did_you_mean(name, CATALOGUE)}")
        if name not in there or (force and known_provider(name)):
            changes.append(Add("providers", provider_entry(name, {}), replace=force))
    if wish.bot_name:
        bot = {"bot_name": wish.bot_name, "provider": wish.providers[0], "model": wish.model}
        changes.append(Add("bots", {key: value for key, value in bot.items() if value}, replace=force))
    return changes


def _asked(wish: Wish, env_file: Path) -> Wish:
    console = Console(highlight=False)
    names = list(CATALOGUE)
    found = _detected(env_file)
    for number, name in enumerate(names, start=1):
        mark = f" [green]({escape(found[name])})[/]" if name in found else ""
        console.print(f"{number:3} {escape(name):12} [dim]{escape(CATALOGUE[name].title)}[/]{mark}")
    providers = wish.providers or _chosen(names, ", ".join(found) or "openai")
    bot_name = wish.bot_name or typer.prompt("The name of your first bot", default="MyBot")
    known = known_provider(providers[0])
    usual = known.default_model if known else None
    # Without a usual one there is no empty answer: the bot would be refused, and all that was typed lost.
    model = wish.model or typer.prompt("Its model", default=usual)
    model = None if model == usual else model
    wish = replace(wish, providers=providers, bot_name=bot_name, model=model)
    return _asked_for_keys(wish, env_file)


def _chosen(names: Sequence[str], usual: str) -> tuple[str, ...]:
    while True:
        answer = typer.prompt("Which of them do you have keys for? (numbers or names)", default=usual)
        words = [word for word in answer.replace(",", " ").split() if word]
        chosen = [names[int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(names) else word for word in words]
        unknown = [word for word in chosen if known_provider(word) is None]
        if chosen and not unknown:
            return tuple(dict.fromkeys(chosen))
        hint = did_you_mean(unknown[0], names) if unknown else ""
        Console(highlight=False).print(f"`{', '.join(unknown)}` is not in the list.{hint}", markup=False)


def _detected(env_file: Path) -> dict[str, str]:
    in_file = names_in_env_file(env_file)
    found = {}
    for name, known in CATALOGUE.items():
        variable = next((each for each in known.api_key_env if find_api_key(each) or each in in_file), None)
        if variable:
            found[str(name)] = f"{variable} is set"
    if ollama_is_running():
        found["ollama"] = "it is running"
    return found


def _missing_keys(wish: Wish) -> list[str]:
    known = [known_provider(name) for name in wish.providers]
    firsts = [each.api_key_env[0] for each in known if each and each.api_key_env]
    return [name for name in dict.fromkeys(firsts) if find_api_key(name) is None]


def _asked_for_keys(wish: Wish, env_file: Path) -> Wish:
    missing = _missing_keys(wish)
    if not missing or not typer.confirm(f"Write {', '.join(missing)} into {env_file.name}?", default=True):
        return wish
    keys = {}
    if typer.confirm("Type the keys now? They are not shown, and stand in the file as plain text.", default=False):
        for name in missing:
            keys[name] = typer.prompt(f"{name} (empty: later)", default="", hide_input=True, show_default=False)
    return replace(wish, writes_names=True, keys=keys)


def _write_env_file(wish: Wish, env_file: Path) -> int:
    keys = {**dict.fromkeys(_missing_keys(wish), ""), **(wish.keys or {})}
    try:
        written = add_to_env_file(env_file, keys)
    except EditRefused as exc:
        return refuse(exc)
    if written:
        Console(highlight=False).print(f"{env_file.name} has a line for {', '.join(written)}.", markup=False)
    return DONE
