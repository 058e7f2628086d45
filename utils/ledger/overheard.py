"""A ledger that others listen to."""

from collections.abc import Callable, Sequence

import structlog

from .ledger import Ledger, LedgerState
from .record import UsageRecord

_log = structlog.get_logger(__name__)

Listener = Callable[[UsageRecord], object]


class Overheard:
    """Whatever is written goes to the ledger first, and then to each who listens."""

    def __init__(self, ledger: Ledger, listeners: Sequence[Listener]) -> None:
        self.ledger = ledger
        self.people = ledger.people
        self._listeners = tuple(listeners)

    def begin(self, record: UsageRecord) -> None:
        """Tell the ledger. Who listens hears of it when it is over."""
        self.ledger.begin(record)

    def write(self, record: UsageRecord) -> None:
        """Take the record. A listener that fails keeps nobody else from it."""
        self.ledger.write(record)
        for listen in self._listeners:
            try:
                listen(record)
            except Exception as exc:  # the answer must not be spoilt by it, nor the other listeners
                _log.warning("ledger.listener_failed", error=type(exc).__name__)

    async def open(self) -> None:
        """Open the ledger."""
        await self.ledger.open()

    def state(self) -> LedgerState:
        """How the ledger fares."""
        return self.ledger.state()

    async def aclose(self) -> None:
        """Close the ledger."""
        await self.ledger.aclose()
