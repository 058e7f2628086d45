"""A ledger in which something has happened already."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from utils.ledger import UsageRecord
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.rollups import roll_up


def kept(file: Path, records: Sequence[UsageRecord]) -> Path:
    """The records are in the ledger in that file."""

    async def write() -> None:
        database = Database.of(file)
        async with database.begin() as connection:
            await insert_records(connection, records, [roll_up])
        await database.aclose()

    asyncio.run(write())
    return file


def record(*, days_ago: int = 0, cost: str | None = "0.25", **said: Any) -> UsageRecord:
    """An answer of today, or of an earlier day."""
    at = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0) - timedelta(days=days_ago)
    usual: dict[str, Any] = {"bot": "Poet", "provider": "demo", "model": "demo", "door": "poe", "user": "ann"}
    usual |= {"input_tokens": 800, "output_tokens": 200, "first_content": 0.5, "seconds": 2.0}
    return UsageRecord(at=at.timestamp(), cost=None if cost is None else Decimal(cost), **{**usual, **said})
