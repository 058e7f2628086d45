"""The master key: in a variable, or in a file that is made when the first secret is set."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from utils.errors import KeyStoreError
from utils.problems import short_path

from .document import Document
from .files import bytes_in, locked, move, put, remove, stamp_of
from .sealing import Sealer

MASTER_VARIABLE = "KEYS_MASTER_KEY"
_KEY_BYTES = 32
_SHORTEST_PASSPHRASE = 12
# 32 MiB and a tenth of a second: OWASP's floor for scrypt, with r=8 and p=3 instead of a larger n.
_SCRYPT = {"n": 2**15, "r": 8, "p": 3, "maxmem": 2**26}


@dataclass(frozen=True)
class Master:
    """A master key: 32 bytes as base64 or hex, or a passphrase."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "Master":
        """A random one."""
        return cls(base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode())

    def why_unusable(self) -> str | None:
        """What is wrong with it, as the end of a sentence; None when nothing is."""
        if _as_bytes(self.text) is None and len(self.text) < _SHORTEST_PASSPHRASE:
            return f"is too short: 32 bytes as base64 or hex, or a passphrase of {_SHORTEST_PASSPHRASE} letters or more"
        return None

    def sealer(self, store_id: str, salt: str) -> Sealer:
        """What seals and opens with it. A passphrase takes a tenth of a second, on purpose."""
        root = _as_bytes(self.text)
        if root is None:
            root = hashlib.scrypt(self.text.encode(), salt=bytes.fromhex(salt), dklen=_KEY_BYTES, **_SCRYPT)
        return Sealer(root, store_id)


class MasterKeys:
    """Knows where the master key is, and which one opens a document."""

    def __init__(self, given: str | None, file: Path) -> None:
        self._given = Master(given) if given else None
        self.file = file
        """Where it stands when no variable holds it."""
        self._next_file = file.with_name(f"{file.name}.next")
        self._sealers: dict[tuple[Master, str, str], Sealer] = {}

    def __repr__(self) -> str:
        return f"<MasterKeys in {self.where}>"

    @property
    def where(self) -> str:
        """Where the master key is, for a person."""
        return MASTER_VARIABLE if self._given else short_path(self.file)

    @property
    def is_given(self) -> bool:
        """Whether a variable holds it: then it is not ours to change."""
        return self._given is not None

    @property
    def exist(self) -> bool:
        """Whether there is one."""
        return self.is_given or self.file.exists()

    def opening(self, document: Document, where: str) -> Sealer:
        """What opens the document. Raises `KeyStoreError` when the master key is lost or is another's."""
        candidates = self._candidates()
        if not candidates:
            raise KeyStoreError(
                f"the master key of {where} is missing: neither {MASTER_VARIABLE} nor {short_path(self.file)} holds "
                "it. Without it nothing in the store can be read; bring it back, or delete the store and set the keys "
                "again."
            )
        for master in candidates:
            sealer = self._sealer(master, document)
            if _is_for(sealer, document):
                return sealer
        raise KeyStoreError(
            f"the master key in {self.where} is not the one of {where}. Nothing was changed; bring back the one with "
            "which its keys were set."
        )

    def first(self) -> Master:
        """The master key for a store that is about to be made; it is made too where there is none."""
        candidates = self._candidates()
        if candidates:
            return candidates[0]
        master = Master.new()
        put(self.file, master.text.encode() + b"\n")
        return master

    # A rotation has three steps, and the store can be opened after each: the next master key is written beside the
    # old one, the store is sealed anew, the next one takes the place of the old one.

    def prepare_next(self, master: Master) -> None:
        """Keep the master key that comes next beside the one that is still in force."""
        if not self.is_given:
            put(self._next_file, master.text.encode() + b"\n")

    def settle(self, document: Document) -> None:
        """Finish a rotation, or one that was cut off: the master key that opens the document is the one that stays."""
        if self.is_given or (master := _master_in(self._next_file)) is None:
            return
        if _is_for(self._sealer(master, document), document):
            move(self._next_file, self.file)
        else:
            remove(self._next_file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else on this machine makes, changes or relies on the file with the master key meanwhile."""
        if self.is_given:
            yield
            return
        with locked(self.file):
            yield

    def stamp(self) -> object:
        """Differs when the master key may have changed. Quick."""
        return None if self.is_given else (stamp_of(self.file), stamp_of(self._next_file))

    def _candidates(self) -> list[Master]:
        if self._given is not None:
            if wrong := self._given.why_unusable():
                raise KeyStoreError(f"{MASTER_VARIABLE} {wrong}.")
            return [self._given]
        return [master for file in (self.file, self._next_file) if (master := _master_in(file))]

    def _sealer(self, master: Master, document: Document) -> Sealer:
        known = (master, document.store_id, document.salt)
        if known not in self._sealers:
            self._sealers = {**dict(list(self._sealers.items())[-3:]), known: master.sealer(*known[1:])}
        return self._sealers[known]


def _is_for(sealer: Sealer, document: Document) -> bool:
    # As bytes: texts are compared in constant time only where they are ASCII, and a damaged file may hold anything.
    return hmac.compare_digest(sealer.check.encode(), document.check.encode())


def _master_in(file: Path) -> Master | None:
    content = bytes_in(file)
    if content is None:
        return None
    text = content.decode("utf-8", "replace").strip()
    master = Master(text)
    if master.why_unusable():
        raise KeyStoreError(f"{short_path(file)} is damaged: it holds no master key. Restore it from a copy.")
    return master


def _as_bytes(text: str) -> bytes | None:
    """The 32 bytes that are written there as hex or base64, or None: then it is a passphrase."""
    if len(text) == 2 * _KEY_BYTES:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return None
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _KEY_BYTES else None
