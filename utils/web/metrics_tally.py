"""Counts records as they come, for /metrics. Nothing is counted while an answer is on its way."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from utils.ledger import UsageRecord
from utils.routing.trace import Tried

from .metrics_table import (
    ATTEMPTS,
    BUCKETS,
    COST,
    DURATION,
    FAILURES,
    FIRST_CONTENT,
    PAUSE,
    PAUSES,
    QUEUED,
    REQUESTS,
    TOKENS,
    UNKNOWN_COST,
    Metric,
)

OTHER = "other"
_LONGEST_LABEL = 100

Labels = tuple[str, ...]


class Names:
    """The values that a label may have: the first so many, and `other` for the rest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: set[str] = set()

    def label(self, name: str) -> str:
        """The name, where it may be told apart from others."""
        if name in self._seen:
            return name
        if len(self._seen) >= self._most or len(name) > _LONGEST_LABEL:
            return OTHER
        self._seen.add(name)
        return name


class Histogram:
    """How many took how long."""

    def __init__(self, buckets: Sequence[float] = BUCKETS) -> None:
        self.buckets = buckets
        """The upper ends, in seconds."""
        self.counts = [0] * (len(buckets) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.counts[bisect_left(self.buckets, seconds)] += 1
        self.seconds += seconds


class Tally:
    """What all records of this process add up to."""

    def __init__(self) -> None:
        self.counts: dict[Metric, dict[Labels, int]] = defaultdict(lambda: defaultdict(int))
        self.amounts: dict[Metric, dict[Labels, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.histograms: dict[Metric, dict[Labels, Histogram]] = defaultdict(lambda: defaultdict(Histogram))
        self.histograms[PAUSE] = defaultdict(lambda: Histogram(PAUSES))
        self._bots = Names(100)
        self._providers = Names(50)
        self._models = Names(200)
        self._errors = Names(50)
        self._doors = Names(10)

    def add(self, record: UsageRecord) -> None:
        """Count one record."""
        bot, target = self._bots.label(record.bot), self.target(record.provider, record.model)
        self.counts[ATTEMPTS][(bot, *target, record.outcome)] += 1
        if record.attempt == 1:
            self.counts[REQUESTS][bot, self._doors.label(record.door)] += 1
        if record.error and record.outcome != "refused":
            self.counts[FAILURES][(*target, self._errors.label(record.error))] += 1
        if record.cached:
            return
        for kind, tokens in _tokens(record).items():
            self.counts[TOKENS][(bot, *target, kind)] += tokens
        self._add_cost(bot, target, record)
        self._add_times(target, record)

    def add_pause(self, tried: Tried) -> None:
        """Count how steadily the answer came."""
        if (pause := tried.pause) is not None:
            self.histograms[PAUSE][self.target(tried.provider, tried.model)].add(pause)

    def target(self, provider: str, model: str | None) -> tuple[str, str]:
        """The labels of a model at a provider."""
        known = self._providers.label(provider)
        return (known, OTHER) if known == OTHER else (known, self._models.label(model or ""))

    def provider(self, name: str) -> str:
        """The label of a provider."""
        return self._providers.label(name)

    def _add_cost(self, bot: str, target: tuple[str, str], record: UsageRecord) -> None:
        if record.cost is not None and record.cost.is_finite():
            self.amounts[COST][(bot, *target)] += max(record.cost, Decimal(0))
        elif record.cost_is_unknown:
            self.counts[UNKNOWN_COST][target] += 1

    def _add_times(self, target: tuple[str, str], record: UsageRecord) -> None:
        if record.queued > 0:
            self.amounts[QUEUED][target[:1]] += Decimal(repr(record.queued))
        if record.first_content is not None:
            self.histograms[FIRST_CONTENT][target].add(record.first_content)
        if record.outcome == "answered":
            self.histograms[DURATION][target].add(record.seconds)


def _tokens(record: UsageRecord) -> dict[str, int]:
    said = {
        "input": record.input_tokens,
        "output": record.output_tokens,
        "cached": record.cached_tokens,
        "reasoning": record.reasoning_tokens,
    }
    return {kind: tokens for kind, tokens in said.items() if tokens and tokens > 0}
