"""Records that are older than the owner wants to keep are forgotten, a few at a time, so that nobody waits long."""

import time
from typing import TYPE_CHECKING

from .rows import MICROSECONDS

if TYPE_CHECKING:
    from .database import Database

_DAY_SECONDS = 86_400
_AT_A_TIME = 1000


async def forget_older(database: "Database", days: int, now: float | None = None) -> int:
    """No attempt in the database is older than so many days; returns how many were. Raises `StoreTrouble`."""
    from sqlalchemy import delete, select

    from .tables import attempts

    until = round(((time.time() if now is None else now) - days * _DAY_SECONDS) * MICROSECONDS)
    old = select(attempts.c.number).where(attempts.c.at < until).limit(_AT_A_TIME)
    forgotten = 0
    while True:
        async with database.begin() as connection:
            result = await connection.execute(delete(attempts).where(attempts.c.number.in_(old)))
        forgotten += result.rowcount
        if result.rowcount < _AT_A_TIME:
            return forgotten
