"""Puts records into the database, with what they have cost. One that cannot be put there holds up no other."""

from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from .database import Database
from .record import UsageRecord
from .rows import Also, insert_records
from .trouble import NotAcceptable, StoreTrouble

_log = structlog.get_logger(__name__)

Priced = Callable[[UsageRecord], UsageRecord]
"""The record with what it has cost. It may take its time; one for which it raises is kept without a price."""


class Insertion:
    """The way into the database. `step_begins` is called before each transaction."""

    def __init__(
        self, database: Database, priced: Priced, also: Sequence[Also], step_begins: Callable[[], None]
    ) -> None:
        self._database = database
        self._priced = priced
        self._also = also
        self._step_begins = step_begins

    async def refused_of(self, records: Sequence[UsageRecord]) -> list[str]:
        """All records are in the database now but for the ones refused: why, once for each of those.

        Raises `StoreTrouble`, `OSError` or `TimeoutError` where it is not for what is in the records.
        """
        try:
            await self._insert(records)
        except NotAcceptable as exc:
            reason = str(exc)
        except (StoreTrouble, OSError):
            raise
        except Exception as exc:  # a mistake of ours in one of them, or in all
            if len(records) == 1:
                await self._must_be_well()
                _log.exception("ledger.failed", error=type(exc).__name__, record=records[0].id)
            reason = type(exc).__name__
        else:
            return []
        if len(records) == 1:
            return [reason]
        return [reason for record in records for reason in await self.refused_of([record])]

    async def _insert(self, records: Sequence[UsageRecord]) -> None:
        if not records:
            return
        self._step_begins()
        async with self._database.begin() as connection:
            await insert_records(connection, self._with_prices(records), self._also)

    async def _must_be_well(self) -> None:
        """The database takes transactions. Where it does not, that is raised, and no record is to blame."""
        self._step_begins()
        async with self._database.begin():
            pass

    def _with_prices(self, records: Sequence[UsageRecord]) -> list[UsageRecord]:
        failures: Counter[str] = Counter()
        done = [self._with_price(record, failures) for record in records]
        for error, count in failures.items():
            _log.error("ledger.unpriced", records=count, error=error)
        return done

    def _with_price(self, record: UsageRecord, failures: Counter[str]) -> UsageRecord:
        try:
            return self._priced(record)
        except Exception as exc:  # a price that cannot be told must not cost the record
            failures[type(exc).__name__] += 1
            return record
