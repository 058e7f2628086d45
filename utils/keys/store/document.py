"""The store as it is written down: a header, and each secret under its name, sealed. Nothing in it is readable."""

import json
import re

import msgspec

from utils.errors import KeyStoreError

FORMAT = "poe-bots-keys/1"
_FORMAT_OF_OTHERS = re.compile(rb'"format"\s*:\s*"poe-bots-keys/(?!1")')


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One secret."""

    sealed: str
    changed: str
    """When it was last set, in ISO 8601, UTC."""


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole store."""

    format: str
    store_id: str
    salt: str
    """For a master key that is a passphrase, as hex."""
    check: str
    """Tells the right master key from a wrong one."""
    secrets: dict[str, Sealed]


def read_document(raw: bytes, where: str) -> Document:
    """The document in these bytes. Raises `KeyStoreError` when they are none."""
    if _FORMAT_OF_OTHERS.search(raw[:200]):
        raise KeyStoreError(f"{where} was written by another version, whose format is not known here. Use that one.")
    try:
        document = msgspec.json.decode(raw, type=Document)
        bytes.fromhex(document.salt)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise KeyStoreError(
            f"{where} is damaged: it is no store of keys. Restore it from a copy, or delete it and set the keys again."
        ) from exc
    if document.format != FORMAT:
        raise KeyStoreError(f"{where} is damaged: its format is not known. Restore it from a copy.")
    return document


def written(document: Document) -> bytes:
    """The bytes of the document, with a line for each secret, in a fixed order."""
    as_it_is = msgspec.to_builtins(document)
    as_it_is["secrets"] = dict(sorted(as_it_is["secrets"].items()))
    return json.dumps(as_it_is, indent=1).encode() + b"\n"


def with_secret(document: Document, name: str, secret: Sealed) -> Document:
    """The document with this secret under that name."""
    return msgspec.structs.replace(document, secrets={**document.secrets, name: secret})


def without_secret(document: Document, name: str) -> Document:
    """The document without the secret of that name."""
    kept = {other: secret for other, secret in document.secrets.items() if other != name}
    return msgspec.structs.replace(document, secrets=kept)
