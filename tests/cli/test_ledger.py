"""`config_manager.py ledger`: the schema of the database, seen and moved from a terminal."""

import pytest
from typer.testing import CliRunner

from utils.cli.commands import commands


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER", "sqlite")
    monkeypatch.setenv("LEDGER_FILE", str(tmp_path / "ledger.db"))
    monkeypatch.chdir(tmp_path)
    return lambda *words, **more: CliRunner().invoke(commands, ["ledger", *words], **more)


def test_it_is_upgraded_and_told(run):
    before, upgraded, after = run("status"), run("upgrade"), run("status")

    assert before.exit_code == 1
    assert "Usage is kept in the SQLite file ledger.db, whose schema is 0000; this version needs 0" in before.output
    assert (upgraded.exit_code, after.exit_code) == (0, 0)
    assert after.output.endswith("as this version needs it.\n")


def test_it_goes_back_only_when_that_is_meant(run):
    run("upgrade")

    refused, done = run("downgrade", "0001", input="n\n"), run("downgrade", "0001", "--yes")

    assert refused.exit_code == 1
    assert "Everything that came after 0001 is lost." in refused.output
    assert done.exit_code == 0
    assert "whose schema is 0001; this version needs" in run("status").output


def test_what_cannot_be_done_is_a_sentence(run, tmp_path):
    (tmp_path / "ledger.db").write_text("my diary" * 1000)

    result = run("upgrade")

    assert result.exit_code == 2
    assert "the SQLite file ledger.db cannot be used: the file is no SQLite database." in result.stderr


def test_without_a_database_there_is_nothing_to_do(run, monkeypatch):
    monkeypatch.setenv("LEDGER", "off")

    result = run("upgrade")

    assert result.exit_code == 0
    assert "There is no database: LEDGER=off: nothing is kept." in result.output


def test_what_is_no_revision_is_said_before_anything_is_asked(run):
    run("upgrade")

    result = run("downgrade", "9999")

    assert result.exit_code == 2
    assert "there is no revision 9999; known are 0000, 0001" in result.stderr
    assert "Go on?" not in result.output
