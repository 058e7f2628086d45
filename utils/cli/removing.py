"""`config_manager.py remove`: an entry less, after a question."""

import sys

import typer
from rich.console import Console

from utils.errors import EditRefused
from utils.registry.editing import Remove, Section

from .changing import REFUSED, USAGE, Files, carry_out, refuse
from .finding import section_of


def remove_entry(
    name: str,
    section: Section | None,
    files: Files,
    *,
    sure: bool,
    force: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """The entry is gone, with its comment. A provider that bots need stays, unless forced."""
    try:
        found = section_of(name, section, files)
    except EditRefused as exc:
        return refuse(exc, as_json=as_json)
    if not (sure or dry_run or as_json):
        if not sys.stdin.isatty():
            return refuse(EditRefused("nobody can be asked here; say --yes."), code=USAGE)
        if not typer.confirm(f"Remove {name} from {files.of_section(found)}?"):
            Console(highlight=False).print("Nothing was changed.")
            return REFUSED
    return carry_out(
        [Remove(found, name, force=force)],
        files,
        said=f"Removed `{name}` from {files.of_section(found)}.",
        dry_run=dry_run,
        as_json=as_json,
    )
