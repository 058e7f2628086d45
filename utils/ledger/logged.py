"""A ledger for where nothing else lasts: each record is a line of the log."""

import logging
from typing import Any

import msgspec
import structlog

from .insertion import Priced
from .ledger import LedgerState
from .people import Pseudonyms
from .record import UsageRecord

_log = structlog.get_logger(__name__)


class LoggedLedger:
    """Writes `ledger.record`, which whoever collects the log can count up."""

    def __init__(self, people: Pseudonyms, why: str, priced: Priced = lambda record: record) -> None:
        self.people = people
        self._priced = priced
        self._why = why
        self._taken = self._written = 0

    def begin(self, record: UsageRecord) -> None:
        """It is not in the log: whoever counts the lines up must find each attempt once."""

    def write(self, record: UsageRecord) -> None:
        """The record is in the log, unless LOG_LEVEL leaves it out."""
        self._taken += 1
        try:
            if logging.getLogger(__name__).isEnabledFor(logging.INFO):
                _log.info("ledger.record", **_told(self._priced(record), self.people))
                self._written += 1
        except Exception as exc:  # what cannot be logged must not spoil an answer
            _log.warning("ledger.lost", records=1, error=type(exc).__name__)

    async def open(self) -> None:
        """There is nothing to open."""

    def state(self) -> LedgerState:
        """How many lines were written."""
        lost = self._taken - self._written
        return LedgerState("the log", False, self._taken, self._written, lost, problem=self._why)

    async def aclose(self) -> None:
        """Nothing is open."""


def _told(record: UsageRecord, people: Pseudonyms) -> dict[str, Any]:
    """What is known of it, in the types of JSON."""
    told = msgspec.to_builtins(msgspec.structs.replace(record, user=people.of(record.user)))
    return {name: value for name, value in told.items() if value not in ("", None)}
