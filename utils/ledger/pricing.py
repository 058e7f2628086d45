"""The prices of now, for a ledger that outlives the files in which they stand."""

from .prices import Prices
from .record import UsageRecord


class Pricing:
    """Prices that may be put in the place of others while records are written."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices

    def priced(self, record: UsageRecord) -> UsageRecord:
        """The record with what the attempt has cost."""
        return self.prices.priced(record)

    def priced_at_once(self, record: UsageRecord) -> UsageRecord:
        """The same without waiting: as it is, while the prices are still being loaded."""
        return self.priced(record) if self.prices.market.is_loaded else record
