"""`config_manager.py models`: the models of a provider, as its entry has them or as it lists them itself."""

import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from utils.bot_factory import BotFactory
from utils.errors import ConfigError
from utils.keys import known_secrets
from utils.logs import configure_logging
from utils.providers import ProviderPool
from utils.providers.model_directory import Listed, Listing
from utils.settings import Settings, environment
from utils.web.models import as_json as model_as_json

from .no_such_provider import provider_named


def list_models(
    provider: str, *, live: bool = False, as_json: bool = False, provider_config: Path | None = None
) -> int:
    """Print the list. Gives 0, 1 when the provider was asked and has not answered, 2 when there is no such provider."""
    trouble = Console(stderr=True, highlight=False)
    settings = Settings.read().with_changes(provider_config=provider_config, log_level="error")
    configure_logging(settings, known_secrets(environment()))
    pool = BotFactory.from_files(settings).pool
    try:
        name = provider_named(provider, pool.registry).name
    except ConfigError as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    listing = asyncio.run(_listing(pool, name, live=live))
    _print_json(listing) if as_json else _print_table(listing)
    if listing.problem and not as_json:
        trouble.print(f"{listing.problem} These stand in its entry.", style="red", markup=False, soft_wrap=True)
    return 1 if listing.problem else 0


async def _listing(pool: ProviderPool, name: str, *, live: bool) -> Listing:
    try:
        return await pool.models(name, live=live)
    finally:
        await pool.aclose()


def _print_json(listing: Listing) -> None:
    shown = {
        "provider": listing.provider,
        "default_model": listing.default_model,
        "models": [model_as_json(model) for model in listing.models],
        "live": listing.live,
        "problem": listing.problem,
    }
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def _print_table(listing: Listing) -> None:
    table = Table("model", "alias", "context", "pictures", "tools", "thinks", "price", box=None, pad_edge=False)
    table.columns[0].overflow = table.columns[1].overflow = "fold"
    for model in listing.models:
        table.add_row(*(Text(cell) for cell in _row(model, listing.default_model)))
    Console(highlight=False).print(table)


def _row(model: Listed, default: str | None) -> tuple[str, ...]:
    info, price = model.info, model.price
    return (
        f"{info.name} (default)" if info.name == default else info.name,
        model.alias or "",
        f"{info.context:,}" if info.context else "?",
        *(_SAID[known] for known in (info.vision, info.tools, info.reasoning)),
        f"${price.input} in, ${price.output} out" if price else "",
    )


_SAID = {True: "yes", False: "no", None: "?"}
