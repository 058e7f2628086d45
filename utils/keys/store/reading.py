"""The store as the server sees it: read when it is first needed, and again when it may have changed."""

import time
from collections.abc import Callable
from threading import Lock, Thread

import structlog

from utils.errors import KeyStoreError

from .key_store import Contents, KeyStore

_log = structlog.get_logger(__name__)

_FRESH_SECONDS = 60.0
_TROUBLED_SECONDS = 5.0


class StoreReader:
    """Never raises: a store that cannot be read is a `trouble`, and what was read before stays in force.

    A file is looked at again whenever it has changed. A database is far away: it is asked again in the background,
    once a minute while somebody needs it.
    """

    def __init__(self, store: KeyStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._reading = Lock()
        self._seen: object = self  # like no stamp
        self._read_at: float | None = None
        self.loaded = Contents()
        """What was read last, without looking again."""
        self.trouble: str | None = None
        """Why the store could not be read the last time, as a sentence."""

    def contents(self) -> Contents:
        """What is in the store."""
        if self._store.vault.is_near:
            stamp = (self._store.vault.stamp(), self._store.masters.stamp())
            if stamp != self._seen:
                self._read(stamp)
        elif self._read_at is None:
            self._read(None)
        elif self._is_stale() and not self._reading.locked():
            Thread(target=self._read, args=(None,), name="key-store", daemon=True).start()
        return self.loaded

    def _is_stale(self) -> bool:
        age = self._clock() - (self._read_at or 0)
        return age > (_TROUBLED_SECONDS if self.trouble else _FRESH_SECONDS)

    def _read(self, stamp: object) -> None:
        with self._reading:
            if stamp is not None and stamp == self._seen:
                return  # somebody else has read it meanwhile
            if stamp is None and self._read_at is not None and not self._is_stale():
                return
            try:
                self.loaded, self.trouble = self._store.read(), None
            except KeyStoreError as exc:
                self.trouble = str(exc)
                _log.warning("keys.store_unreadable", reason=self.trouble)
            self._seen, self._read_at = stamp, self._clock()
