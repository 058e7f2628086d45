"""`keys create-client`, `list-clients` and `revoke-client`, as the owner uses them."""

import json

import pytest
from typer.testing import CliRunner

from utils.cli.commands import commands
from utils.keys.clients import ClientKeys, hash_of


@pytest.fixture
def keys(tmp_path, monkeypatch):
    (tmp_path / "providers.yaml").write_text("providers: [{name: demo, kind: demo, models: [demo]}]")
    (tmp_path / "bots.yaml").write_text("bots: [{bot_name: Poet, provider: demo}]")
    monkeypatch.setenv("PROVIDER_CONFIG", str(tmp_path / "providers.yaml"))
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path / "bots.yaml"))
    monkeypatch.setenv("CLIENTS_FILE", str(tmp_path / "clients.json"))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(commands, ["keys", *words])


def test_a_key_is_shown_once_and_alone_on_standard_output(keys, tmp_path):
    done = keys("create-client", "my-app", "--allow", "Poet", "--allow", "demo:demo", "--rate-limit", "20/minute")

    key = done.stdout.strip()
    client = ClientKeys(tmp_path / "clients.json", {}).find(key)
    assert done.exit_code == 0
    assert client is not None
    assert (client.name, client.allow, client.rate_limit) == ("my-app", ("Poet", "demo:demo"), "20/minute")
    assert f"my-app:{hash_of(key)}" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("my app",), "the name of a client is made of letters"),
        (("app", "--allow", "Poat"), "no bot and no provider `Poat`. Did you mean `Poet`?"),
        (("app", "--allow", "zzz"), "Write a bot, a provider, or `provider:model`."),
        (("app", "--rate-limit", "often"), "`often` is no rate limit"),
        (("app", "--budget", "5 dollars"), "`5 dollars` is no budget: write for example `5 usd per day`"),
        (("app", "--budget", "5 usd per day warnat=1"), "has no `warnat`. Did you mean `warn_at`?"),
        (("app", "--budget", "5 usd per day", "--budget", "9 tokens per day"), "there are two budgets per day"),
    ],
)
def test_a_client_that_makes_no_sense_is_not_made(keys, tmp_path, words, said):
    done = keys("create-client", *words)

    assert done.exit_code == 2
    assert said in done.output
    assert not (tmp_path / "clients.json").exists()


def test_a_budget_is_kept_and_shown_and_said_for_the_variable(keys, tmp_path):
    done = keys("create-client", "app", "--budget", "5  USD per day", "--budget", "1_000 tokens per month warn_at=0.5")

    kept = "5 usd per day; 1000 tokens per month warn_at=0.5"
    key = done.stdout.strip()
    client = ClientKeys(tmp_path / "clients.json", {}).find(key)
    [entry] = [words for words in done.stderr.splitlines() if f"app:{hash_of(key)}" in words]
    in_variable = ClientKeys(tmp_path / "none.json", {"API_KEYS": entry.partition("API_KEYS: ")[2]}).find(key)
    assert client is not None
    assert in_variable is not None
    assert client.budget == in_variable.budget == kept
    assert kept in keys("list-clients").output


def test_the_list_shows_no_key_and_no_hash(keys):
    key = keys("create-client", "my-app").stdout.strip()

    table, as_json = keys("list-clients"), keys("list-clients", "--json")

    assert "my-app" in table.output
    assert "everyone" in table.output
    assert [client["name"] for client in json.loads(as_json.stdout)["clients"]] == ["my-app"]
    assert not any(secret in table.output + as_json.output for secret in (key, hash_of(key)))


def test_a_damaged_file_is_said_to_be_one(keys, tmp_path):
    (tmp_path / "clients.json").write_text("{")

    assert keys("list-clients").exit_code == 1
    assert "is damaged" in keys("create-client", "my-app").output


def test_a_client_is_revoked_once(keys):
    keys("create-client", "my-app")

    wrong, first, second = (
        keys("revoke-client", "my-ap"),
        keys("revoke-client", "my-app"),
        keys("revoke-client", "my-app"),
    )

    assert (wrong.exit_code, first.exit_code, second.exit_code) == (1, 0, 1)
    assert "Did you mean `my-app`?" in wrong.output
