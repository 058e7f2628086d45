"""People under names that lead back to nobody: the same person has the same one in all processes of a server."""

import hmac
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from .trouble import StoreTrouble

if TYPE_CHECKING:
    from .database import Database

_NAME = "people"
_LETTERS = 32
_REMEMBERED = 4096


class Pseudonyms:
    """Names for people, made with a salt that is in the database: whoever deletes it has made everybody a stranger.

    With `as_they_are` people keep the ids that Poe and others give them.
    """

    def __init__(self, salt: bytes | None = None, *, as_they_are: bool = False) -> None:
        self._salt = salt
        self._as_they_are = as_they_are
        # A record asks for the same name when it begins, when it ends and when it gets into the database.
        self._made = lru_cache(_REMEMBERED)(_name_of)

    @classmethod
    def of_this_process(cls, *, as_they_are: bool = False) -> "Pseudonyms":
        """Names that nobody else gives, for where nothing is kept."""
        return cls(os.urandom(32), as_they_are=as_they_are)

    @property
    def are_known(self) -> bool:
        """Whether the salt has been read, so that names can be given."""
        return self._as_they_are or self._salt is not None

    def of(self, user: str) -> str:
        """The name of this person; nobody has none. Raises `StoreTrouble` before the salt is known."""
        if self._as_they_are or not user:
            return user
        if self._salt is None:
            raise StoreTrouble("the salt for the names of people has not been read from the database yet.")
        return self._made(self._salt, user)

    async def learn(self, database: "Database") -> None:
        """The salt is known; the first one of all processes makes it. Raises `StoreTrouble`."""
        if not self.are_known:
            self._salt = await _salt_in(database)


@lru_cache(1)
def _salted(salt: bytes) -> hmac.HMAC:
    return hmac.new(salt, digestmod="sha256")


def _name_of(salt: bytes, user: str) -> str:
    # A copy and not `hmac.digest`, which lets all other threads go first, however short the text is.
    named = _salted(salt).copy()
    named.update(user.encode("utf-8", "replace"))
    return named.hexdigest()[:_LETTERS]


async def _salt_in(database: "Database") -> bytes:
    from sqlalchemy import select
    from sqlalchemy.dialects import postgresql, sqlite

    from .tables import shared_secrets

    found = select(shared_secrets.c.value).where(shared_secrets.c.name == _NAME)
    async with database.connect() as connection:
        value = (await connection.execute(found)).scalar_one_or_none()
    if value is None:
        insert = (postgresql if database.kind == "postgresql" else sqlite).insert(shared_secrets)
        mine = {"name": _NAME, "value": os.urandom(32).hex()}
        async with database.begin() as connection:
            await connection.execute(insert.values(mine).on_conflict_do_nothing())
            value = (await connection.execute(found)).scalar_one()
    return bytes.fromhex(value)
