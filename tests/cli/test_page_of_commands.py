"""docs/config-manager.md: every command on the page is understood, and every command has its line."""

import re
import shlex

import click
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.cli.configuration import Configuration
from utils.cli.commands import commands
from utils.cli.editing_commands import EDITING
from utils.settings import ROOT

PAGE = (ROOT / "docs" / "config-manager.md").read_text(encoding="utf-8")
LINES = re.findall(r"^python config_manager\.py (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", LINES)
def test_every_command_of_the_page_is_one_with_these_options(line):
    command: click.Command = get_command(commands)
    words = shlex.split(line)

    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]

    assert command.make_context(command.name, words)


@pytest.mark.parametrize("line", [line for line in LINES if line != "init" and line.split()[0] in EDITING])
def test_every_change_of_the_page_can_be_made(tmp_path, line):
    shipped = {name: (ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8") for name in ("bots", "providers")}
    files = Configuration.in_folder(tmp_path, **shipped)
    words = shlex.split(line)
    dry = [] if words[0] == "list" else ["--dry-run"]

    result = files.run(*words, *dry)

    assert result.exit_code in (0, 1), result.output
    assert (files.bots, files.providers) == (shipped["bots"], shipped["providers"])


def test_every_command_has_its_line():
    group = get_command(commands)
    keys = [f"keys {name}" for name in group.commands["keys"].commands]

    told = [name for name in [*group.commands, *keys] if any(f"{line} ".startswith(f"{name} ") for line in LINES)]

    assert told == [*group.commands, *keys]


@pytest.mark.parametrize("name", EDITING)
def test_every_command_and_every_option_of_it_stands_on_the_page(name):
    told = (
        CliRunner().invoke(commands, [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}).output
    )

    options = {
        option for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", told) if option not in ("--help", "--env-file")
    }
    assert any(line.split()[0] == name for line in LINES)
    assert {option for option in options if option not in PAGE} == set()
