"""Conversations that are kept for those who ask without Poe, each under its owner: nobody sees another's."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from .chat_turns import Turn, micro, plain, row_of, too_many, turn_of
from .database import Database

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_DAY = 86_400
_LONGEST_TITLE = 100
_MOST_MESSAGES = 2000
"""So many of the newest messages of a conversation are read."""
_FORGETS_EVERY_SECONDS = 3600


class Conversation(msgspec.Struct, frozen=True):
    """A conversation, without its messages."""

    id: str
    title: str = ""
    asked: str = ""
    """The bot, or the `provider:model`, that answers when nobody else is named."""
    system: str | None = None
    created: float = 0.0
    updated: float = 0.0


class Chats:
    """The conversations in one database. Everything raises `StoreTrouble` when that cannot be used."""

    def __init__(
        self, database: Database, *, retention_days: float | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._retention_days = retention_days
        self._clock = clock
        self._forgot_at: float | None = None

    @staticmethod
    def new(asked: str, first_words: str, system: str | None = None) -> Conversation:
        """A conversation that is not kept yet. Its title is how it begins."""
        return Conversation(uuid4().hex, _title(first_words), asked, system)

    async def find(self, owner: str, id: str) -> Conversation | None:
        """The conversation, if it is this owner's."""
        from sqlalchemy import select

        from .chat_tables import conversations as table

        async with self._database.connect() as connection:
            row = (await connection.execute(select(table).where(_is(owner, id)))).first()
        return _conversation(row) if row else None

    async def turns(self, owner: str, id: str) -> list[Turn]:
        """Its messages, the oldest first."""
        from sqlalchemy import select

        from .chat_tables import conversations, messages

        newest = (
            select(messages)
            .join(conversations, conversations.c.id == messages.c.conversation)
            .where(_is(owner, id))
            .order_by(messages.c.number.desc())
            .limit(_MOST_MESSAGES)
        )
        async with self._database.connect() as connection:
            rows = (await connection.execute(newest)).all()
        return [turn_of(row) for row in reversed(rows)]

    async def listed(self, owner: str, *, search: str = "", limit: int = 50, offset: int = 0) -> list[Conversation]:
        """The owner's conversations, the latest first; those with these words in the title or in a message."""
        from sqlalchemy import exists, or_, select

        from .chat_tables import conversations as table
        from .chat_tables import messages

        wanted = select(table).where(table.c.owner == owner)
        if search:
            has_it = messages.c.text.icontains(search, autoescape=True)
            said = exists().where(messages.c.conversation == table.c.id, has_it)
            wanted = wanted.where(or_(table.c.title.icontains(search, autoescape=True), said))
        wanted = wanted.order_by(table.c.updated.desc(), table.c.id).limit(limit).offset(offset)
        async with self._database.connect() as connection:
            return [_conversation(row) for row in (await connection.execute(wanted)).all()]

    async def add(self, owner: str, conversation: Conversation, turns: Sequence[Turn], *, in_place_of: int = 0) -> None:
        """Keep these messages at the end of the conversation, which is made when it is not there yet.

        The last messages go, as many as they are `in_place_of`.
        """
        from sqlalchemy import insert

        from .chat_tables import messages

        now = self._clock()
        async with self._database.begin() as connection:
            await self._forget_old(connection, now)
            await _touch(connection, owner, conversation, micro(now))
            if in_place_of:
                await _drop_last(connection, conversation.id, in_place_of)
            rows = [row_of(conversation.id, turn, now) for turn in turns]
            await connection.execute(insert(messages), rows)
            if any(turn.images for turn in turns):
                await _drop_old_pictures(connection, conversation.id)

    async def rename(self, owner: str, id: str, title: str) -> bool:
        """Give it another title. Says whether there is one of that id."""
        from sqlalchemy import update

        from .chat_tables import conversations as table

        async with self._database.begin() as connection:
            done = await connection.execute(update(table).where(_is(owner, id)).values(title=_title(title)))
        return bool(done.rowcount)

    async def delete(self, owner: str, id: str) -> bool:
        """Forget it with all that was said. Says whether there was one."""
        async with self._database.begin() as connection:
            return bool(await _delete(connection, _is(owner, id)))

    async def _forget_old(self, connection: "AsyncConnection", now: float) -> None:
        """From time to time, what nobody has gone on with for so many days goes."""
        is_due = self._forgot_at is None or now - self._forgot_at >= _FORGETS_EVERY_SECONDS
        if self._retention_days is None or not is_due:
            return
        from .chat_tables import conversations as table

        await _delete(connection, table.c.updated < micro(now - self._retention_days * _DAY))
        self._forgot_at = now


def _is(owner: str, id: str) -> "ColumnElement[bool]":
    from sqlalchemy import and_

    from .chat_tables import conversations as table

    return and_(table.c.owner == owner, table.c.id == id)


async def _touch(connection: "AsyncConnection", owner: str, conversation: Conversation, now: int) -> None:
    """The conversation is there, and was gone on with now."""
    from sqlalchemy import insert, update

    from .chat_tables import conversations as table

    given = {"asked": conversation.asked, "system": conversation.system, "updated": now}
    done = await connection.execute(update(table).where(_is(owner, conversation.id)).values(given))
    if not done.rowcount:
        new = {"id": conversation.id, "owner": owner, "title": conversation.title, "created": now, **given}
        await connection.execute(insert(table).values(new))


async def _drop_last(connection: "AsyncConnection", conversation: str, count: int) -> None:
    from sqlalchemy import delete, select

    from .chat_tables import messages

    of_it = select(messages.c.number).where(messages.c.conversation == conversation)
    last = (await connection.execute(of_it.order_by(messages.c.number.desc()).limit(count))).scalars().all()
    await connection.execute(delete(messages).where(messages.c.number.in_(last)))


async def _drop_old_pictures(connection: "AsyncConnection", conversation: str) -> None:
    """Where there is no room for all, those of the oldest messages go."""
    from sqlalchemy import func, select, update

    from .chat_tables import messages

    kept = select(messages.c.number, func.length(messages.c.images)).where(
        messages.c.conversation == conversation, messages.c.images.is_not(None)
    )
    rows = (await connection.execute(kept.order_by(messages.c.number.desc()))).all()
    if gone := too_many((number, characters) for number, characters in rows):
        await connection.execute(update(messages).where(messages.c.number.in_(gone)).values(images=None))


async def _delete(connection: "AsyncConnection", which: "ColumnElement[bool]") -> int:
    from sqlalchemy import delete, select

    from .chat_tables import conversations, messages

    ids = select(conversations.c.id).where(which)
    await connection.execute(delete(messages).where(messages.c.conversation.in_(ids)))
    return (await connection.execute(delete(conversations).where(which))).rowcount


def _conversation(row: Any) -> Conversation:
    said = {name: getattr(row, name) for name in Conversation.__struct_fields__}
    return Conversation(**{**said, "created": row.created / 1_000_000, "updated": row.updated / 1_000_000})


def _title(text: str) -> str:
    words = " ".join(plain(text).split())
    return words if len(words) <= _LONGEST_TITLE else f"{words[: _LONGEST_TITLE - 1]}…"
