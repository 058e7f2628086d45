"""`config_manager.py keys export-modal`: the command that makes the secret on Modal. It holds names, not values."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from utils.bot_factory import BotFactory
from utils.errors import ConfigError
from utils.keys.store import VARIABLES, Contents, store_of
from utils.settings import ROOT, Settings, environment

from .env_file import values_in_env_file
from .keys_changes import telling, write_new_file
from .keys_listing import factory_of, users_of_keys

_IN_YAML = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)")


@telling
def export(to: Path | None, secret: str, *, provider_config: Path | None, bot_config: Path | None) -> int:
    """Print the command. Gives 1 when some keys stand in the store only, and there is no file for their values."""
    factory = factory_of(provider_config, bot_config)
    contents = store_of(environment()).read()
    shared = _shares_its_store(factory.settings)
    wanted = _wanted(factory, shared=shared)
    in_environment = {name: value for name in wanted if (value := environment().get(name, "").strip())}
    in_store = {name: contents.values[name] for name in wanted if name in contents.values and not shared}
    found = {**in_store, **in_environment}
    if not found:
        raise ConfigError("none of the keys that the configuration uses is set: see `keys list`.")
    _say_what_is_missing(factory, found, contents)
    if to is not None:
        write_new_file(to, _dotenv(found))
        print(f"modal secret create {shlex.quote(secret)} --from-dotenv {shlex.quote(str(to))}")
        _tell(f"{to} holds {len(found)} keys that can be read by whoever can read the file: delete it afterwards.")
        return 0
    if in_environment:
        # An empty value would overwrite the good one on Modal: with `:?` the shell refuses what it does not have.
        pairs = " ".join(f'{name}="${{{name}:?}}"' for name in in_environment)
        print(f"modal secret create {shlex.quote(secret)} {pairs}")
    if loaded := _only_in_env_file(in_environment):
        _tell(
            f"In .env, and perhaps not in your shell: {', '.join(loaded)}. With --to FILE the command needs no shell."
        )
    if only := [name for name in in_store if name not in in_environment]:
        _tell(
            f"In the encrypted store only: {', '.join(only)}. Add --to FILE to put all of them into a file for Modal."
        )
        return 1
    return 0


def _only_in_env_file(found: Mapping[str, str]) -> list[str]:
    in_file = values_in_env_file(ROOT / ".env")
    return [name for name, value in found.items() if in_file.get(name, "").strip() == value]


def _shares_its_store(settings: Settings) -> bool:
    """Whether the server on Modal reads the same store as this machine."""
    return settings.keys_store == "database" and not environment().get("DATABASE_URL", "").startswith("sqlite")


def _wanted(factory: BotFactory, *, shared: bool) -> list[str]:
    files = (factory.settings.provider_config, factory.settings.bot_config)
    in_yaml = [name for file in files if file.is_file() for name in _IN_YAML.findall(file.read_text("utf-8"))]
    return list(dict.fromkeys([*users_of_keys(factory), *in_yaml, *(VARIABLES[:3] if shared else ())]))


def _say_what_is_missing(factory: BotFactory, found: Mapping[str, str], contents: Contents) -> None:
    users = users_of_keys(factory)
    if missing := [name for name in users if name not in found and name not in contents.values]:
        _tell(f"Not set, and so not in the secret: {', '.join(missing)}.")


def _dotenv(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={_quoted(name, value)}\n" for name, value in values.items())


def _quoted(name: str, value: str) -> str:
    if "${" in value:
        raise ConfigError(f"{name} holds `${{`, which a file for Modal would replace: put it into the secret by hand.")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _tell(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(sentence, style="yellow", markup=False, soft_wrap=True)
