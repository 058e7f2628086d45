"""What all commands share that change the two files: the files, the diff, the refusal, the last word."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from utils.errors import ConfigError, EditRefused
from utils.problems import Problem
from utils.registry.editing import Change, Edit, Section, names_in
from utils.settings import Settings

DONE, REFUSED, USAGE = 0, 1, 2


@dataclass(frozen=True)
class Files:
    """The two files of a command."""

    providers: Path
    bots: Path

    @classmethod
    def of(cls, provider_config: Path | None, bot_config: Path | None) -> "Files":
        """Those of the options, or those of the environment."""
        settings = Settings.read().with_changes(provider_config=provider_config, bot_config=bot_config)
        return cls(settings.provider_config, settings.bot_config)

    def of_section(self, section: Section) -> Path:
        """The file that holds this list."""
        return self.providers if section == "providers" else self.bots

    def names(self, section: Section) -> list[str]:
        """The entries that stand in the file."""
        return names_in(self.of_section(section), section)


def examine_like_check(providers: Path, bots: Path) -> Sequence[Problem]:
    """What `check` finds in the two files."""
    from utils.bot_factory import examined

    return examined(Settings.read(), providers, bots)


def carry_out(
    changes: Sequence[Change],
    files: Files,
    *,
    said: str,
    said_of_none: str = "Nothing to change: it is so already.",
    next_steps: Sequence[str] = (),
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """Make the changes and say so, or say why not. With `dry_run` only their diff is printed."""
    edit = Edit(files.providers, files.bots, changes, examine_like_check)
    try:
        diff = edit.preview()
        if not dry_run:
            edit.save()
    except ConfigError as exc:
        return refuse(exc, as_json=as_json)
    if as_json:
        print(json.dumps({"changed": not dry_run and bool(diff), "diff": diff}, indent=2, ensure_ascii=False))
    elif dry_run:
        print(diff, end="")
    else:
        console = Console(highlight=False)
        console.print(said if diff else said_of_none, markup=False, soft_wrap=True)
        for step in next_steps:
            console.print(f"  [dim]→[/] {escape(step)}", soft_wrap=True)
    return DONE


def refuse(exc: ConfigError, *, as_json: bool = False, code: int = REFUSED) -> int:
    """Say why not, with every finding, and give the exit code."""
    findings = exc.findings if isinstance(exc, EditRefused) else ()
    if as_json:
        rows = [asdict(finding) for finding in findings]
        print(json.dumps({"changed": False, "refused": str(exc), "findings": rows}, indent=2, ensure_ascii=False))
        return code
    trouble = Console(stderr=True, highlight=False)
    trouble.print(f"Not done: {exc}", style="red", markup=False, soft_wrap=True)
    for finding in findings:
        trouble.print(f"  {finding}", style="red", markup=False, soft_wrap=True)
    return code
