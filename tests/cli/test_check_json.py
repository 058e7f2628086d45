import json

from tests.cli.configuration import BOTS, Configuration


def test_the_findings_are_told_to_scripts(tmp_path):
    files = Configuration.in_folder(tmp_path, BOTS + "  - {bot_name: Poet, provider: opnai}\n")

    result = files.run("check", "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["errors"]) == (1, 1)
    assert (told["problems"][0]["file"], told["problems"][0]["line"]) == ("bots.yaml", 4)
    assert "DemoBot" in told["bots"]
