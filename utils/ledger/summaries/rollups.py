"""The step by which the writer of records keeps the sums up to date."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..record import UsageRecord

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def roll_up(connection: "AsyncConnection", records: Sequence[UsageRecord]) -> None:
    """Add these to the sums. Only those that were really inserted may be given, or they would count twice."""
    from .sums import add

    await add(connection, records)
