"""Attempts as the ledger keeps them: who asked whom, what came of it, and how many tokens it took."""

import time
from collections.abc import Callable
from decimal import Decimal

import structlog

from utils.chat import Origin, Usage
from utils.ledger import Ledger, UsageRecord

from .cache import Hit
from .trace import Tried

_log = structlog.get_logger(__name__)
_NOTHING = Decimal(0)


class Records:
    """Writes a record of every attempt. It is what `Routes` wants as `record`, and its `began` as `began`."""

    def __init__(self, ledger: Ledger, heard: Callable[[Tried], None] = lambda tried: None) -> None:
        """`heard` is told of every attempt, too, with what no record holds."""
        self._ledger = ledger
        self._heard = heard

    def began(self, origin: Origin, tried: Tried) -> None:
        """The ledger knows of it, should the process be killed before it ends."""
        try:
            self._ledger.begin(record_of(origin, tried))
        except Exception as exc:  # as below
            _log.error("ledger.no_record", provider=tried.provider, error=type(exc).__name__)

    def __call__(self, origin: Origin, tried: Tried) -> None:
        """It is in the ledger."""
        try:
            self._ledger.write(record_of(origin, tried))
            self._heard(tried)
        except Exception as exc:  # what a provider has counted may be anything, and must not spoil an answer
            _log.error("ledger.no_record", provider=tried.provider, error=type(exc).__name__)


def record_of(origin: Origin, tried: Tried) -> UsageRecord:
    """The record of the attempt. Where the provider says what it cost, that is its cost; else nobody knows yet."""
    usage = tried.usage
    counted = usage or Usage()
    cost = counted.cost
    is_said = cost is not None and cost.is_finite() and cost >= 0
    return UsageRecord(
        id=tried.id,
        at=tried.ended_at or time.time(),
        door=origin.door,
        bot=origin.bot,
        user=origin.user,
        conversation=origin.conversation,
        message=origin.message,
        reference=origin.reference,
        provider=tried.provider,
        model=tried.model or "",
        answered_by=tried.answered_by or "",
        variant=tried.variant or "",
        key=tried.key or "",
        attempt=tried.number,
        outcome=tried.outcome,
        error=tried.error or "",
        cached=tried.cached,
        input_tokens=None if usage is None else usage.input_tokens,
        output_tokens=None if usage is None else usage.output_tokens,
        cached_tokens=counted.cached_tokens,
        cache_write_tokens=counted.cache_write_tokens,
        reasoning_tokens=counted.reasoning_tokens,
        cost=_NOTHING if tried.cached else cost if is_said else None,
        cost_source="cache" if tried.cached else "provider" if is_said else "unknown",
        queued=tried.queued,
        first_content=tried.first_content,
        seconds=tried.seconds,
    )


def tried_of(hit: Hit, provider: str, model: str | None) -> Tried:
    """What was given without asking, in the place of asking this one."""
    return Tried(
        number=1,
        provider=provider,
        model=model,
        key=None,
        outcome=hit.outcome,
        error=hit.error,
        first_content=hit.first_content,
        seconds=hit.seconds,
        usage=hit.usage,
        answered_by=hit.answered_by,
        cached=True,
    )
