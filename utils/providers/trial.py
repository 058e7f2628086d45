"""One tiny real question to a provider, and what came of it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, fields
from decimal import Decimal
from time import perf_counter
from typing import Any, Literal

from utils.chat import ChatMessage, ChatRequest, Usage
from utils.errors import ProviderFailure
from utils.logs import Scrubber

from .pool import ProviderPool
from .what_to_do import what_happened, what_to_do

_QUESTION = "Say OK"
_LONGEST_ANSWER = 512
"""In tokens: a model that thinks needs some before its first word."""

CostOf = Callable[[str, str | None, Usage | None], Decimal | None]
"""What the provider's model takes for so much, in US dollars. It may take a moment, and is called in a thread."""


@dataclass(frozen=True)
class Trial:
    """What came of asking one provider. What is not known is None."""

    provider: str
    model: str | None
    outcome: Literal["ok", "failed", "skipped"]
    seconds_to_first_word: float | None = None
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    problem: str | None = None
    fix: str | None = None
    failure: str | None = None
    """The class of the failure."""
    usage: Usage | None = None
    """All that the provider has counted."""

    def told(self) -> dict[str, Any]:
        """By its names, what is said of it in JSON."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "usage"}


async def trial_of(pool: ProviderPool, name: str, cost_of: CostOf) -> Trial:
    """Ask the provider's own model. Whatever a provider may do wrong is told in the trial, with what to do."""
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
        # It may say again whatever it was sent; a log is scrubbed, and this is for eyes.
        scrub = Scrubber(pool.keyring.secrets())
        said, fix = scrub(None, "", happened), scrub(None, "", fix) if fix else fix
        seconds, kind = perf_counter() - started, type(failure).__name__
        return Trial(name, model, "failed", first, seconds, problem=said, fix=fix, failure=kind, usage=usage)
    seconds = perf_counter() - started
    return Trial(
        name,
        model,
        "ok",
        seconds_to_first_word=first,
        seconds=seconds,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cost=await asyncio.to_thread(cost_of, name, model, usage),
        usage=usage,
    )
