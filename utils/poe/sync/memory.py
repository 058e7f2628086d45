"""What Poe was told the last time, in a small file beside the project."""

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from utils.settings import ROOT

STATE = ROOT / "data" / "synced-settings.json"


@dataclass(frozen=True)
class Told:
    """What Poe was told, and when: seconds since 1970, or None where nobody has noted it."""

    fingerprint: str
    at: float | None = None


class SyncedSettings:
    """The fingerprint of each bot's settings at Poe. A file that cannot be read is one that knows nothing."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._now = now
        self._told = _read(path)

    def of(self, bot: str) -> Told | None:
        """What Poe was last told of the bot; None where that is not known here."""
        return self._told.get(bot)

    def holds(self, bot: str, fingerprint: str) -> bool:
        """Whether these are the settings that Poe was last told."""
        told = self.of(bot)
        return told is not None and told.fingerprint == fingerprint

    def remember(self, bot: str, fingerprint: str) -> None:
        """Poe has these settings now. The file is replaced as a whole or not at all; raises `OSError` when not."""
        self._told[bot] = Told(fingerprint, self._now())
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        rows = {name: asdict(told) for name, told in self._told.items()}
        try:
            new.write_text(json.dumps(rows, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self.path)
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Told]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {bot: told for bot, said in pairs if (told := _told_by(said))}


def _told_by(said: object) -> Told | None:
    if isinstance(said, str):  # as earlier versions wrote it
        return Told(said)
    if not isinstance(said, dict) or not isinstance(said.get("fingerprint"), str):
        return None
    at = said.get("at")
    return Told(said["fingerprint"], at if isinstance(at, int | float) else None)
