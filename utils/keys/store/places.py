"""Which store an environment means."""

from collections.abc import Mapping
from functools import lru_cache

from utils.settings import Settings

from .database import DatabaseVault
from .key_store import KeyStore
from .master import MASTER_VARIABLE, MasterKeys
from .reading import StoreReader
from .vaults import FileVault, Vault

VARIABLES = (MASTER_VARIABLE, "DATABASE_URL", "KEYS_STORE", "KEYS_FILE", "KEYS_MASTER_KEY_FILE")
"""What says where the store is and what opens it. The first two are secrets themselves, and so no settings."""


def store_of(environ: Mapping[str, str]) -> KeyStore:
    """The store that these variables mean. Nothing is opened yet."""
    settings = Settings.read({name: environ[name] for name in VARIABLES if name in environ})
    address = environ.get("DATABASE_URL", "").strip()
    vault: Vault = DatabaseVault(address) if settings.keys_store == "database" else FileVault(settings.keys_file)
    return KeyStore(vault, MasterKeys(environ.get(MASTER_VARIABLE, "").strip(), settings.keys_master_key_file))


def reader_of(environ: Mapping[str, str]) -> StoreReader:
    """What reads that store: the same one for the same variables, so that it is read once."""
    return _reader(tuple((name, environ.get(name, "")) for name in VARIABLES))


@lru_cache(maxsize=8)
def _reader(variables: tuple[tuple[str, str], ...]) -> StoreReader:
    return StoreReader(store_of(dict(variables)))
