"""Lines of `.env`: names are added, values are never read aloud."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key

from utils.errors import EditRefused

_MODE = 0o600


def names_in_env_file(path: Path) -> set[str]:
    """The variables that have a value in the file."""
    return set(values_in_env_file(path))


def values_in_env_file(path: Path) -> Mapping[str, str]:
    """The variables that have a value in the file, with it."""
    there = dotenv_values(path, interpolate=False) if path.is_file() else {}
    return {name: value for name, value in there.items() if value}


def add_to_env_file(path: Path, variables: Mapping[str, str]) -> list[str]:
    """A line for each variable is in the file, which nobody else may read; gives those that were added.

    What has a value keeps it.
    """
    there = dotenv_values(path, interpolate=False) if path.is_file() else {}
    added = [name for name, value in variables.items() if name not in there or (value and not there[name])]
    if any("\n" in variables[name] or "\r" in variables[name] for name in added):
        raise EditRefused("a key is one line of text; nothing was written into the file.")
    try:
        path.touch(mode=_MODE)
        path.chmod(_MODE)
        for name in added:
            if variables[name]:
                set_key(path, name, variables[name], quote_mode="always")
            else:
                _append_name(path, name)
    except OSError as exc:
        why = (exc.strerror or type(exc).__name__).lower()
        raise EditRefused(f"{path.name} cannot be written: {why}.", reason="unwritable") from exc
    return added


def _append_name(path: Path, name: str) -> None:
    text = path.read_bytes()
    gap = b"" if not text or text.endswith(b"\n") else b"\n"
    with path.open("ab") as file:
        file.write(gap + f"{name}=\n".encode())
