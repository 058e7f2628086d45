"""What one server counts and writes down, however often its files change: the ledger, its prices, bills and sums."""

from dataclasses import dataclass

from utils.ledger import Ledger
from utils.ledger.bills import Bills
from utils.ledger.budgets import Budgets
from utils.ledger.budgets.in_database import InDatabase
from utils.ledger.database import Database
from utils.ledger.opening import database_of, ledger_of
from utils.ledger.overheard import Overheard
from utils.ledger.prices import Prices
from utils.ledger.pricing import Pricing
from utils.ledger.summaries.rollups import roll_up
from utils.settings import Settings
from utils.web.metrics_tally import Tally


@dataclass(frozen=True)
class Office:
    """Nothing in it is opened before it is needed."""

    pricing: Pricing
    tally: Tally
    bills: Bills
    ledger: Ledger
    """Whatever is written into it is counted for /metrics and put on the bills, too."""
    database: Database | None
    """What the event loop of the server reads and keeps beside the records; None where nothing is kept."""

    def new_budgets(self) -> Budgets:
        """Budgets with nothing spent but what the database knows of."""
        return Budgets(InDatabase(self.database) if self.database else None, user_id=self.ledger.people.of)

    async def aclose(self) -> None:
        """Write down what is not written yet, and close everything."""
        await self.ledger.aclose()
        if self.database is not None:
            await self.database.aclose()


def office_of(settings: Settings, prices: Prices) -> Office:
    """The office of a server that begins."""
    pricing, tally = Pricing(prices), Tally()
    bills = Bills(pricing)
    kept = ledger_of(settings, priced=pricing.priced, also=(roll_up,))
    ledger = Overheard(kept, [bills.hear, lambda record: tally.add(pricing.priced_at_once(record))])
    return Office(pricing, tally, bills, ledger, database_of(settings))
