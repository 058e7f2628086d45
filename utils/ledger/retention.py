"""What is older than the owner wants to keep is forgotten, a few records at a time, so that nobody waits long."""

import time
from typing import TYPE_CHECKING

from .rows import MICROSECONDS

if TYPE_CHECKING:
    from .database import Database

_DAY_SECONDS = 86_400
_AT_A_TIME = 1000


async def forget_older(database: "Database", days: int, now: float | None = None) -> int:
    """No attempt in the database is older than so many days; returns how many were. Raises `StoreTrouble`.

    What budgets have counted in periods that ended before that is forgotten, too. The sums of days stay.
    """
    from sqlalchemy import delete, select

    from .tables import attempts

    until = (time.time() if now is None else now) - days * _DAY_SECONDS
    await _forget_purses(database, until)
    old = select(attempts.c.number).where(attempts.c.at < round(until * MICROSECONDS)).limit(_AT_A_TIME)
    forgotten = 0
    while True:
        async with database.begin() as connection:
            result = await connection.execute(delete(attempts).where(attempts.c.number.in_(old)))
        forgotten += result.rowcount
        if result.rowcount < _AT_A_TIME:
            return forgotten


async def _forget_purses(database: "Database", until: float) -> None:
    """The purses of periods that ended before that, and what somebody has held of them until death."""
    from sqlalchemy import delete, exists

    from .budgets.tables import holds, purses

    same = [holds.c[name] == purses.c[name] for name in ("owner", "scope", "who", "period")]
    async with database.begin() as connection:
        await connection.execute(delete(purses).where(purses.c.ends < int(until)))
        await connection.execute(delete(holds).where(holds.c.until < int(until), ~exists().where(*same)))
