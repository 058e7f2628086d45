"""`config_manager.py test`: asks each provider one tiny real question, and says what to do where no answer comes."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Literal

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from utils.bot_factory import BotFactory
from utils.chat import ChatMessage, ChatRequest, Usage
from utils.errors import ConfigError, ProviderFailure
from utils.keys import known_secrets
from utils.logs import configure_logging
from utils.providers import ProviderPool
from utils.registry.provider_config import Price
from utils.settings import Settings, environment

from .no_such_provider import provider_named
from .what_to_do import what_happened, what_to_do

_QUESTION = "Say OK"
_LONGEST_ANSWER = 512
"""In tokens: a model that thinks needs some before its first word."""
_AT_ONCE = 8
_COLOURS = {"ok": "green", "failed": "red", "skipped": "dim"}


@dataclass(frozen=True)
class Trial:
    """What came of asking one provider. What is not known is None."""

    provider: str
    model: str | None
    result: Literal["ok", "failed", "skipped"]
    seconds_to_first_word: float | None = None
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    price_usd: float | None = None
    problem: str | None = None
    fix: str | None = None


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
    return 1 if any(trial.result == "failed" for trial in trials) else 0


async def _trials(pool: ProviderPool, names: Sequence[str], console: Console, *, skips: bool) -> list[Trial]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str, done: Callable[[], None]) -> Trial:
        async with slots:
            reason = pool.why_not_ready(name) if skips else None
            trial = Trial(name, pool.registry[name].model, "skipped", problem=reason) if reason else None
            trial = trial or await _trial(pool, name)
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


async def _trial(pool: ProviderPool, name: str) -> Trial:
    config = pool.registry[name]
    model = config.model
    request = ChatRequest((ChatMessage("user", _QUESTION),), model=model, max_tokens=_LONGEST_ANSWER)
    started = perf_counter()
    first: float | None = None
    usage: Usage | None = None
    try:
        async with aclosing(pool.get(name).stream(request)) as deltas:
            async for delta in deltas:
                first = perf_counter() - started if first is None and delta.has_content else first
                usage = delta.usage or usage
    except ProviderFailure as failure:
        happened, fix = what_happened(failure), what_to_do(failure, config)
        return Trial(name, model, "failed", seconds=perf_counter() - started, problem=happened, fix=fix)
    listed = config.model_config_of(model)
    return Trial(
        name,
        model,
        "ok",
        seconds_to_first_word=first,
        seconds=perf_counter() - started,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        price_usd=_price(usage, listed.price) if usage and listed and listed.price else None,
    )


def _price(usage: Usage, price: Price) -> float:
    cached_input = price.input if price.cached_input is None else price.cached_input
    fresh = usage.input_tokens - usage.cached_tokens
    total = fresh * price.input + usage.cached_tokens * cached_input + usage.output_tokens * price.output
    return float(total / Decimal(1_000_000))


def _print_json(trials: Sequence[Trial]) -> None:
    print(json.dumps([asdict(trial) for trial in trials], indent=2, ensure_ascii=False))


def _print_table(trials: Sequence[Trial]) -> None:
    console = Console(highlight=False)
    table = Table("", "provider", "model", "first word", "total", "tokens", "price", box=None, pad_edge=False)
    table.columns[1].overflow = table.columns[2].overflow = "fold"
    for trial in trials:
        tokens = "" if trial.input_tokens is None else f"{trial.input_tokens} + {trial.output_tokens}"
        price = "" if trial.price_usd is None else f"${trial.price_usd:.6f}"
        cells = (
            trial.provider,
            trial.model or "",
            _time(trial.seconds_to_first_word),
            _time(trial.seconds),
            tokens,
            price,
        )
        table.add_row(Text(trial.result, _COLOURS[trial.result]), *(Text(cell) for cell in cells))
    console.print(table)
    for trial in trials:
        if trial.problem:
            said = " ".join(filter(None, (f"{trial.provider}: {trial.problem}", trial.fix)))
            console.print(said, style=_COLOURS[trial.result], markup=False, soft_wrap=True)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f} s"
