import json

import pytest

from tests.cli.configuration import BOTS, Configuration, said

WRONG = BOTS + "  - {bot_name: Poet, provider: opnai}\n  - {bot_name: GPT, provider: openai}\n"


def test_everything_in_the_files_is_listed_with_its_state(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("POE_ACCESS_KEY", "k" * 32)
    files = Configuration.in_folder(tmp_path, WRONG)

    listed = json.loads(files.run("list", "--json").stdout)

    assert [(row["name"], row["ready"]) for row in listed["providers"]] == [("demo", True), ("openai", False)]
    assert "OPENAI_API_KEY" in listed["providers"][1]["state"]
    assert [(row["name"], row["ready"]) for row in listed["bots"]] == [
        ("DemoBot", True),
        ("Poet", False),
        ("GPT", False),
    ]
    assert "k" * 32 not in str(listed)


@pytest.mark.parametrize(
    ("kind", "there", "missing"), [("providers", "Providers (2)", "Bots ("), ("bots", "Bots (1)", "Providers (")]
)
def test_one_of_the_lists_can_be_chosen(tmp_path, kind, there, missing):
    result = Configuration.in_folder(tmp_path).run("list", "--type", kind)

    assert result.exit_code == 0
    assert there in said(result)
    assert missing not in said(result)


def test_names_with_brackets_are_shown_as_they_are(tmp_path):
    files = Configuration.in_folder(tmp_path, "bots: [{bot_name: '[red]', provider: demo}]")

    assert "[red]" in files.run("list", "--type", "bots").stdout


def test_another_type_is_a_mistake_of_usage(tmp_path):
    assert Configuration.in_folder(tmp_path).run("list", "--type", "keys").exit_code == 2


def test_a_file_that_cannot_be_read_is_named_and_the_other_one_is_listed(tmp_path):
    files = Configuration.in_folder(tmp_path, providers="providers:\n  - name: [a\n")

    result = files.run("list", "--json")

    assert result.exit_code == 1
    assert "providers.yaml:3: the file is no valid YAML" in said(result)
    assert [row["name"] for row in json.loads(result.stdout)["bots"]] == ["DemoBot"]


def test_a_narrow_terminal_cuts_no_name_off(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "50")

    result = Configuration.in_folder(tmp_path).run("list")

    assert "…" not in result.output
