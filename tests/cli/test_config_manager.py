import pytest
from typer.testing import CliRunner

from tests.apps import DEMO_PROVIDER
from tests.cli.local import run_local
from utils.cli.commands import commands


@pytest.fixture
def files(tmp_path):
    def write(bots, providers=DEMO_PROVIDER):
        (tmp_path / "providers.yaml").write_text(providers)
        (tmp_path / "bots.yaml").write_text(bots)
        return ["--provider-config", str(tmp_path / "providers.yaml"), "--bot-config", str(tmp_path / "bots.yaml")]

    return write


def run(*words, **more):
    return CliRunner().invoke(commands, [*words], **more)


GOOD = "bots: [{bot_name: DemoBot, provider: demo}]"
WARNED = "bots: [{bot_name: DemoBot, provider: demo, model: unlisted}]"
WRONG = "bots:\n- {bot_name: DemoBot, provider: demo}\n- {bot_name: Poet, provider: dmeo}"


@pytest.mark.parametrize(
    ("bots", "options", "code", "said"),
    [
        (GOOD, [], 0, "0 errors, 0 warnings"),
        (WARNED, [], 0, "does not list the model `unlisted`"),
        (WARNED, ["--strict"], 1, "1 warning"),
        (WRONG, [], 1, "bots.yaml:3: bot `Poet` asks for provider `dmeo`"),
        (WRONG, [], 1, "Did you mean `demo`?"),
        ("", [], 1, "the file is empty"),
    ],
)
def test_check_says_what_is_wrong_and_guards_a_deploy(files, bots, options, code, said):
    result = run("check", *files(bots), *options)

    assert result.exit_code == code
    assert said in result.output


def test_check_names_keys_that_are_not_set_without_calling_it_an_error(files):
    provider = "providers: [{name: p, api_base: http://localhost/v1, api_key_env: MY_KEY, models: [m]}]"

    result = run("check", *files("bots: [{bot_name: B, provider: p}]", provider))

    assert result.exit_code == 0
    assert "MY_KEY is not set" in result.output


def test_one_message_is_answered_and_printed(files):
    result = run("chat", "DemoBot", "-m", "/echo Grüße 🙂", *files(GOOD))

    assert result.exit_code == 0
    assert result.output == "Grüße 🙂\n"


def test_a_conversation_goes_on_until_its_end(files):
    result = run("chat", "DemoBot", *files(GOOD), input="my name is Ada\nwhat is my name?\nexit\n")

    assert result.exit_code == 0
    assert "Your name is Ada" in result.output


def test_the_access_keys_of_this_machine_open_its_own_server(files, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_DEMOBOT", "k" * 32)

    assert run("chat", "DemoBot", "-m", "/echo hi", *files(GOOD)).output == "hi\n"


def test_a_failure_is_shown_and_is_the_exit_code(files):
    result = run("chat", "DemoBot", "-m", "/fail 503", *files(GOOD))

    assert result.exit_code == 1
    assert "overloaded" in result.output


def test_a_bot_that_is_not_there_is_named_with_the_nearest_one(files):
    result = run("chat", "DemBot", "-m", "hi", *files(GOOD))

    assert result.exit_code == 2
    assert "Did you mean `DemoBot`?" in " ".join(result.stderr.split())


def test_a_server_that_runs_elsewhere_can_be_talked_to():
    with run_local() as server:
        result = run("chat", "DemoBot", "-m", "/echo from afar", "--url", server.address)

    assert (result.exit_code, result.output) == (0, "from afar\n")


def test_a_server_that_is_not_there_is_said_to_be_missing():
    result = run("chat", "DemoBot", "-m", "hi", "--url", "http://127.0.0.1:9")

    assert result.exit_code == 2
    assert "no bot server at http://127.0.0.1:9" in " ".join(result.stderr.split())


def test_every_command_explains_itself():
    for command in ("check", "chat"):
        assert run(command, "--help").exit_code == 0
