import stat
from types import SimpleNamespace

import pytest

from tests.cli.configuration import BOTS, PROVIDERS, Configuration, said
from utils.cli import init as module
from utils.providers.catalogue import CATALOGUE


@pytest.fixture
def files(tmp_path, monkeypatch):
    for known in CATALOGUE.values():
        for variable in known.api_key_env:
            monkeypatch.delenv(variable, raising=False)
    return Configuration.in_folder(tmp_path)


def test_a_script_names_what_it_wants(files):
    result = files.run("init", "--provider", "groq", "--provider", "openai", "--bot-name", "Quick", "--yes")

    assert result.exit_code == 0
    assert files.providers.startswith(PROVIDERS)
    assert "  - name: groq\n" in files.providers
    assert files.bots.startswith(BOTS)
    assert files.bots.endswith("- bot_name: Quick\n    provider: groq\n")


def test_files_that_are_not_there_are_made(files, tmp_path):
    (tmp_path / "providers.yaml").unlink()
    (tmp_path / "bots.yaml").unlink()

    result = files.run("init", "--provider", "groq", "--bot-name", "Quick", "--yes")

    assert result.exit_code == 0
    assert files.bots == "bots:\n  - bot_name: Quick\n    provider: groq\n"
    assert files.run("check").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "nobody can be asked here"),
        (["--provider", "grokk", "--bot-name", "X", "--yes"], 1, "is not known here"),
        (["--provider", "groq", "--bot-name", "DemoBot", "--yes"], 1, "already a bot `DemoBot`"),
    ],
)
def test_what_cannot_be_done_is_said(files, words, code, message):
    result = files.run("init", *words)

    assert result.exit_code == code
    assert message in said(result)
    assert (files.providers, files.bots) == (PROVIDERS, BOTS)


def test_the_names_of_keys_are_written_without_values(files, tmp_path):
    env = tmp_path / ".env"
    env.write_text("# mine\nOTHER=1")

    files.run("init", "--provider", "groq", "--bot-name", "Q", "--yes", "--write-env", "--env-file", str(env))

    assert env.read_text() == "# mine\nOTHER=1\nGROQ_API_KEY=\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_a_person_is_asked_and_the_keys_are_never_shown(files, tmp_path, monkeypatch):
    env, key = tmp_path / ".env", "gsk_abcdefghijklmnop"
    monkeypatch.setattr(module, "ollama_is_running", lambda: False)
    monkeypatch.setattr(module, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    answers = "\n".join(["groq", "Quick", "", "y", "y", key, ""])

    result = files.run("init", "--env-file", str(env), input=answers)

    assert result.exit_code == 0, result.output
    assert key not in result.output
    assert f"GROQ_API_KEY='{key}'" in env.read_text()
    assert "bot_name: Quick" in files.bots


def test_a_model_is_asked_for_until_there_is_one_where_the_provider_has_no_usual_one(files, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ollama_is_running", lambda: False)
    monkeypatch.setattr(module, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    answers = "\n".join(["vllm", "Local", "", "", "my-model", ""])

    result = files.run("init", "--env-file", str(tmp_path / ".env"), input=answers)

    assert result.exit_code == 0, result.output
    assert files.bots.endswith("- bot_name: Local\n    provider: vllm\n    model: my-model\n")
