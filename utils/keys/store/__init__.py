"""The encrypted store: keys that stand in no variable, in a file or in a table of a database."""

from .key_store import Contents, KeyStore
from .master import MASTER_VARIABLE, Master
from .places import VARIABLES, reader_of, store_of
from .reading import StoreReader

__all__ = ["MASTER_VARIABLE", "VARIABLES", "Contents", "KeyStore", "Master", "StoreReader", "reader_of", "store_of"]
