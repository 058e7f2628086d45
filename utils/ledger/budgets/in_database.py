"""Purses in a database: right for all processes that share it.

A reservation is one UPDATE that finds its row only while there is enough left, so that two at the same time cannot
both take the same money. https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED says that
the condition is asked again when another transaction has changed the row meanwhile.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..database import Database
from .purse import Amount, Hold, Purse, PurseState, Share
from .store import Refusal

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_KEPT_SECONDS = 400 * 86_400
_DAY = 86_400


class _Refused(Exception):
    """Takes back what a transaction has done so far."""

    def __init__(self, share: Share) -> None:
        self.share = share


class InDatabase:
    """Purses as rows. Every trouble is a `StoreTrouble`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_sweep = 0.0

    async def ready(self) -> None:
        """The database can be used at once from now on."""
        await self._database.ready()

    async def reserve(self, hold: Hold, now: float) -> Refusal | None:
        """All shares are reserved, or none is."""
        refusal = await self._refusal_of(hold)
        if refusal is None or refusal.is_spent or not await self._free_the_dead(now):
            return refusal
        return await self._refusal_of(hold)

    async def settle(self, hold: Hold, spent: Sequence[Amount]) -> list[Share]:
        """The shares are given back and so much was spent instead."""
        from sqlalchemy import delete

        from .tables import holds

        async with self._database.begin() as connection:
            given_back = await connection.execute(delete(holds).where(holds.c.id == hold.id))
            was_held = given_back.rowcount > 0
            pairs = sorted(zip(hold.shares, spent, strict=True), key=lambda pair: _in_one_order(pair[0]))
            reached = [share for share, amount in pairs if await _spend(connection, share, amount, was_held)]
            await self._sweep(connection)
        return reached

    async def states(self, now: float) -> list[PurseState]:
        """The purses of the periods that are under way."""
        from sqlalchemy import select

        from .tables import purses

        async with self._database.connect() as connection:
            rows = await connection.execute(select(purses).where(purses.c.ends > now))
            return sorted((_state(row) for row in rows), key=lambda state: state.purse)

    async def _refusal_of(self, hold: Hold) -> Refusal | None:
        """None: all of it is reserved."""
        try:
            await self._take(hold)
        except _Refused as refused:
            return await self._refusal(refused.share)
        return None

    async def _take(self, hold: Hold) -> None:
        from sqlalchemy import insert

        from .tables import holds

        rows = [
            {**share.purse._asdict(), **share.amount._asdict(), "id": hold.id, "until": int(hold.until)}
            for share in hold.shares
        ]
        async with self._database.begin() as connection:
            # Before the purses, whose rows are locked from then on: everybody waits for them.
            await connection.execute(insert(holds), rows)
            for share in sorted(hold.shares, key=_in_one_order):
                if not await _reserve(connection, share):
                    # Most often the row is there; a period's first answer makes it.
                    await _make_row(connection, share)
                    if not await _reserve(connection, share):
                        raise _Refused(share)

    async def _refusal(self, share: Share) -> Refusal:
        from sqlalchemy import select

        from .tables import purses

        async with self._database.connect() as connection:
            found = await connection.execute(select(purses).where(_is_of(share.purse)))
            row = found.one_or_none()
        return Refusal(share, row is not None and share.is_spent_at(Amount(row.usd_spent, row.tokens_spent)))

    async def _free_the_dead(self, now: float) -> bool:
        from sqlalchemy import delete, update

        from .tables import holds, purses

        async with self._database.begin() as connection:
            void = delete(holds).where(holds.c.until < int(now)).returning(*holds.c)
            rows = (await connection.execute(void)).all()
            for row in sorted(rows, key=_purse_of):
                amount = Amount(row.usd, row.tokens)
                await connection.execute(update(purses).where(_is_of(_purse_of(row))).values(_given_back(amount)))
            return bool(rows)

    async def _sweep(self, connection: "AsyncConnection") -> None:
        """Once a day forget what is long over."""
        from sqlalchemy import delete

        from .tables import purses

        if (now := time.time()) < self._next_sweep:
            return
        self._next_sweep = now + _DAY
        await connection.execute(delete(purses).where(purses.c.ends < int(now) - _KEPT_SECONDS))


def _in_one_order(share: Share) -> Purse:
    """No two transactions wait for each other's rows where all take them in the same order."""
    return share.purse


async def _make_row(connection: "AsyncConnection", share: Share) -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    from .tables import purses

    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    usd, tokens = share.limit
    fresh = {"usd_spent": 0, "usd_reserved": 0, "tokens_spent": 0, "tokens_reserved": 0, "has_warned": False}
    values = {**share.purse._asdict(), **fresh, "ends": share.ends, "usd_limit": usd, "tokens_limit": tokens}
    await connection.execute(insert(purses).values(values).on_conflict_do_nothing())


async def _reserve(connection: "AsyncConnection", share: Share) -> bool:
    from sqlalchemy import update

    from .tables import purses

    usd, tokens = share.limit
    reserved = {
        "usd_reserved": purses.c.usd_reserved + share.amount.usd,
        "tokens_reserved": purses.c.tokens_reserved + share.amount.tokens,
        "usd_limit": usd,
        "tokens_limit": tokens,
    }
    found = await connection.execute(update(purses).where(_is_of(share.purse), *_has_enough(share)).values(reserved))
    return found.rowcount > 0


def _has_enough(share: Share) -> "list[ColumnElement[bool]]":
    """The same as `Share.is_admitted`."""
    from sqlalchemy import and_, or_

    from .tables import purses

    conditions = []
    for unit, wanted, limit in zip(("usd", "tokens"), share.amount, share.limit, strict=True):
        if limit is not None:
            spent, reserved = purses.c[f"{unit}_spent"], purses.c[f"{unit}_reserved"]
            conditions.append(and_(spent < limit, or_(reserved == 0, spent + reserved + wanted <= limit)))
    return conditions


async def _spend(connection: "AsyncConnection", share: Share, amount: Amount, was_held: bool) -> bool:
    """Count it, and tell whether it is the one that reached the threshold."""
    from sqlalchemy import update

    from .tables import purses

    values = {
        "usd_spent": purses.c.usd_spent + amount.usd,
        "tokens_spent": purses.c.tokens_spent + amount.tokens,
        **(_given_back(share.amount) if was_held else {}),
    }
    await _make_row(connection, share)
    columns = purses.c.usd_spent, purses.c.tokens_spent, purses.c.has_warned
    spending = update(purses).where(_is_of(share.purse)).values(values).returning(*columns)
    row = (await connection.execute(spending)).one()
    if row.has_warned or not share.warns_at(Amount(row.usd_spent, row.tokens_spent)):
        return False
    await connection.execute(update(purses).where(_is_of(share.purse)).values(has_warned=True))
    return True


def _given_back(amount: Amount) -> dict[str, Any]:
    from sqlalchemy import case

    from .tables import purses

    def less(column: Any, taken: int) -> Any:
        return case((column > taken, column - taken), else_=0)

    return {
        "usd_reserved": less(purses.c.usd_reserved, amount.usd),
        "tokens_reserved": less(purses.c.tokens_reserved, amount.tokens),
    }


def _is_of(purse: Purse) -> "ColumnElement[bool]":
    from sqlalchemy import and_

    from .tables import purses

    return and_(*(purses.c[name] == value for name, value in purse._asdict().items()))


def _purse_of(row: Any) -> Purse:
    return Purse(row.owner, row.scope, row.who, row.period)


def _state(row: Any) -> PurseState:
    return PurseState(
        _purse_of(row),
        row.ends,
        Amount(row.usd_spent, row.tokens_spent),
        Amount(row.usd_reserved, row.tokens_reserved),
        (row.usd_limit, row.tokens_limit),
        row.has_warned,
    )
