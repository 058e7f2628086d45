"""What to do next, for reasons that a server gives why something is not ready."""

import re

_NOT_RUNNING = re.compile(r"\bis not running\b")
_NOT_SET = re.compile(r"\b([A-Z][A-Z0-9_]+)\b.* (?:is|are) not set")


def next_step(reason: str) -> str:
    """A sentence of markdown; nothing where there is no reason."""
    if not reason:
        return ""
    if name := variable_missing(reason):
        return how_to_set(name)
    if _NOT_RUNNING.search(reason):
        return "Start it, then look again."
    return "Choose another one, or mend this and look again."


def variable_missing(reason: str) -> str:
    """The variable that is not set; empty where that is not the reason."""
    found = _NOT_SET.search(reason)
    return found[1] if found else ""


def how_to_set(name: str) -> str:
    """Where a key is put. It is typed in a terminal: no page of the console ever takes one."""
    return (
        f"In a terminal, `python config_manager.py keys set {name}` asks for the key and keeps it encrypted; the server"
        f" has it at once. Or put `{name}=…` into the file `.env` and start the server again. On Modal it belongs into"
        " the secret."
    )
