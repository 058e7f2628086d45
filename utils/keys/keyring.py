"""Where keys are looked up, whoever asks: in the environment first, then in the encrypted store."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from utils.errors import KeyMissing

from .environment import secret_parts, secrets_in
from .key import Key, key_of
from .store import StoreReader, reader_of


class Keyring:
    """Finds keys by name. The store is read when a name is looked up that the environment does not have.

    The variables that say where that store is are read once, and all others whenever they are asked for.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def find(self, name: str) -> Key | None:
        """The key of that name as it is now, or None. Blanks around it are not part of it."""
        value = self._environ.get(name, "").strip() or self._reader.contents().values.get(name, "").strip()
        return key_of(name, value) if value else None

    def get(self, name: str) -> Key:
        """The key of that name. Raises `KeyMissing` when there is none, or when nobody can tell."""
        key = self.find(name)
        if key is None:
            raise KeyMissing(name, why=self.why_missing((name,)))
        return key

    def why_missing(self, names: Iterable[str]) -> str:
        """Why none of these names is found, as a short sentence."""
        names = tuple(names)
        troubles = self._reader.contents().troubles
        why = next((troubles[name] for name in names if name in troubles), self._reader.trouble)
        listed = " or ".join(names)
        return f"{listed} cannot be looked up: {why.rstrip('.')}" if why else f"{listed} is not set"

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the store, in sentences; nothing when it can be read, or when there is none."""
        contents = self._reader.contents()
        return (*((self._reader.trouble,) if self._reader.trouble else ()), *contents.troubles.values())

    def secrets(self) -> frozenset[str]:
        """Every value that must not be seen anywhere, of those that are known by now. Reads no store."""
        return secrets_in(self._environ) | secret_parts(self._reader.loaded.values.values())

    @cached_property
    def _reader(self) -> StoreReader:
        return reader_of(self._environ)


def get_api_key(name: str) -> str:
    """The key of that name, from the environment or the store, as it is now. Raises `KeyMissing` when there is none."""
    key = Keyring().get(name)
    if not key.secret:
        raise KeyMissing(name, why=key.malformed or f"{name} has parts, and none of them is called api_key")
    return key.secret


def find_api_key(name: str) -> str | None:
    """The key of that name, from the environment or the store, or None."""
    key = Keyring().find(name)
    return key.secret or None if key else None


def known_secrets(environ: Mapping[str, str]) -> Callable[[], frozenset[str]]:
    """Gives, whenever it is asked, what must not be seen: the same object until another secret is known."""
    of_environment = secrets_in(environ)
    loaded: object = None
    known = of_environment

    def now() -> frozenset[str]:
        nonlocal loaded, known
        contents = reader_of(environ).loaded
        if contents is not loaded:
            loaded, known = contents, of_environment | secret_parts(contents.values.values())
        return known

    return now
