"""Which ledger the environment means."""

import logging

import pytest
from structlog.testing import capture_logs

from utils.ledger import Forgetful, UsageRecord
from utils.ledger.logged import LoggedLedger
from utils.ledger.opening import database_of, ledger_of
from utils.ledger.stored import StoredLedger
from utils.settings import Settings

POSTGRESQL = {"DATABASE_URL": "postgresql://poet:hunter2@db/verses"}


@pytest.mark.parametrize(
    ("setting", "environ", "kind", "where"),
    [
        ("auto", {}, StoredLedger, "the SQLite file"),
        ("auto", POSTGRESQL, StoredLedger, "the PostgreSQL database"),
        ("auto", {"MODAL_TASK_ID": "ta-1"}, LoggedLedger, "the log"),
        ("auto", {"MODAL_IS_REMOTE": "1"}, LoggedLedger, "the log"),
        ("auto", {"MODAL_TASK_ID": "ta-1", **POSTGRESQL}, StoredLedger, "the PostgreSQL database"),
        ("sqlite", POSTGRESQL, StoredLedger, "the SQLite file"),
        ("database", POSTGRESQL, StoredLedger, "the PostgreSQL database"),
        ("log", POSTGRESQL, LoggedLedger, "the log"),
        ("off", POSTGRESQL, Forgetful, "nowhere"),
    ],
)
def test_the_ledger_is_where_the_settings_say(tmp_path, setting, environ, kind, where):
    settings = Settings(ledger=setting, ledger_file=tmp_path / "data" / "ledger.db")

    ledger = ledger_of(settings, environ)

    assert type(ledger) is kind
    assert ledger.state().where.startswith(where)
    assert "hunter2" not in str(ledger.state())
    assert (database_of(settings, environ) is not None) == (kind is StoredLedger)
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_stored_lasts():
    on_modal = ledger_of(Settings(), {"MODAL_TASK_ID": "ta-1"}).state()

    assert not on_modal.durable
    assert on_modal.problem == "containers on Modal keep no files: set DATABASE_URL to keep the records"
    assert not ledger_of(Settings(ledger="off"), {}).state().durable
    assert ledger_of(Settings(), {}).state().durable


async def test_a_database_that_is_asked_for_and_not_named_is_told_and_loses_nothing(tmp_path):
    ledger = ledger_of(Settings(ledger="database", ledger_file=tmp_path / "ledger.db"), {})

    ledger.write(UsageRecord())
    await ledger.aclose()

    assert ledger.state().problem == "DATABASE_URL should begin with postgresql:// or sqlite:///."
    assert ledger.state().lost == 0
    assert len(list((tmp_path / "ledger-journal").glob("*.jsonl"))) == 1


def test_on_modal_a_record_is_a_line_of_the_log(caplog):
    ledger = ledger_of(Settings(), {"MODAL_TASK_ID": "ta-1"})

    with caplog.at_level(logging.INFO), capture_logs() as log:
        ledger.write(UsageRecord(bot="Poet", user="u-1", input_tokens=7))

    (line,) = log
    assert (line["event"], line["bot"], line["input_tokens"]) == ("ledger.record", "Poet", 7)
    assert line["user"] == ledger.people.of("u-1") != "u-1"
    assert "cost" not in line
    assert ledger.state().written == 1


def test_a_record_that_the_log_leaves_out_is_counted_as_lost(caplog):
    ledger = ledger_of(Settings(ledger="log"), {})

    with caplog.at_level(logging.WARNING):
        ledger.write(UsageRecord())

    assert (ledger.state().taken, ledger.state().lost) == (1, 1)


def test_ids_are_kept_as_they_are_where_the_owner_wants_it():
    ledger = ledger_of(Settings(ledger="log", store_user_ids=True), {})

    assert ledger.people.of("u-1") == "u-1"
