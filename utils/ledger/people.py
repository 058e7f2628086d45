"""People under names that lead back to nobody: the same person has the same one in all processes of a server."""

import hmac
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from .trouble import StoreTrouble

if TYPE_CHECKING:
    from .database import Database

_NAME = "people"
_LETTERS = 32


class Pseudonyms:
    """Names for people, made with a salt that is in the database: whoever deletes it has made everybody a stranger.

    With `as_they_are` people keep the ids that Poe and others give them.
    """

    def __init__(self, salt: bytes | None = None, *, as_they_are: bool = False) -> None:
        self._salt = salt
        self._as_they_are = as_they_are

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
        return hmac.digest(self._salt, user.encode("utf-8", "replace"), sha256).hex()[:_LETTERS]

    async def learn(self, database: "Database") -> None:
        """The salt is known; the first one of all processes makes it. Raises `StoreTrouble`."""
        if not self.are_known:
            self._salt = await _salt_in(database)


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
