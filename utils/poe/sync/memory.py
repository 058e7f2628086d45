"""What Poe was told the last time, in a small file beside the project."""

import contextlib
import json
import os
from pathlib import Path


class SyncedSettings:
    """The fingerprint of each bot's settings at Poe. A file that cannot be read is one that knows nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fingerprints = _read(path)

    def holds(self, bot: str, fingerprint: str) -> bool:
        """Whether these are the settings that Poe was last told."""
        return self._fingerprints.get(bot) == fingerprint

    def remember(self, bot: str, fingerprint: str) -> None:
        """Poe has these settings now. The file is replaced as a whole or not at all; raises `OSError` when not."""
        self._fingerprints[bot] = fingerprint
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            new.write_text(json.dumps(self._fingerprints, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            new.replace(self.path)
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {bot: fingerprint for bot, fingerprint in pairs if isinstance(fingerprint, str)}
