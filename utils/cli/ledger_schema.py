"""The database of the server, looked at and moved by hand."""

from collections.abc import Callable

import typer
from rich.console import Console

from utils.ledger.database import Database
from utils.ledger.opening import database_of, ledger_of
from utils.ledger.schema import Schema, Standing
from utils.ledger.trouble import StoreTrouble
from utils.settings import Settings


def tell_status() -> int:
    """Print where usage is kept. Gives 1 when there is something to do, and 2 when it cannot be looked at."""
    return _done(lambda schema: schema.standing())


def bring_up() -> int:
    """Upgrade. Gives 2 when that cannot be done."""
    return _done(lambda schema: schema.upgrade())


def bring_down(revision: str, *, sure: bool) -> int:
    """Downgrade, after a question. Gives 1 when it was not wanted, and 2 when it cannot be done."""
    is_open = not sure and _is_possible(revision)
    if is_open and not typer.confirm(f"Everything that came after {revision} is lost. Go on?"):
        return 1
    failed = _done(lambda schema: schema.downgrade(revision)) > 1
    return 2 if failed else 0


def _is_possible(revision: str) -> bool:
    """Whether there is a database and such a revision; where not, nobody need be asked before it is said."""
    database = database_of(Settings.read())
    return database is not None and Schema(database).has(revision)


def _done(step: Callable[[Schema], Standing]) -> int:
    settings = Settings.read()
    database = database_of(settings)
    if database is None:
        state = ledger_of(settings).state()
        _say(f"There is no database: {state.problem or f'usage is kept in {state.where}'}.")
        return 0
    try:
        standing = step(Schema(database))
    except StoreTrouble as exc:
        Console(stderr=True, highlight=False).print(str(exc), style="red", markup=False, soft_wrap=True)
        return 2
    _say(_sentence(database, standing))
    return 0 if standing.is_new else 1


def _sentence(database: Database, standing: Standing) -> str:
    newest = standing.known[-1]
    if standing.is_new:
        return f"Usage is kept in {database.where}, whose schema is {newest}: as this version needs it."
    if standing.is_too_new:
        return f"Usage is kept in {database.where}, whose schema is {standing.is_at}: newer than {newest}, all I know."
    return f"Usage is kept in {database.where}, whose schema is {standing.is_at}; this version needs {newest}: upgrade."


def _say(sentence: str) -> None:
    Console(highlight=False).print(sentence, markup=False, soft_wrap=True)
