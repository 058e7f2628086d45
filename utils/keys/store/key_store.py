"""Secrets by name, sealed where they lie. A wrong or lost master key is an error and never an overwrite."""

import datetime
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from utils.errors import KeyStoreError

from .document import FORMAT, Document, Sealed, read_document, with_secret, without_secret, written
from .master import Master, MasterKeys
from .sealing import SealBroken, Sealer
from .vaults import Vault

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Contents:
    """What was in the store at one moment."""

    values: Mapping[str, str] = field(repr=False, default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)
    """When each was last set, in ISO 8601, UTC."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """What keeps single secrets from being read, as a sentence, by their names."""


class KeyStore:
    """One store."""

    def __init__(self, vault: Vault, masters: MasterKeys) -> None:
        self.vault = vault
        self.masters = masters

    def read(self) -> Contents:
        """Everything in it; nothing when there is no store. Raises `KeyStoreError` when it cannot be opened."""
        raw = self.vault.read()
        if raw is None:
            return Contents()
        document = read_document(raw, self.vault.where)
        return self._opened(document, self.masters.opening(document, self.vault.where))

    def check_name(self, name: str) -> None:
        """Raise `KeyStoreError` when this cannot be the name of a variable."""
        if not _NAME.fullmatch(name):
            raise KeyStoreError("a name is made of letters, digits and underscores, such as OPENAI_API_KEY.")

    def set(self, name: str, value: str) -> None:
        """Keep the value under this name. The first one makes the store, and the master key where there is none."""
        self.check_name(name)

        def step(document: Document, sealer: Sealer) -> Document:
            changed = _now()
            return with_secret(document, name, Sealed(sealer.seal(value, _about(name, changed)), changed))

        with self.masters.held():
            self._change(step)

    def delete(self, name: str) -> bool:
        """Forget the secret of that name. Says whether there was one."""
        if self.vault.read() is None:
            return False
        found = False

        def step(document: Document, sealer: Sealer) -> Document:
            nonlocal found
            found = name in document.secrets
            return without_secret(document, name)

        with self.masters.held():
            self._change(step)
        return found

    def rotate(self, master: Master) -> int:
        """Seal everything anew with this master key. The old one is valid until the end. Gives how many there are."""
        count = 0

        def step(document: Document, sealer: Sealer) -> Document:
            nonlocal count
            count = len(document.secrets)
            return self._sealed_anew(document, sealer, master)

        with self.masters.held():
            raw = self.vault.read()
            if raw is None:
                raise KeyStoreError(f"there is no store at {self.vault.where}: nothing to seal anew.")
            document = read_document(raw, self.vault.where)
            self.masters.settle(document)
            # What cannot be sealed anew should be known before a second master key lies about.
            self._all_opened(document, self.masters.opening(document, self.vault.where))
            self.masters.prepare_next(master)
            self._change(step)
        return count

    def _change(self, step: Callable[[Document, Sealer], Document]) -> None:
        """Read, check, change and write, while nobody else does."""
        after: Document | None = None

        def changed(raw: bytes | None) -> bytes:
            nonlocal after
            document = self._new_document() if raw is None else read_document(raw, self.vault.where)
            sealer = self.masters.opening(document, self.vault.where)
            after = step(document, sealer)
            return written(after)

        self.vault.change(changed)
        if after is not None:
            self.masters.settle(after)

    def _new_document(self) -> Document:
        document = Document(FORMAT, os.urandom(16).hex(), os.urandom(16).hex(), "", {})
        sealer = self.masters.first().sealer(document.store_id, document.salt)
        return msgspec.structs.replace(document, check=sealer.check)

    def _sealed_anew(self, document: Document, sealer: Sealer, master: Master) -> Document:
        contents = self._all_opened(document, sealer)
        salt = os.urandom(16).hex()
        fresh = master.sealer(document.store_id, salt)
        secrets = {
            name: Sealed(fresh.seal(value, _about(name, contents.changed[name])), contents.changed[name])
            for name, value in contents.values.items()
        }
        return msgspec.structs.replace(document, salt=salt, check=fresh.check, secrets=secrets)

    def _all_opened(self, document: Document, sealer: Sealer) -> Contents:
        contents = self._opened(document, sealer)
        if contents.troubles:
            raise KeyStoreError(f"nothing was changed: {'; '.join(contents.troubles.values())}")
        return contents

    def _opened(self, document: Document, sealer: Sealer) -> Contents:
        values, troubles = {}, {}
        for name, secret in document.secrets.items():
            try:
                values[name] = sealer.open(secret.sealed, _about(name, secret.changed))
            except SealBroken as exc:
                hint = "set it again, or delete it"
                troubles[name] = f"{name} in {self.vault.where} cannot be opened: {exc}; {hint}."
        return Contents(values, {name: secret.changed for name, secret in document.secrets.items()}, troubles)


def _about(name: str, changed: str) -> str:
    return f"{name}\0{changed}"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
