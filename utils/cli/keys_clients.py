"""`config_manager.py keys create-client`, `list-clients` and `revoke-client`: who may come in by the HTTP API."""

import datetime
import json
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from utils.errors import ConfigError
from utils.keys.clients import ClientKeys, create_client, described, hash_of, revoke_client
from utils.keys.clients_file import is_client_name
from utils.problems import did_you_mean, short_path
from utils.registry.budget_words import budgets_in, in_words
from utils.registry.model_names import resolve
from utils.routing.rate_limit import RateLimit
from utils.settings import Settings

from .keys_changes import telling
from .keys_listing import factory_of


@telling
def create(name: str, allow: Sequence[str], rate_limit: str | None, budgets: Sequence[str] = ()) -> int:
    """Make a key, and show it this once. Gives 2 when that cannot be done."""
    if not is_client_name(name):
        raise ConfigError(
            "the name of a client is made of letters, digits and `.`, `_`, `@` or `-`, such as anna or my-app."
        )
    if rate_limit is not None:
        _check_rate(rate_limit)
    budget = _checked_budget(budgets)
    _check_allowed(allow)
    file = Settings.read().clients_file
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    key = create_client(file, name, created, dict.fromkeys(allow), rate_limit, budget)
    print(key)
    _say(f"This is the key of client `{name}`. It is shown this once: {short_path(file)} has only its hash.")
    _say(f"For a server without that file, on Modal for one, put this into API_KEYS: {_entry(name, key, budget)}")
    return 0


@telling
def list_all(*, as_json: bool) -> int:
    """Show every client. Gives 1 when some cannot be read."""
    keys = ClientKeys(Settings.read().clients_file)
    problems = keys.problems()
    rows = [*described(keys.all())]
    if as_json:
        print(json.dumps({"clients": rows, "problems": problems}, indent=2))
    else:
        _print_table(rows)
        for problem in problems:
            _say(problem, style="red")
    return 1 if problems else 0


@telling
def revoke(name: str) -> int:
    """Let a client in no more. Gives 1 when there is none of that name."""
    file = Settings.read().clients_file
    if not revoke_client(file, name):
        known = [client.name for client in ClientKeys(file).all()]
        _say(f"{short_path(file)} has no client `{name}`.{did_you_mean(name, known)}")
        return 1
    _say(f"The key of client `{name}` opens nothing any more.")
    return 0


def _check_rate(rate_limit: str) -> None:
    try:
        RateLimit.parse(rate_limit)
    except ValueError as exc:
        raise ConfigError(f"{exc}.") from exc


def _checked_budget(budgets: Sequence[str]) -> str | None:
    """All of them as one text, in the words in which they are kept."""
    if not budgets:
        return None
    try:
        return in_words(budgets_in("; ".join(budgets)))
    except ValueError as exc:
        raise ConfigError(f"{exc}.") from exc


def _entry(name: str, key: str, budget: str | None) -> str:
    return f"{name}:{hash_of(key)}" + (f"; {budget}" if budget else "")


def _check_allowed(allow: Sequence[str]) -> None:
    if not allow:
        return
    factory = factory_of(None, None)
    bots, registry = [*factory.configs], factory.pool.registry
    for name in allow:
        named = resolve(name, registry) if ":" in name else None
        if name not in bots and name not in registry and named is None:
            hint = did_you_mean(name, [*bots, *registry]) or " Write a bot, a provider, or `provider:model`."
            raise ConfigError(f"there is no bot and no provider `{name}`.{hint}")


def _print_table(rows: list[dict[str, object]]) -> None:
    table = Table("client", "may ask", "how often", "may spend", "created")
    for row in rows:
        allowed = row["allow"]
        named = ", ".join(allowed) if isinstance(allowed, list | tuple) and allowed else "everyone"
        cells = (row["name"], named, row["rate_limit"] or "", row["budget"] or "", row["created"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    nobody = "There is no client yet: create one with `keys create-client`."
    Console(highlight=False).print(table if rows else nobody)


def _say(sentence: str, style: str | None = None) -> None:
    Console(stderr=True, highlight=False).print(sentence, style=style, markup=False, soft_wrap=True)
