"""`config_manager.py models`, `test`, and `chat --model`, against a provider on this machine."""

import asyncio
import json
import threading

import pytest
from typer.testing import CliRunner

from tests.serving import serving
from utils.cli.commands import commands
from utils.providers.demo.server import demo_app


@pytest.fixture(scope="module")
def upstream():
    """The demo server in a thread of its own: the commands have event loops of theirs."""
    ready, addresses = threading.Event(), []
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve():
        async with serving(demo_app()) as address:
            addresses.append(address)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield addresses[0]
    loop.call_soon_threadsafe(done.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def run(tmp_path, upstream):
    providers = f"""
providers:
- name: good
  api_base: {upstream}/v1
  profile: openai
  models: [{{name: demo, alias: d, context: 1000, price: {{input: 1, output: 2}}}}, other]
- {{name: keyless, api_base: "{upstream}/v1", api_key_env: NOBODY_SETS_THIS, models: [m]}}
- {{name: down, api_base: "http://127.0.0.1:9/v1", models: [m]}}
- {{name: demo, kind: demo, models: [demo]}}
"""
    (tmp_path / "providers.yaml").write_text(providers)
    (tmp_path / "bots.yaml").write_text("bots: [{bot_name: DemoBot, provider: down, fallbacks: [keyless]}]")
    files = ["--provider-config", str(tmp_path / "providers.yaml")]

    def invoke(*words):
        bots = ["--bot-config", str(tmp_path / "bots.yaml")] if words[0] == "chat" else []
        return CliRunner().invoke(commands, [*words, *files, *bots])

    return invoke


def test_the_models_of_an_entry_are_listed(run):
    result = run("models", "good")

    assert result.exit_code == 0
    assert "demo (default)" in result.output
    assert "1,000" in result.output
    assert "$1 in, $2 out" in result.output


def test_the_models_are_asked_of_the_provider_too(run):
    result = run("models", "good", "--live", "--json")

    assert result.exit_code == 0
    listing = json.loads(result.stdout)
    assert (listing["provider"], listing["live"], listing["problem"]) == ("good", True, None)


def test_a_provider_that_does_not_answer_is_said_beside_what_is_configured(run):
    result = run("models", "down", "--live")

    assert result.exit_code == 1
    assert "The provider cannot be reached." in result.output


@pytest.mark.parametrize("command", ["models", "test"])
def test_a_provider_that_is_not_there_is_named_with_the_nearest(run, command):
    result = run(command, "goood")

    assert result.exit_code == 2
    assert "There is no provider `goood`. Did you mean `good`?" in result.output


def test_each_provider_is_asked_once_and_says_how_fast_it_is(run):
    result = run("test", "good", "--json")

    assert result.exit_code == 0
    (trial,) = json.loads(result.stdout)
    assert (trial["provider"], trial["model"], trial["result"]) == ("good", "demo", "ok")
    assert 0 < trial["seconds_to_first_word"] <= trial["seconds"]
    price = (trial["input_tokens"] + 2 * trial["output_tokens"]) / 1_000_000
    assert trial["price_usd"] == pytest.approx(price)


def test_of_all_providers_those_that_are_not_ready_are_skipped(run):
    result = run("test", "--json")

    assert result.exit_code == 0
    trials = {trial["provider"]: trial for trial in json.loads(result.stdout)}
    assert {name: trial["result"] for name, trial in trials.items() if name != "down"} == {
        "good": "ok",
        "keyless": "skipped",
        "demo": "ok",
    }
    assert trials["keyless"]["problem"] == "NOBODY_SETS_THIS is not set"


def test_one_that_fails_is_said_with_what_to_do(run):
    result = run("test", "good", "down", "--json")

    assert result.exit_code == 1
    good, down = json.loads(result.stdout)
    assert (good["result"], down["result"]) == ("ok", "failed")
    assert down["problem"].startswith("no connection could be made")
    assert "`api_base` (http://127.0.0.1:9/v1)" in down["fix"]


def test_one_without_a_key_that_is_named_has_failed(run):
    result = run("test", "keyless")

    assert result.exit_code == 1
    assert "Set NOBODY_SETS_THIS." in result.output


@pytest.mark.parametrize("model", ["good:demo", "good:d", "demo:demo"])
def test_a_bot_answers_with_another_model(run, model):
    result = run("chat", "DemoBot", "-m", "/echo Grüße", "--model", model)

    assert result.exit_code == 0
    assert result.output == "Grüße\n"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--model", "goood:m"], "There is no provider `goood`. Did you mean `good`?"),
        (["--model", "good:demo", "--url", "http://127.0.0.1:9"], "has `model` among its `controls`"),
    ],
)
def test_a_model_that_cannot_be_taken_is_said(run, options, says):
    result = run("chat", "DemoBot", "-m", "hi", *options)

    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
