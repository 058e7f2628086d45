"""`config_manager.py keys set`, `delete` and `rotate`: what changes the encrypted store. No value is ever shown."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer
from rich.console import Console

from utils.errors import ConfigError
from utils.keys.key import key_of
from utils.keys.store import Master, store_of
from utils.problems import short_path
from utils.registry.spec import variable_name
from utils.settings import environment

_Arguments = ParamSpec("_Arguments")


def telling(command: Callable[_Arguments, int]) -> Callable[_Arguments, int]:
    """The command, with 2 and a sentence when something cannot be done."""

    @wraps(command)
    def told(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except ConfigError as exc:
            Console(stderr=True, highlight=False).print(str(exc), style="red", markup=False, soft_wrap=True)
            return 2

    return told


@telling
def set_in_store(name: str, fields: Sequence[str], *, from_stdin: bool) -> int:
    """Keep a value under this name. Gives 2 when that cannot be done."""
    store = store_of(environment())
    store.check_name(name)
    _refuse_a_key(name)
    value = _value_of_parts(name, fields, from_stdin) if fields else _asked_for(name, from_stdin)
    master_is_new = not store.masters.exist
    store.set(name, value)
    say = Console(highlight=False).print
    say(f"{name} is set in {store.vault.where}.", markup=False, soft_wrap=True)
    if master_is_new:
        say(
            f"Its master key was made in {store.masters.where}. Keep a copy in a safe place: without it nothing in the "
            "store can be read.",
            markup=False,
            soft_wrap=True,
        )
    if environment().get(name, "").strip():
        say(f"The environment has {name} too, and what stands there is used.", style="yellow", soft_wrap=True)
    return 0


@telling
def delete_from_store(name: str, *, sure: bool) -> int:
    """Forget the value. Gives 1 when there is none, or when the person does not want to."""
    store = store_of(environment())
    if name not in store.read().changed:
        missing = f"{name} is not in {store.vault.where}."
        Console(stderr=True, highlight=False).print(missing, markup=False, soft_wrap=True)
        return 1
    if not sure and not typer.confirm(f"Delete {name} from {store.vault.where}?"):
        return 1
    store.delete(name)
    Console(highlight=False).print(f"{name} is deleted from {store.vault.where}.", markup=False, soft_wrap=True)
    return 0


@telling
def rotate_store(to: Path | None, *, from_stdin: bool) -> int:
    """Seal every value anew. The master key in a file is replaced; one in a variable is the owner's to replace."""
    store = store_of(environment())
    store.read()  # what cannot be opened now should not cost anybody a new master key
    if not store.masters.is_given:
        if to or from_stdin:
            raise ConfigError(f"the master key lies in {store.masters.where}, and a new one is put there by itself.")
        count = store.rotate(Master.new())
        said = f"{count} keys are encrypted anew; the new master key is in {store.masters.where}."
    elif to:
        master = Master.new()
        write_new_file(to, master.text + "\n")
        try:
            count = store.rotate(master)
        except BaseException:
            to.unlink(missing_ok=True)
            raise
        said = f"{count} keys are encrypted anew. Now set KEYS_MASTER_KEY to what stands in {short_path(to)}."
    else:
        count = store.rotate(_asked_for_master(from_stdin))
        said = f"{count} keys are encrypted anew. Now set KEYS_MASTER_KEY to the new master key."
    Console(highlight=False).print(said, markup=False, soft_wrap=True)
    return 0


def _refuse_a_key(name: str) -> None:
    """Names stand readable in the store: a key that was pasted where its name belongs must not get there."""
    try:
        variable_name(name)
    except ValueError:
        raise ConfigError(
            "here stands the *name* of a key, such as OPENAI_API_KEY, and you are asked for the key itself afterwards."
            " Nothing was changed. (If this was a real key, it is in the history of your shell now.)"
        ) from None


def _value_of_parts(name: str, fields: Sequence[str], from_stdin: bool) -> str:
    if from_stdin:
        lines = sys.stdin.read().strip().splitlines()
        if len(lines) != len(fields):
            raise ConfigError(f"there are {len(fields)} fields and {len(lines)} lines: write one line for each field.")
        parts = dict(zip(fields, (_checked(name, line) for line in lines), strict=True))
    else:
        parts = {field: _asked_for(f"{name}, {field}", from_stdin=False) for field in fields}
    return json.dumps(parts)


def _asked_for(what: str, from_stdin: bool) -> str:
    if from_stdin:
        return _checked(what, sys.stdin.read())
    if not sys.stdin.isatty():
        raise ConfigError("there is nobody to ask for the value here: give it with --stdin.")
    return _checked(what, typer.prompt(what, hide_input=True))


def _asked_for_master(from_stdin: bool) -> Master:
    if from_stdin:
        text = sys.stdin.read().strip()
    elif sys.stdin.isatty():
        text = typer.prompt("The new master key", hide_input=True, confirmation_prompt=True).strip()
    else:
        raise ConfigError("KEYS_MASTER_KEY holds the master key: say where the new one goes with --to, or use --stdin.")
    master = Master(text)
    if wrong := master.why_unusable():
        raise ConfigError(f"the new master key {wrong}.")
    return master


def _checked(what: str, value: str) -> str:
    value = value.strip()
    if not value:
        raise ConfigError(f"{what}: there is no value, so nothing was changed.")
    key = key_of(what, value)
    if key.malformed:
        raise ConfigError(f"{key.malformed}, so nothing was changed.")
    if not key.can_be_sent:
        raise ConfigError(f"{what}: the value holds characters that are in no key, so nothing was changed.")
    return value


def write_new_file(path: Path, text: str) -> None:
    """Write a file that was not there before and that only its owner can read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as exc:
        raise ConfigError(f"{short_path(path)} is there already; name a new file.") from exc
    except OSError as exc:
        raise ConfigError(f"{short_path(path)} cannot be written: {exc.strerror}.") from exc
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
