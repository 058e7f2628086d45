"""`config_manager.py usage`: what the answers took and cost, as the ledger here or a running server has it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console

from utils.errors import ConfigError, PoeBotsError
from utils.keys import Keyring, known_secrets
from utils.ledger.opening import database_of
from utils.ledger.summaries.as_csv import as_csv
from utils.ledger.summaries.question import BadQuestion, Question
from utils.logs import configure_logging
from utils.problems import short_path
from utils.settings import Settings, environment
from utils.web.usage import today_in_utc

from .usage_table import print_usage

_TIMEOUT_SECONDS = 30.0
_LARGEST_ANSWER = 50_000_000
_WHY_NOT: tuple[tuple[type[Exception], str], ...] = (
    (httpx.TimeoutException, f"it has not answered within {_TIMEOUT_SECONDS:.0f} seconds"),
    (httpx.ConnectError, "no connection can be made"),
    (httpx.TransportError, "the connection broke"),
    (ValueError, "what answers there is no such server"),
)


def show_usage(
    words: Mapping[str, str | None],
    *,
    form: str = "table",
    url: str | None = None,
    admin_key_env: str = "ADMIN_KEY",
) -> int:
    """Print the summary that these words ask for. Gives 0, 1 when it cannot be had, 2 when the question is wrong."""
    trouble = Console(stderr=True, highlight=False)
    settings = Settings.read().with_changes(log_level="error")
    configure_logging(settings, known_secrets(environment()))
    said = {name: value for name, value in words.items() if value is not None}
    try:
        Question.of(said, today_in_utc())  # a server is not troubled with what is wrong
        found = _from_server(url, said, admin_key_env) if url else asyncio.run(_from_ledger(settings, said))
    except BadQuestion as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    except PoeBotsError as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 1
    _FORMS[form](found)
    return 0


async def _from_ledger(settings: Settings, said: Mapping[str, str]) -> dict[str, Any]:
    from utils.ledger.summaries.reading import summary

    database = database_of(settings)
    if database is None:
        raise ConfigError("This server keeps no records that could be read here: LEDGER is `log` or `off`.")
    if database.kind == "sqlite" and not settings.ledger_file.exists():
        raise ConfigError(f"There are no records yet: {short_path(settings.ledger_file)} does not exist.")
    try:
        async with database.connect() as connection:
            return await summary(connection, Question.of(said, today_in_utc()))
    finally:
        await database.aclose()


def _from_server(url: str, said: Mapping[str, str], key_name: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("--url should be the address of a server, such as https://you--poe-bots.modal.run.")
    if "@" in parts.netloc:
        raise ConfigError("--url has a password in it; the key belongs into the variable that --admin-key-env names.")
    key = Keyring().get(key_name).secret
    address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/usage"
    try:
        response = httpx.get(
            address, params=dict(said), headers={"authorization": f"Bearer {key}"}, timeout=_TIMEOUT_SECONDS
        )
        found = response.json() if len(response.content) <= _LARGEST_ANSWER else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
        cause = next((words for kind, words in _WHY_NOT if isinstance(exc, kind)), type(exc).__name__)
        raise ConfigError(f"{parts.netloc} gives no summary: {cause}.") from exc
    if response.status_code != 200 or not isinstance(found, dict) or "groups" not in found:
        why = found.get("error") if isinstance(found, dict) else None
        raise ConfigError(f"{parts.netloc} gives no summary: {why if isinstance(why, str) else response.status_code}")
    return found


def _print_json(found: Mapping[str, Any]) -> None:
    print(json.dumps(found, indent=2, ensure_ascii=False))


def _print_csv(found: Mapping[str, Any]) -> None:
    print(as_csv(found), end="")


_FORMS = {"table": print_usage, "json": _print_json, "csv": _print_csv}
