"""Both kinds of database, and ledgers on them that do not let a test wait."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ledger.databases import new_postgresql
from utils.ledger.database import Database
from utils.ledger.pace import Pace
from utils.ledger.stored import StoredLedger

QUICK = Pace(interval=0.01, first_pause=0.01, longest_pause=0.05, look_seconds=0.05, closing_seconds=20)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where an empty database is."""
    if request.param == "sqlite":
        yield tmp_path / "store" / "ledger.db"
        return
    with new_postgresql() as address:
        yield address


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def new_ledger(place: str | Path, journal: Path) -> Callable[..., StoredLedger]:
    """Makes ledgers on the same database and the same journal."""

    def made(pace: Pace = QUICK, **more) -> StoredLedger:
        return StoredLedger(Database.of(more.pop("place", place)), journal, pace=pace, **more)

    return made
