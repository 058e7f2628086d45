"""How a value is sealed: AES-256-GCM under a key that is derived for this store and this purpose.

A seal is opened only under the name for which it was made, in the store in which it was made.
"""

import base64
import binascii
import os
from dataclasses import dataclass, field

FORM = "v1"
"""How the seals of today are made; stands at the beginning of each."""
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The seal was made for something else, or with another key, or it was changed."""


@dataclass(frozen=True)
class Sealer:
    """Seals and opens the values of one store with one master key."""

    root: bytes = field(repr=False)
    """32 bytes, from the master key."""
    store_id: str
    """The name of the store itself: the same value sealed in another store cannot be put here."""

    @property
    def check(self) -> str:
        """What tells whether a master key is the right one, and nothing else about it."""
        return _as_text(self._subkey("check"))

    def seal(self, value: str, about: str) -> str:
        """The value as text that only `open` makes readable. `about` is what it is bound to, such as its name."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._subkey("values")).encrypt(nonce, value.encode(), self._bound_to(about))
        return f"{FORM}.{_as_text(nonce + sealed)}"

    def open(self, sealed: str, about: str) -> str:
        """The value behind the seal. Raises `SealBroken`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        form, _, text = sealed.partition(".")
        if form != FORM:
            raise SealBroken("it is sealed in a form that this version does not know")
        try:
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
            value = AESGCM(self._subkey("values")).decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._bound_to(about)
            )
        except (InvalidTag, binascii.Error, ValueError) as exc:
            raise SealBroken("it was changed, or belongs to another name or store") from exc
        return value.decode()

    def _bound_to(self, about: str) -> bytes:
        return f"{FORM}\0{self.store_id}\0{about}".encode()

    def _subkey(self, purpose: str) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = f"poe-bots keys {FORM} {purpose}".encode()
        return HKDF(SHA256(), length=32, salt=self.store_id.encode(), info=info).derive(self.root)


def _as_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
