import json

import pytest

from tests.cli.configuration import BOTS, Configuration, said


def test_every_option_becomes_a_field(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run(
        "add-bot", "--name", "Poet", "--provider", "openai", "--model", "gpt-6-luna", "--description", "In verse.",
        "--temperature", "0.4", "--max-tokens", "500", "--system-message", "You: verse.\nAlways.",
        "--fallbacks", "demo", "--path", "/poet",
    )  # fmt: skip

    assert result.exit_code == 0
    assert files.bots.startswith(BOTS)
    assert files.bots.endswith(
        "  - bot_name: Poet\n    provider: openai\n    model: gpt-6-luna\n    bot_description: In verse.\n"
        "    temperature: 0.4\n    max_tokens: 500\n    system_message: |-\n      You: verse.\n      Always.\n"
        "    fallbacks: [demo]\n    path: /poet\n"
    )
    assert "POE_ACCESS_KEY_POET" in said(result)
    assert "chat Poet" in said(result)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["DemoBot", "--provider", "demo"], 1, "already a bot `DemoBot`"),
        (["Poet", "--provider", "opnai"], 1, "Did you mean `openai`?"),
        (["Poet", "--provider", "demo", "--bot-class", "bots.nowhere.Bot"], 1, "cannot be imported"),
        (["a/b", "--provider", "demo"], 1, "should hold no `/`"),
        (["Poet"], 2, "say which provider answers"),
        (["--provider", "demo"], 2, "say its name"),
    ],
)
def test_what_cannot_be_added_is_refused(tmp_path, words, code, message):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-bot", *words)

    assert result.exit_code == code
    assert message in said(result)
    assert files.bots == BOTS


def test_a_refusal_is_told_to_scripts_with_its_findings(tmp_path):
    files = Configuration.in_folder(tmp_path)

    result = files.run("add-bot", "Poet", "--provider", "opnai", "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["changed"]) == (1, False)
    assert (told["findings"][0]["file"], told["findings"][0]["line"]) == ("bots.yaml", 6)


@pytest.mark.timeout(300)
def test_twenty_processes_at_once_lose_nothing(tmp_path):
    files = Configuration.in_folder(tmp_path)

    started = [files.started("add-bot", f"Bot{number}", "--provider", "demo") for number in range(20)]
    outcomes = [(process.communicate(timeout=240)[0], process.returncode) for process in started]

    assert [said for said, code in outcomes if code] == []
    assert [
        name for name in (f"Bot{number}\n" for number in range(20)) if files.bots.count(f"- bot_name: {name}") != 1
    ] == []
    assert files.bots.startswith(BOTS)
