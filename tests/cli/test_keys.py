"""`config_manager.py keys …`, as its owner uses it. The value is a canary that no output may show."""

import io
import json
import stat
import subprocess
from pathlib import Path

import dotenv
import pytest
from typer.testing import CliRunner

from utils.cli.commands import commands
from utils.keys import Keyring
from utils.keys.store import store_of
from utils.settings import environment

CANARY = "sk-canary-0123456789"
PROVIDERS = """# mine
providers:
- name: cloud
  kind: demo
  models: [demo]
  api_key_env: [CLOUD_API_KEY, CLOUD_API_KEY_2]   # two accounts
- name: local
  kind: demo
  models: [demo]
  headers: {X-Place: "${PLACE:-home}"}
"""
BOTS = """bots:
- {bot_name: Poet, provider: cloud}
- {bot_name: Singer, provider: local}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A configuration and the place of a store, as the environment says."""
    for name in ("KEYS_MASTER_KEY", "KEYS_STORE", "DATABASE_URL", "PLACE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "providers.yaml").write_text(PROVIDERS)
    (tmp_path / "bots.yaml").write_text(BOTS)
    monkeypatch.setenv("PROVIDER_CONFIG", str(tmp_path / "providers.yaml"))
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path / "bots.yaml"))
    monkeypatch.setenv("KEYS_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("KEYS_MASTER_KEY_FILE", str(tmp_path / "keys.master"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def keys(folder):
    """Runs a command, and holds every output against the canary."""

    def run(*words, stdin=""):
        done = CliRunner().invoke(commands, ["keys", *words], input=stdin)
        assert "canary" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


@pytest.fixture
def at_a_terminal(monkeypatch):
    """The person types the value: nothing of it is shown, so there is nothing else to see here."""
    typed = []
    monkeypatch.setattr("typer.prompt", lambda *args, **options: typed.append((args, options)) or CANARY)
    monkeypatch.setattr("sys.stdin", type("Terminal", (io.StringIO,), {"isatty": lambda self: True})())
    return typed


def test_a_key_is_set_from_standard_input_and_found(keys, folder):
    done = keys("set", "CLOUD_API_KEY", "--stdin", stdin=f" {CANARY}\n")

    assert done.exit_code == 0
    assert "CLOUD_API_KEY is set in keys.json." in done.output
    assert "master key was made in keys.master" in done.output
    assert Keyring().get("CLOUD_API_KEY").secret == CANARY


def test_a_key_is_asked_for_without_showing_it(folder, at_a_terminal):
    from utils.cli.keys_changes import set_in_store

    assert set_in_store("CLOUD_API_KEY", (), from_stdin=False) == 0

    assert at_a_terminal == [(("CLOUD_API_KEY",), {"hide_input": True})]
    assert Keyring().get("CLOUD_API_KEY").secret == CANARY


def test_each_part_of_a_key_is_asked_for(folder, at_a_terminal):
    from utils.cli.keys_changes import set_in_store

    assert set_in_store("AWS_KEYS", ["access_key_id", "region"], from_stdin=False) == 0

    assert [args for args, _ in at_a_terminal] == [("AWS_KEYS, access_key_id",), ("AWS_KEYS, region",)]
    assert Keyring().get("AWS_KEYS").fields == {"access_key_id": CANARY, "region": CANARY}


def test_parts_come_a_line_each_from_standard_input(keys):
    words = ("set", "AWS_KEYS", "--stdin", "--field", "access_key_id", "--field", "region")

    assert keys(*words, stdin="canary-id\neu-central-1\n").exit_code == 0

    assert Keyring().get("AWS_KEYS").fields == {"access_key_id": "canary-id", "region": "eu-central-1"}
    assert "2 fields and 1 lines" in keys(*words, stdin="canary-id\n").output


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (("set", "CLOUD_API_KEY", "--stdin"), " \n", "there is no value"),
        (("set", "CLOUD_API_KEY", "--stdin"), "canary”", "characters that are in no key"),
        (("set", "CLOUD_API_KEY", "--stdin"), '{"canary": 1}', "no JSON object of texts"),
        (("set", "no-name", "--stdin"), CANARY, "letters, digits and underscores"),
        (("set", "CLOUD_API_KEY"), "", "give it with --stdin"),
        (("set", "gsk_canary0123456789", "--stdin"), CANARY, "stands the *name* of a key"),
        (("set", "CANARY0123456789CANARY0123456789", "--stdin"), CANARY, "stands the *name* of a key"),
        (("rotate",), "", "there is no store"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_changes_nothing(keys, folder, words, stdin, said):
    done = keys(*words, stdin=stdin)

    assert done.exit_code == 2
    assert said in done.output
    assert not (folder / "keys.json").exists()


def test_a_value_is_no_argument(keys):
    assert CliRunner().invoke(commands, ["keys", "set", "CLOUD_API_KEY", CANARY]).exit_code == 2


def test_who_sets_what_the_environment_has_too_is_told_which_is_used(keys, monkeypatch):
    monkeypatch.setenv("CLOUD_API_KEY", "other")

    assert "what stands there is used" in keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY).output


def listed(keys):
    done = keys("list", "--json")
    return {row["name"]: row for row in json.loads(done.stdout)["keys"]}


def test_the_list_says_where_each_key_is_and_who_uses_it(keys, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY_POET", "canary-of-poe")
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)
    keys("set", "UNUSED", "--stdin", stdin=CANARY)

    rows = listed(keys)

    shown = {name: (row["state"], row["where"], row["used_by"]) for name, row in rows.items()}
    assert shown["CLOUD_API_KEY"] == ("set", "store", ["provider cloud"])
    assert shown["CLOUD_API_KEY_2"] == ("missing", "", ["provider cloud"])
    assert shown["POE_ACCESS_KEY_POET"] == ("set", "environment", ["bot Poet"])
    assert shown["POE_ACCESS_KEY_SINGER"] == ("missing", "", ["bot Singer"])
    assert shown["UNUSED"] == ("set", "store", [])
    assert rows["CLOUD_API_KEY"]["changed"].startswith("20")
    assert "provider cloud" in keys("list").output


def test_the_list_of_a_store_that_cannot_be_read_has_what_the_environment_has_and_exits_with_1(
    keys, folder, monkeypatch
):
    monkeypatch.setenv("CLOUD_API_KEY", CANARY)
    (folder / "keys.json").write_text("torn")

    done = keys("list")

    assert done.exit_code == 1
    assert "keys.json is damaged" in done.output
    assert "CLOUD_API_KEY" in done.output
    assert "damaged" in json.loads(keys("list", "--json").stdout)["store_trouble"]


def test_a_key_is_deleted_when_the_person_is_sure(keys):
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)

    unsure = keys("delete", "CLOUD_API_KEY", stdin="n\n")
    kept = Keyring().find("CLOUD_API_KEY") is not None
    sure = keys("delete", "CLOUD_API_KEY", "--yes")

    assert (unsure.exit_code, kept, sure.exit_code) == (1, True, 0)
    assert Keyring().find("CLOUD_API_KEY") is None
    assert keys("delete", "CLOUD_API_KEY", "--yes").exit_code == 1


def test_rotation_puts_a_new_master_key_into_its_file(keys, folder):
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)
    old = (folder / "keys.master").read_text()

    assert "1 keys are encrypted anew" in keys("rotate").output

    assert (folder / "keys.master").read_text() != old
    assert Keyring().get("CLOUD_API_KEY").secret == CANARY
    assert keys("rotate", "--to", str(folder / "new")).exit_code == 2


def test_rotation_of_a_master_key_in_a_variable_writes_the_new_one_into_a_file(keys, folder, monkeypatch):
    monkeypatch.setenv("KEYS_MASTER_KEY", "canary-passphrase")
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)

    done = keys("rotate", "--to", str(folder / "new"))

    new = (folder / "new").read_text().strip()
    assert done.exit_code == 0
    assert new not in done.output
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o600
    assert keys("rotate", "--to", str(folder / "newer")).exit_code == 2
    assert not (folder / "newer").exists()
    monkeypatch.setenv("KEYS_MASTER_KEY", new)
    assert store_of(environment()).read().values == {"CLOUD_API_KEY": CANARY}


def test_rotation_takes_a_passphrase_from_standard_input(keys, monkeypatch):
    monkeypatch.setenv("KEYS_MASTER_KEY", "canary-passphrase")
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)

    assert keys("rotate", "--stdin", stdin="short").exit_code == 2
    assert keys("rotate").exit_code == 2
    assert keys("rotate", "--stdin", stdin="another-canary-passphrase\n").exit_code == 0

    monkeypatch.setenv("KEYS_MASTER_KEY", "another-canary-passphrase")
    assert Keyring().get("CLOUD_API_KEY").secret == CANARY


def test_the_command_for_modal_names_the_keys_of_the_environment(keys, monkeypatch):
    monkeypatch.setenv("CLOUD_API_KEY", CANARY)
    monkeypatch.setenv("POE_ACCESS_KEY", "canary-of-poe")
    monkeypatch.setenv("PLACE", "canary place")

    done = keys("export-modal")

    pairs = 'CLOUD_API_KEY="${CLOUD_API_KEY:?}" POE_ACCESS_KEY="${POE_ACCESS_KEY:?}" PLACE="${PLACE:?}"'
    line = f"modal secret create poe-bots {pairs}\n"
    assert (done.exit_code, done.stdout) == (0, line)
    assert "Not set, and so not in the secret: CLOUD_API_KEY_2." in done.stderr


def test_the_shell_refuses_the_command_for_modal_where_it_has_no_value(keys, monkeypatch):
    monkeypatch.setenv("CLOUD_API_KEY", CANARY)
    line = keys("export-modal").stdout.replace("modal", "echo", 1)

    with_it = subprocess.run(["sh", "-c", line], env={"CLOUD_API_KEY": "here"}, capture_output=True, text=True)
    without = subprocess.run(["sh", "-c", line], env={}, capture_output=True, text=True)

    assert with_it.stdout == "secret create poe-bots CLOUD_API_KEY=here\n"
    assert without.returncode != 0
    assert without.stdout == ""


def test_keys_of_an_env_file_are_named_for_the_shell_may_not_have_them(keys, folder, monkeypatch):
    (folder / ".env").write_text(f"CLOUD_API_KEY={CANARY}\n")
    monkeypatch.setattr("utils.cli.keys_export.ROOT", folder)
    monkeypatch.setenv("CLOUD_API_KEY", CANARY)
    monkeypatch.setenv("POE_ACCESS_KEY", "canary-of-poe")

    assert "In .env, and perhaps not in your shell: CLOUD_API_KEY. With --to FILE" in keys("export-modal").stderr


def test_keys_of_the_store_go_to_modal_by_a_file_that_was_asked_for(keys, folder, monkeypatch):
    odd = "it's a canary \\ with #signs"
    monkeypatch.setenv("POE_ACCESS_KEY", "canary-of-poe")
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=odd)

    without = keys("export-modal")
    done = keys("export-modal", "--to", str(folder / "for modal"), "--secret", "mine")

    assert without.exit_code == 1
    assert "In the encrypted store only: CLOUD_API_KEY." in without.stderr
    assert done.exit_code == 0
    assert done.stdout == f"modal secret create mine --from-dotenv '{folder}/for modal'\n"
    assert dotenv.dotenv_values(folder / "for modal") == {"CLOUD_API_KEY": odd, "POE_ACCESS_KEY": "canary-of-poe"}
    assert stat.S_IMODE((folder / "for modal").stat().st_mode) == 0o600
    assert keys("export-modal", "--to", str(folder / "for modal")).exit_code == 2


def test_a_store_that_modal_can_reach_needs_no_keys_but_its_own(keys, monkeypatch, tmp_path):
    from utils.cli import keys_export

    monkeypatch.setenv("KEYS_STORE", "database")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/canary.db")
    monkeypatch.setenv("KEYS_MASTER_KEY", "canary-passphrase")
    keys("set", "CLOUD_API_KEY", "--stdin", stdin=CANARY)
    monkeypatch.setattr(keys_export, "_shares_its_store", lambda settings: True)

    done = keys("export-modal")

    assert done.exit_code == 0
    assert done.stdout == (
        'modal secret create poe-bots KEYS_MASTER_KEY="${KEYS_MASTER_KEY:?}" DATABASE_URL="${DATABASE_URL:?}" '
        'KEYS_STORE="${KEYS_STORE:?}"\n'
    )


def test_nothing_to_export_is_said(keys):
    assert keys("export-modal").exit_code == 2


def provider_file(folder: Path) -> str:
    return (folder / "providers.yaml").read_text()


def test_a_first_grant_shuts_out_nobody_who_uses_the_provider_now(keys, folder):
    done = keys("grant", "cloud", "Singer")

    assert done.exit_code == 0
    assert "From now on only these may use provider `cloud`: Poet" in done.output
    assert "# two accounts" in provider_file(folder)
    added = provider_file(folder).replace(PROVIDERS.split("- name: local")[0].rstrip(), "")
    assert "Poet" in added
    assert "Singer" in added
    check = CliRunner().invoke(commands, ["check"])
    assert "0 errors" in check.output


def test_a_second_grant_adds_a_name(keys, folder):
    (folder / "providers.yaml").write_text(PROVIDERS.replace("- name: cloud\n", "- name: cloud\n  allow: [Poet]\n"))

    said = [keys("grant", "cloud", caller).output for caller in ("Singer", "bots.poet.Poet", "Singer")]

    assert "allow: [Poet, Singer, bots.poet.Poet]" in provider_file(folder)
    assert said[0] == "`Singer` may use provider `cloud` now.\n"
    assert said[2] == "`Singer` may use provider `cloud` already.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("clud", "Poet"), "has no provider `clud` that can be used. Did you mean `cloud`?"),
        (("cloud", "Poat"), "there is no bot `Poat`. Did you mean `Poet`?"),
        (("cloud", "zzz"), "is named with its dots"),
    ],
)
def test_a_grant_of_or_to_something_unknown_changes_nothing(keys, folder, words, said):
    done = keys("grant", *words)

    assert done.exit_code == 2
    assert said in done.output
    assert provider_file(folder) == PROVIDERS


def test_a_grant_is_shown_before_it_is_made(keys, folder):
    done = keys("grant", "cloud", "Singer", "--dry-run", "--json")

    assert json.loads(done.stdout)["changed"] is False
    assert "+  allow: [Poet, " in json.loads(done.stdout)["diff"]
    assert provider_file(folder) == PROVIDERS


def test_a_grant_in_a_file_that_is_no_yaml_names_the_line(keys, folder):
    (folder / "providers.yaml").write_text("providers:\n- {name: cloud\n")

    assert "providers.yaml:3: the file is no valid YAML" in keys("grant", "cloud", "Singer").output


@pytest.mark.parametrize("command", ["set", "list", "delete", "rotate", "grant", "export-modal"])
def test_each_command_explains_itself(keys, command):
    assert keys(command, "--help").exit_code == 0
