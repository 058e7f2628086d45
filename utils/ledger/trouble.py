"""What keeps a database from being used, in our own words: without its address and without what was sent."""

from utils.errors import PoeBotsError


class StoreTrouble(PoeBotsError):
    """The database cannot be used now. Nothing of the step that was under way has been kept."""


class SchemaTooNew(StoreTrouble):
    """A newer version of this server has been here: nothing is written before this one is as new."""


class NotAcceptable(StoreTrouble):
    """The database is well, but does not take what was given to it. Trying again cannot help."""


def foreign() -> tuple[type[BaseException], ...]:
    """What the libraries below raise. asyncpg lets its own errors through where it cannot connect."""
    import asyncpg  # type: ignore[import-untyped]
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ImportError


def translated(exc: BaseException, where: str) -> StoreTrouble:
    """The same trouble as one of ours."""
    from sqlalchemy.exc import DataError, IntegrityError

    kind = NotAcceptable if isinstance(exc, DataError | IntegrityError) else StoreTrouble
    return kind(f"{where} cannot be used: {_reason(exc)}.")


def _reason(exc: BaseException) -> str:
    if isinstance(exc, ImportError):
        return f"the package {exc.name or 'of its driver'} is not installed"
    origin = getattr(exc, "orig", None) or exc
    said = str(origin)
    for part, words in _WORDS.items():
        if part in said:
            return words
    if isinstance(origin, TimeoutError):
        return "it did not answer in time"
    if isinstance(origin, ConnectionError):
        return "no connection can be made"
    return type(origin.__cause__ or origin).__name__


_WORDS = {
    "database is locked": "another program holds it",
    "readonly database": "it is read-only",
    "disk is full": "the disk is full",
    "unable to open database file": "its file or folder cannot be opened or made",
    "file is not a database": "the file is no SQLite database",
    "disk image is malformed": "the file is damaged",
    "disk I/O error": "the disk does not work as it should",
    "password authentication failed": "its user name or password is not accepted",
}
"""What SQLite and PostgreSQL say, and what is shown of it; whatever else they say may hold an address or values."""
