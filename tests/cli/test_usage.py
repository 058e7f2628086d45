"""`config_manager.py usage`: from the ledger here, or from a server that runs."""

import asyncio
import csv
import io
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from tests.apps import app_of
from tests.ledger.summaries.records import failure, record
from utils.cli.commands import commands
from utils.ledger.database import Database
from utils.ledger.rows import insert_records
from utils.ledger.summaries.rollups import roll_up

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
KEY = "a-key-for-the-operator-0123456789"
RECORDS = (
    record("2026-03-01", cost=Decimal(4), variant="a"),
    record("2026-03-02", cost=Decimal(1), bot="Cook", variant="b"),
    failure("RateLimited", "2026-03-02"),
    record("2026-03-02", cost=None, bot="\x1b[31mRed"),
)


async def kept(file: Path) -> None:
    database = Database.of(file)
    async with database.begin() as connection:
        await insert_records(connection, RECORDS, (roll_up,))
    await database.aclose()


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ledger.db"
    monkeypatch.setenv("LEDGER", "sqlite")
    monkeypatch.setenv("LEDGER_FILE", str(file))
    asyncio.run(kept(file))
    return file


@pytest.fixture
def address(ledger, tmp_path) -> Iterator[str]:
    """A server on that ledger, in a thread of its own: the command blocks."""
    app = app_of(tmp_path, "bots: [{bot_name: Poet, provider: demo}]", ledger="sqlite", ledger_file=ledger)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    up = threading.Event()

    class Up(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            up.set()

    server = Up(server.config)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert up.wait(20)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def run(*words: str, width: int = 120, **environment: str):
    return CliRunner().invoke(commands, ["usage", *words], env={"COLUMNS": str(width), **environment})


def lines_of(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(name)]


def test_each_day_has_a_line_and_a_bar_as_long_as_it_was_dear(ledger):
    result = run(*MARCH)

    first, second = lines_of(result.output, "2026-03-0")
    assert result.exit_code == 0
    assert "$4.00" in first
    assert "$1.00+?" in second
    assert second.count("█") == round(first.count("█") / 4) > 0
    assert "$5.00" in lines_of(result.output, "all")[0]
    assert "Failures: RateLimited 1" in result.output


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(ledger, width):
    result = run("--by", "bot", *MARCH, width=width)

    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= width


def test_there_is_no_colour_where_none_is_wanted_and_no_name_gives_orders_to_the_terminal(ledger):
    result = run("--by", "bot", *MARCH, NO_COLOR="1", FORCE_COLOR="1")

    assert "[31mRed" in result.output
    assert "\x1b[31mRed" not in result.output
    assert "\x1b[36m" not in result.output


def test_variants_are_shown_with_how_sure_one_can_be(ledger):
    result = run("--by", "variant", *MARCH)

    assert "Poet a: errors 0.0 to 79.3% (95%)" in result.output


def test_one_bot_alone_as_json(ledger):
    result = run("--bot", "Cook", "--json", *MARCH)

    assert json.loads(result.output)["total"]["cost"] == "1"


def test_a_table_for_a_spreadsheet(ledger):
    result = run("--by", "bot", "--csv", *MARCH)

    assert [row["bot"] for row in csv.DictReader(io.StringIO(result.output))] == ["Poet", "Cook", "\x1b[31mRed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "soon"), "`from` should be a day such as 2026-01-31."),
        (("--by", "wether"), "`by` should be one of day, bot"),
        (("--user", "ann", "--by", "model"), "`user` goes with `by`"),
        (("--to", "9999-12-31"), "`to` should be a day between 1970 and 2999."),
        (("--json", "--csv"), "--json and --csv exclude each other."),
    ],
)
def test_a_wrong_question_is_said_to_be_one(ledger, words, said):
    result = run(*words)

    assert result.exit_code == 2
    assert said in result.output


def test_where_nothing_was_recorded_yet_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER", "sqlite")
    monkeypatch.setenv("LEDGER_FILE", str(tmp_path / "none.db"))

    result = run()

    assert result.exit_code == 1
    assert "There are no records yet" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_running_server_is_asked(address, monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)
    here = run("--by", "model", *MARCH)

    there = run("--by", "model", *MARCH, "--url", address)

    assert (there.exit_code, there.output) == (0, here.output)


def test_a_server_that_refuses_is_quoted(address, monkeypatch):
    monkeypatch.setenv("OTHER_KEY", KEY)

    result = run("--url", address, "--admin-key-env", "OTHER_KEY")

    assert result.exit_code == 1
    assert "set ADMIN_KEY on the server" in " ".join(result.output.split())


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://me:secret-word@127.0.0.1:9", "http://127.0.0.1:9"])
def test_an_address_where_no_server_is_gets_a_sentence_without_its_secret(url, monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)

    result = run("--url", url)

    assert result.exit_code == 1
    assert "secret-word" not in result.output
    assert KEY not in result.output
    assert "Traceback" not in result.output
    if url == "http://127.0.0.1:9":
        assert "127.0.0.1:9 gives no summary: no connection can be made." in result.output


def test_without_the_key_a_server_is_not_asked(monkeypatch):
    result = run("--url", "http://127.0.0.1:9", "--admin-key-env", "MY_KEY")

    assert (result.exit_code, result.output.strip()) == (1, "MY_KEY is not set")
