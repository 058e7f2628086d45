"""`config_manager.py test`: asks each provider one tiny real question, and says what to do where no answer comes."""

import asyncio
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from utils.bot_factory import BotFactory
from utils.chat import Usage
from utils.errors import ConfigError
from utils.keys import known_secrets
from utils.ledger.prices import Prices
from utils.logs import configure_logging
from utils.providers import ProviderPool
from utils.providers.trial import Trial, trial_of
from utils.settings import Settings, environment

from .no_such_provider import provider_named

_AT_ONCE = 8
_COLOURS = {"ok": "green", "failed": "red", "skipped": "dim"}


def try_providers(names: Sequence[str], *, as_json: bool = False, provider_config: Path | None = None) -> int:
    """Ask the named providers, or all that are ready. Gives 0, 1 when one has failed, 2 when one is not there."""
    trouble = Console(stderr=True, highlight=False)
    settings = Settings.read().with_changes(provider_config=provider_config, log_level="error")
    configure_logging(settings, known_secrets(environment()))
    pool = BotFactory.from_files(settings).pool
    try:
        named = [provider_named(name, pool.registry).name for name in dict.fromkeys(names)]
    except ConfigError as exc:
        trouble.print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    trials = asyncio.run(_trials(pool, named or list(pool.registry), trouble, skips=not named))
    _print_json(trials) if as_json else _print_table(trials)
    return 1 if any(trial.outcome == "failed" for trial in trials) else 0


async def _trials(pool: ProviderPool, names: Sequence[str], console: Console, *, skips: bool) -> list[Trial]:
    slots, prices = asyncio.Semaphore(_AT_ONCE), Prices(pool.registry)

    def cost_of(name: str, model: str | None, usage: Usage | None) -> Decimal | None:
        return prices.cost(name, model, usage)[0]

    async def one(name: str, done: Callable[[], None]) -> Trial:
        async with slots:
            reason = pool.why_not_ready(name) if skips else None
            trial = Trial(name, pool.registry[name].model, "skipped", problem=reason) if reason else None
            trial = trial or await trial_of(pool, name, cost_of)
        done()
        return trial

    try:
        for name in names:
            pool.get(name)
        # What is loaded only once counts as nobody's time to the first word.
        await asyncio.to_thread(pool.warm_up)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("asking", total=len(names))
            return await asyncio.gather(*(one(name, lambda: progress.advance(task)) for name in names))
    finally:
        await pool.aclose()


def _print_json(trials: Sequence[Trial]) -> None:
    print(json.dumps([_as_json(trial) for trial in trials], indent=2, ensure_ascii=False))


def _as_json(trial: Trial) -> dict[str, Any]:
    names = {"outcome": "result", "cost": "price_usd"}
    said = {names.get(name, name): value for name, value in trial.told().items()}
    return {**said, "price_usd": None if trial.cost is None else float(trial.cost)}


def _print_table(trials: Sequence[Trial]) -> None:
    console = Console(highlight=False)
    table = Table("", "provider", "model", "first word", "total", "tokens", "price", box=None, pad_edge=False)
    table.columns[1].overflow = table.columns[2].overflow = "fold"
    for trial in trials:
        tokens = "" if trial.input_tokens is None else f"{trial.input_tokens} + {trial.output_tokens}"
        price = "" if trial.cost is None else f"${trial.cost:.6f}"
        cells = (
            trial.provider,
            trial.model or "",
            _time(trial.seconds_to_first_word),
            _time(trial.seconds),
            tokens,
            price,
        )
        table.add_row(Text(trial.outcome, _COLOURS[trial.outcome]), *(Text(cell) for cell in cells))
    console.print(table)
    for trial in trials:
        if trial.problem:
            said = " ".join(filter(None, (f"{trial.provider}: {trial.problem}", trial.fix)))
            console.print(said, style=_COLOURS[trial.outcome], markup=False, soft_wrap=True)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f} s"
