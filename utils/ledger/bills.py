"""What one answer took, for who waits to be told: the records of its attempts, as the ledger gets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from .pricing import Pricing
from .record import CostSource, UsageRecord

Total = tuple[Decimal | None, CostSource]


class Bills:
    """Listens to the ledger for those answers that somebody has opened a bill for."""

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._open: dict[str, list[UsageRecord]] = {}

    def hear(self, record: UsageRecord) -> None:
        """Put the record on the bill of its answer, if there is one."""
        bill = self._open.get(record.reference)
        if bill is not None:
            bill.append(record)

    @contextmanager
    def opened(self, reference: str) -> "Iterator[Bill]":
        """The bill of that answer, on which everything stands that is recorded inside."""
        records: list[UsageRecord] = []
        self._open[reference] = records
        try:
            yield Bill(records, self._pricing)
        finally:
            self._open.pop(reference, None)


class Bill:
    """The attempts at one answer, in the order in which they ended."""

    def __init__(self, records: list[UsageRecord], pricing: Pricing) -> None:
        self._records = records
        self._pricing = pricing

    @property
    def attempts(self) -> list[UsageRecord]:
        """In the order in which they were begun."""
        return sorted(self._records, key=lambda record: record.attempt)

    @property
    def answered(self) -> UsageRecord | None:
        """The attempt that gave the answer, or the last one where none did."""
        attempts = self.attempts
        return next((each for each in attempts if each.outcome == "answered"), attempts[-1] if attempts else None)

    async def total(self) -> Total:
        """What all attempts have cost, and who says so of the one that answered; None where that is not known."""
        answered = self.answered
        if answered is None:
            return None, "unknown"
        await self._pricing.prices.loaded()
        given = self._pricing.priced(answered)
        if given.cost is None:
            return None, given.cost_source
        others = (self._pricing.priced(each).cost for each in self._records if each is not answered)
        return sum((cost for cost in others if cost is not None), given.cost), given.cost_source
