import json

import pytest
from typer.testing import CliRunner

from tests.apps import app_of
from tests.poe.doctor.good_bot import KEY, Bot, Reply, when
from utils.cli.commands import commands
from utils.cli.local_server import serving_in_background
from utils.poe.doctor import CHECKS


def doctor(app, *words, path="/bot", key=KEY):
    with serving_in_background(app) as address:
        result = CliRunner().invoke(commands, ["doctor", address + path, *(["--key", key] if key else []), *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert KEY not in result.output + result.stderr
    return result


def test_a_healthy_bot_is_said_to_be_one():
    run = doctor(Bot())

    assert run.exit_code == 0
    assert f"{len(CHECKS)} checks: {len(CHECKS) - 1} passed, 0 failed, 0 with a warning, 1 skipped." in run.stdout
    assert "✓ unknown-type An unknown type of request is answered with 501." in run.stdout


def test_a_failure_is_shown_with_its_rule_and_reason_and_is_the_exit_code():
    run = doctor(when(lambda asked: asked.body is None, Reply(500)), "--only", "bad-json")

    assert run.exit_code == 1
    assert "✗ bad-json A body that is no JSON is answered with 400.\n    it answered 500" in run.stdout
    assert "2 checks: 1 passed, 1 failed, 0 with a warning, 0 skipped." in run.stdout


def test_a_warning_is_no_failure():
    run = doctor(when(lambda asked: asked.path.endswith("/"), Reply(307)), "--only", "trailing-slash")

    assert run.exit_code == 0
    assert "1 with a warning" in run.stdout


def test_json_holds_every_check_and_nothing_else():
    run = doctor(Bot(), "--json", "--only", "settings*,get", "--only", "wrong-key")

    said = json.loads(run.stdout)
    assert [row["name"] for row in said["checks"]] == [
        "lets-poe-in",
        "wrong-key",
        "settings",
        "settings-version",
        "settings-known",
        "settings-controls",
        "get",
    ]
    assert said["summary"] == {"pass": 7}
    assert said["checks"][0] == {
        "name": "lets-poe-in",
        "rule": "A request with the bot's access key is let in.",
        "verdict": "pass",
        "detail": "",
    }


def test_an_unknown_check_is_named_with_the_nearest_one():
    run = doctor(Bot(), "--only", "bad-jsno")

    assert run.exit_code == 2
    assert "Did you mean `bad-json`?" in run.stderr


@pytest.mark.parametrize("url", ["localhost:8000/DemoBot", "https://me:secret-one@host/bot"])
def test_what_is_no_address_is_said_to_be_none(url):
    run = CliRunner().invoke(commands, ["doctor", url])

    assert run.exit_code == 2
    assert "address" in run.stderr
    assert "secret-one" not in run.stderr


def test_a_server_that_is_not_there_is_a_failure():
    run = CliRunner().invoke(commands, ["doctor", "http://127.0.0.1:9/bot"])

    assert run.exit_code == 1
    assert "the connection failed" in run.stdout


def test_a_bot_that_wants_another_key_says_so():
    run = doctor(Bot(), key="not-the-right-one")

    assert run.exit_code == 1
    assert "give it with --key" in run.stdout
    assert "not-the-right-one" not in run.stdout


def test_a_check_takes_no_longer_than_the_timeout(tmp_path):
    app = app_of(tmp_path, "bots: [{bot_name: DemoBot, provider: demo}]")

    run = doctor(app, "--timeout", "0.1", "--only", "answer", path="/DemoBot", key=None)

    assert run.exit_code == 1
    assert "it was not over after 0.1 seconds" in run.stdout
