"""Which ledger the settings mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from utils.settings import Settings, environment, runs_on_modal

from .database import Database
from .insertion import Priced
from .ledger import Forgetful, Ledger
from .logged import LoggedLedger
from .people import Pseudonyms
from .rows import Also
from .stored import StoredLedger

_ON_MODAL = "containers on Modal keep no files: set DATABASE_URL to keep the records"
_AS_SET = "LEDGER=log: what is not in the log any more is gone"


def ledger_of(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    *,
    priced: Priced = lambda record: record,
    also: Sequence[Also] = (),
) -> Ledger:
    """The ledger of this server. Nothing is opened or made before the first record, or before it is told to `open`."""
    environ = environment() if environ is None else environ
    kind, as_they_are = _kind(settings, environ), settings.store_user_ids
    if kind == "off":
        return Forgetful()
    if kind == "log":
        why = _AS_SET if settings.ledger == "log" else _ON_MODAL
        return LoggedLedger(Pseudonyms.of_this_process(as_they_are=as_they_are), why, priced)
    file = settings.ledger_file
    return StoredLedger(
        Database.of(_place(kind, settings, environ)),
        file.with_name(f"{file.stem}-journal"),
        Pseudonyms(as_they_are=as_they_are),
        priced=priced,
        also=also,
        retention_days=settings.retention_days,
    )


def database_of(settings: Settings, environ: Mapping[str, str] | None = None) -> Database | None:
    """The database in which that ledger keeps its records, for the event loop that asks; None where it has none."""
    environ = environment() if environ is None else environ
    kind = _kind(settings, environ)
    return Database.of(_place(kind, settings, environ)) if kind in {"sqlite", "database"} else None


def _place(kind: str, settings: Settings, environ: Mapping[str, str]) -> str | Path:
    return environ.get("DATABASE_URL", "").strip() if kind == "database" else settings.ledger_file


def _kind(settings: Settings, environ: Mapping[str, str]) -> str:
    if settings.ledger != "auto":
        return settings.ledger
    if environ.get("DATABASE_URL", "").strip():
        return "database"
    return "log" if runs_on_modal(environ) else "sqlite"
