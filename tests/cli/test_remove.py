import pytest

from tests.cli.configuration import BOTS, PROVIDERS, Configuration, said


def test_an_entry_goes_with_its_comment(tmp_path):
    files = Configuration.in_folder(tmp_path, bots="bots: []\n")

    result = files.run("remove", "demo", "--yes")

    assert result.exit_code == 0
    assert files.providers == PROVIDERS.replace(
        PROVIDERS[PROVIDERS.index("  # needs") : PROVIDERS.index("  - name: openai")], ""
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["demo", "--yes"], 1, "provider `demo` is needed by DemoBot"),
        (["DemBot", "--yes"], 1, "Did you mean `DemoBot`?"),
        (["DemoBot", "--type", "providers", "--yes"], 1, "there is no provider `DemoBot`"),
        (["DemoBot"], 2, "say --yes"),
    ],
)
def test_what_should_stay_stays(tmp_path, words, code, message):
    files = Configuration.in_folder(tmp_path)

    result = files.run("remove", *words)

    assert result.exit_code == code
    assert message in said(result)
    assert (files.providers, files.bots) == (PROVIDERS, BOTS)


def test_force_takes_out_a_provider_that_bots_need(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("remove", "demo", "--yes", "--force")

    assert result.exit_code == 0
    assert "demo" not in files.providers


def test_the_last_bot_leaves_a_file_that_check_accepts(tmp_path):
    files = Configuration.in_folder(tmp_path)

    files.run("remove", "DemoBot", "--yes")

    assert files.bots == "bots: []\n"
    assert files.run("check").exit_code == 0


def test_a_name_in_both_files_wants_its_type(tmp_path):
    files = Configuration.in_folder(tmp_path, bots="bots: [{bot_name: demo, provider: openai}]")

    unclear, clear = files.run("remove", "demo", "--yes"), files.run("remove", "demo", "--type", "bots", "--yes")

    assert (unclear.exit_code, clear.exit_code) == (1, 0)
    assert "say which with --type" in said(unclear)
