"""The two files that ship, for commands that change them, and a way to run one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from utils.cli.commands import commands
from utils.settings import ROOT

PROVIDERS = """\
providers:
  # needs no key
  - name: demo
    kind: demo
    models: [demo]

  - name: openai
    api_base: https://api.openai.com/v1
    api_key_env: OPENAI_API_KEY
    models: [gpt-6-luna]
"""
BOTS = """\
bots:
  - bot_name: DemoBot   # the first
    provider: demo
"""


@dataclass(frozen=True)
class Configuration:
    """A folder with the two files."""

    folder: Path

    @classmethod
    def in_folder(cls, folder: Path, bots: str = BOTS, providers: str = PROVIDERS) -> "Configuration":
        """The files, written."""
        (folder / "providers.yaml").write_text(providers)
        (folder / "bots.yaml").write_text(bots)
        return cls(folder)

    @property
    def providers(self) -> str:
        """The text of the file."""
        return (self.folder / "providers.yaml").read_text()

    @property
    def bots(self) -> str:
        """The text of the file."""
        return (self.folder / "bots.yaml").read_text()

    @property
    def options(self) -> list[str]:
        """They name the files to a command."""
        return [
            "--provider-config",
            str(self.folder / "providers.yaml"),
            "--bot-config",
            str(self.folder / "bots.yaml"),
        ]

    def run(self, *words: str, **more: Any) -> Any:
        """A command in this process."""
        return CliRunner().invoke(commands, [*words, *self.options], **more)

    def started(self, *words: str) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "config_manager.py", *words, *self.options],
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def said(result: Any) -> str:
    """What was printed, without the line breaks of a narrow terminal."""
    return " ".join(result.output.split())
