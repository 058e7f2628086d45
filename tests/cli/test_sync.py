import json
import os
import subprocess
import sys

import pytest
from starlette.responses import Response
from typer.testing import CliRunner

from tests.apps import DEMO_PROVIDER
from tests.cli.local import ROOT
from tests.poe.sync.fake_poe import FakePoe
from utils.cli.commands import commands
from utils.cli.local_server import serving_in_background

KEY = "canary-0123456789-never-to-be-seen"
TWO = "bots: [{bot_name: DemoBot, provider: demo, poe: {introduction_message: Hi}}, {bot_name: Poet, provider: demo}]"


@pytest.fixture
def sync(tmp_path, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", KEY)

    def run(poe, *words, bots=TWO):
        (tmp_path / "providers.yaml").write_text(DEMO_PROVIDER)
        (tmp_path / "bots.yaml").write_text(bots)
        files = {"provider-config": "providers.yaml", "bot-config": "bots.yaml", "state": "state.json"}
        options = [part for name, file in files.items() for part in (f"--{name}", str(tmp_path / file))]
        with serving_in_background(poe) as address:
            result = CliRunner().invoke(commands, ["sync", *words, *options, "--poe", f"{address}/bot"])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert KEY not in result.output + result.stderr + repr(result.exc_info)
        return result

    return run


def results(run):
    return {row["bot"]: row["result"] for row in json.loads(run.stdout)["bots"]}


def test_every_served_bot_is_synced_once(sync):
    poe = FakePoe()

    first, second = sync(poe, "DemoBot", "Poet", "--json"), sync(poe, "DemoBot", "Poet", "--json")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert results(first) == {"DemoBot": "synced", "Poet": "synced"}
    assert results(second) == {"DemoBot": "unchanged", "Poet": "unchanged"}
    assert {told.path[2] for told in poe.told} == {"DemoBot", "Poet"}


def test_all_bots_are_synced_when_none_is_named(sync):
    run = sync(FakePoe(), "--json")

    assert run.exit_code == 0
    assert {"DemoBot", "Poet"} <= results(run).keys()


def test_only_the_named_bots_are_synced_and_what_happened_is_shown(sync):
    run = sync(FakePoe(), "DemoBot")

    assert run.exit_code == 0
    assert "DemoBot" in run.stdout
    assert "synced" in run.stdout
    assert "Poet" not in run.stdout


def test_force_sends_again_what_has_not_changed(sync):
    poe = FakePoe()

    sync(poe, "DemoBot")

    assert results(sync(poe, "DemoBot", "--force", "--json")) == {"DemoBot": "synced"}


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(sync):
    poe = FakePoe()

    table, as_json = sync(poe, "DemoBot", "--dry-run"), sync(poe, "DemoBot", "--dry-run", "--json")

    assert table.exit_code == 0
    assert '"introduction_message": "Hi"' in table.stdout
    assert json.loads(as_json.stdout)["bots"][0]["document"]["introduction_message"] == "Hi"
    assert poe.told == []


def test_a_refusal_is_shown_and_is_the_exit_code(sync):
    run = sync(FakePoe([Response(f"{KEY} is unknown", 404)]), "DemoBot")

    assert run.exit_code == 1
    assert "compare both with the bot's page on Poe" in " ".join(run.stdout.replace("│", " ").split())


def test_a_bot_that_is_not_there_is_named_with_the_nearest_one(sync):
    poe = FakePoe()

    run = sync(poe, "DemBot", "Poet")

    assert run.exit_code == 2
    assert "Did you mean `DemoBot`?" in run.stderr
    assert poe.told == []


def test_a_bot_without_a_key_is_skipped(sync, monkeypatch):
    monkeypatch.delenv("POE_ACCESS_KEY")
    poe = FakePoe()

    run = sync(poe, "DemoBot", "--json")

    assert run.exit_code == 0
    (row,) = json.loads(run.stdout)["bots"]
    assert row["detail"] == "it has no access key: set POE_ACCESS_KEY_DEMOBOT or POE_ACCESS_KEY."
    assert poe.told == []


def test_a_mistake_in_the_file_is_said_and_the_other_bots_are_synced(sync):
    run = sync(
        FakePoe(), "--json", bots="bots: [{bot_name: DemoBot, provider: demo}, {bot_name: Poet, provider: dmeo}]"
    )

    assert run.exit_code == 1
    assert results(run)["DemoBot"] == "synced"
    assert "`dmeo`" in run.stderr


def test_a_debugging_owner_does_not_see_the_key_either(tmp_path):
    state = tmp_path / "state.json"
    environment = {**os.environ, "DEBUG": "true", "LOG_LEVEL": "debug", "POE_ACCESS_KEY": KEY}

    with serving_in_background(FakePoe()) as address:
        run = subprocess.run(
            [sys.executable, "config_manager.py", "sync", "DemoBot", "--poe", f"{address}/bot", "--state", str(state)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )

    assert "synced" in run.stdout
    assert KEY not in run.stdout + run.stderr + state.read_text()
