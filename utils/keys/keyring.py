"""Where keys are looked up, whoever asks."""

import os
from collections.abc import Mapping

from utils.errors import KeyMissing

from .key import Key


class Keyring:
    """Finds keys by name: in the environment, where the entries of a Modal secret are too."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def find(self, name: str) -> Key | None:
        """The key of that name as it is now, or None. Blanks around it are not part of it."""
        secret = self._environ.get(name, "").strip()
        return Key(name, secret) if secret else None

    def get(self, name: str) -> Key:
        """The key of that name. Raises `KeyMissing` when there is none."""
        key = self.find(name)
        if key is None:
            raise KeyMissing(name)
        return key
