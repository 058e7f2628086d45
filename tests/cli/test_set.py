import pytest

from tests.cli.configuration import BOTS, PROVIDERS, Configuration, said


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["DemoBot", "temperature", "0.4"], "    temperature: 0.4\n"),
        (["DemoBot", "poe.introduction_message", "Hi: you"], '    poe:\n      introduction_message: "Hi: you"\n'),
        (["DemoBot", "fallbacks", "[openai]"], "    fallbacks: [openai]\n"),
        (["DemoBot", "system_message", "[bold]Hi"], None),
    ],
)
def test_a_field_of_a_bot_has_the_value(tmp_path, words, line):
    files = Configuration.in_folder(tmp_path)

    result = files.run("set", *words)

    if line is None:
        assert result.exit_code == 1
    else:
        assert result.exit_code == 0
        assert files.bots == BOTS + line


def test_a_field_of_a_provider_has_the_value_and_loses_it_again(tmp_path):
    files = Configuration.in_folder(tmp_path)

    files.run("set", "openai", "timeout", "60")
    assert files.providers == PROVIDERS + "    timeout: 60\n"
    files.run("set", "openai", "timeout", "--unset")

    assert files.providers == PROVIDERS


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["DemoBot", "temprature", "0.4"], 1, "Did you mean `temperature`?"),
        (["DemoBot", "poe.introducton_message", "Hi"], 1, "Did you mean `introduction_message`?"),
        (["DemBot", "temperature", "0.4"], 1, "Did you mean `DemoBot`?"),
        (["DemoBot", "fallbacks", "[openai"], 1, "no valid YAML"),
        (["DemoBot", "provider", "opnai"], 1, "Did you mean `openai`?"),
        (["DemoBot", "model", "--unset"], 1, "there is no `model`"),
        (["DemoBot", "model"], 2, "either a value or --unset"),
        (["DemoBot", "model", "demo", "--unset"], 2, "either a value or --unset"),
    ],
)
def test_what_would_be_a_mistake_is_refused(tmp_path, words, code, message):
    files = Configuration.in_folder(tmp_path)

    result = files.run("set", *words)

    assert result.exit_code == code
    assert message in said(result)
    assert files.bots == BOTS


def test_a_dry_run_shows_the_difference_only(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("set", "DemoBot", "temperature", "0.4", "--dry-run")

    assert result.stdout.splitlines()[:2] == ["--- bots.yaml", "+++ bots.yaml"]
    assert "+    temperature: 0.4" in result.stdout
    assert files.bots == BOTS


def test_the_same_value_again_changes_nothing(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("set", "DemoBot", "provider", "demo")

    assert (result.exit_code, files.bots) == (0, BOTS)
    assert "so already" in said(result)


@pytest.mark.parametrize("words", [("set", "DemoBot", "temperature", "1"), ("remove", "DemoBot", "--yes")])
def test_a_file_that_is_no_yaml_is_named_before_an_entry_is_missed(tmp_path, words):
    files = Configuration.in_folder(tmp_path, bots="bots:\n  - {bot_name: DemoBot\n")

    result = files.run(*words)

    assert result.exit_code == 1
    assert "bots.yaml:3: the file is no valid YAML" in said(result)


@pytest.mark.parametrize(
    ("number", "line"),
    [("0", """[ x, "b",   'c'] # abc"""), ("1", "[ a, x,   'c'] # abc"), ("2", '[ a, "b",   x] # abc')],
)
def test_an_element_in_brackets_is_replaced_and_the_blanks_around_it_stay(tmp_path, number, line):
    before = PROVIDERS.replace("[gpt-6-luna]", """[ a, "b",   'c'] # abc""")
    files = Configuration.in_folder(tmp_path, providers=before)

    assert files.run("set", "openai", f"models.{number}", "x").exit_code == 0

    assert files.providers == PROVIDERS.replace("[gpt-6-luna]", line)
