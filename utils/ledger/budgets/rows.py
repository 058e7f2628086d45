"""Purses and holds as rows of their tables, within one transaction."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from .book import Book, Page
from .purse import Amount, Hold, Purse, PurseState, Share

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Update
    from sqlalchemy.ext.asyncio import AsyncConnection


class Rows:
    """What one transaction reads and writes. It takes rows in one order, so that no two wait for each other's."""

    def __init__(self, connection: "AsyncConnection") -> None:
        self._connection = connection

    async def book_of(self, shares: Sequence[Share]) -> Book:
        """The pages of the purses of these shares, from now on ours."""
        wanted = {share.purse: share for share in sorted(shares, key=lambda share: share.purse)}
        pages = await self._pages_of(list(wanted))
        if missing := [share for purse, share in wanted.items() if purse not in pages]:  # the first ones of a period
            await self._begin_pages(missing)
            pages |= await self._pages_of([share.purse for share in missing])
        return Book(pages)

    async def write(self, book: Book) -> None:
        """The pages stand in the table."""
        if book.pages:
            rows = [_asked_as(purse) | _columns_of(page) for purse, page in book.pages.items()]
            await self._connection.execute(_change(), rows)

    async def hold(self, holds: Sequence[Hold]) -> None:
        """So much is reserved, until they are taken back or void."""
        from sqlalchemy import insert

        from .tables import holds as table

        rows = [
            {**purse._asdict(), **amount._asdict(), "id": hold.id, "until": int(hold.until)}
            for hold in holds
            for purse, amount in _amounts(hold).items()
        ]
        if rows:
            await self._connection.execute(insert(table), rows)

    async def taken_back(self, holds: Sequence[str]) -> set[str]:
        """Those of these holds that were there; now they are not."""
        from sqlalchemy import delete

        from .tables import holds as table

        if not holds:
            return set()
        found = await self._connection.execute(delete(table).where(table.c.id.in_(holds)).returning(table.c.id))
        return set(found.scalars())

    async def free_void(self, now: float) -> bool:
        """What was held longer than it may be is given back. Whether there was any."""
        from sqlalchemy import delete

        from .tables import holds as table

        void = delete(table).where(table.c.until < int(now)).returning(*table.c)
        found = (await self._connection.execute(void)).all()
        book = Book(await self._pages_of(sorted({_purse_of(row) for row in found})))
        for row in found:
            book.put_back(_purse_of(row), Amount(row.usd, row.tokens))
        await self.write(book)
        return bool(found)

    async def _pages_of(self, purses: Sequence[Purse]) -> dict[Purse, Page]:
        if not purses:
            return {}
        rows = await self._connection.execute(_in_question(), {"purses": [tuple(purse) for purse in purses]})
        states = map(state_of, rows)
        return {
            state.purse: Page(state.ends, state.spent, state.reserved, state.limit, state.has_warned)
            for state in states
        }

    async def _begin_pages(self, shares: Sequence[Share]) -> None:
        from sqlalchemy.dialects import postgresql, sqlite

        from .tables import purses

        insert: Any = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        rows = [share.purse._asdict() | _columns_of(Page(share.ends, limit=share.limit)) for share in shares]
        await self._connection.execute(insert(purses).on_conflict_do_nothing(), rows)


def state_of(row: Any) -> PurseState:
    """The purse that the row is about, as it is."""
    return PurseState(
        _purse_of(row),
        row.ends,
        Amount(row.usd_spent, row.tokens_spent),
        Amount(row.usd_reserved, row.tokens_reserved),
        (row.usd_limit, row.tokens_limit),
        row.has_warned,
    )


def _purse_of(row: Any) -> Purse:
    return Purse(row.owner, row.scope, row.who, row.period)


def _amounts(hold: Hold) -> dict[Purse, Amount]:
    """What it has of each purse: two budgets may be kept in the same one."""
    usd, tokens = Counter[Purse](), Counter[Purse]()
    for share in hold.shares:
        usd[share.purse] += share.amount.usd
        tokens[share.purse] += share.amount.tokens
    return {purse: Amount(usd[purse], tokens[purse]) for purse in usd}


def _key() -> "list[ColumnElement[Any]]":
    from .tables import purses

    return [purses.c[name] for name in Purse._fields]


@cache
def _in_question() -> "Select[Any]":
    """The rows of some purses. Nobody else changes them until the end of the transaction."""
    from sqlalchemy import bindparam, select, tuple_

    from .tables import purses

    wanted = tuple_(*_key()).in_(bindparam("purses", expanding=True))
    return select(purses).where(wanted).order_by(*_key()).with_for_update()


@cache
def _change() -> "Update":
    from sqlalchemy import bindparam, update

    from .tables import purses

    same = [column == bindparam(name) for name, column in zip(_asked_as(Purse(*Purse._fields)), _key(), strict=True)]
    return update(purses).where(*same).values({name: bindparam(name) for name in _columns_of(Page(0))})


def _asked_as(purse: Purse) -> dict[str, Any]:
    """Its key under names that no column has."""
    return {f"of_{name}": value for name, value in purse._asdict().items()}


def _columns_of(page: Page) -> dict[str, Any]:
    return {
        "ends": page.ends,
        "usd_spent": page.spent.usd,
        "usd_reserved": page.reserved.usd,
        "usd_limit": page.limit[0],
        "tokens_spent": page.spent.tokens,
        "tokens_reserved": page.reserved.tokens,
        "tokens_limit": page.limit[1],
        "has_warned": page.has_warned,
    }
