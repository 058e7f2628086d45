"""The file with the clients of the HTTP API. It holds hashes of keys, and no key."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from utils.errors import KeyStoreError
from utils.problems import short_path

from .store.files import bytes_in, locked, put

_FORMAT = "poe-bots-clients/1"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may ask the bots and providers of this server."""

    name: str
    """For people; it may stand in a log."""
    sha256: str
    """Of the key, as hex."""
    created: str = ""
    """When, in ISO 8601, UTC."""
    allow: tuple[str, ...] = ()
    """Bots, providers and `provider:model` that it may ask; nothing in it means all."""
    rate_limit: str | None = None
    """How often it may ask, such as `20/minute`."""
    budget: str | None = None
    """How much its answers may cost, such as `5 usd per day; 100000 tokens per month`."""

    def __repr__(self) -> str:
        return f"<Client {self.name}>"

    @property
    def owner(self) -> str:
        """What conversations are kept under: another key is somebody else, also under the same name."""
        return self.sha256[:32]

    def may_ask(self, *names: str) -> bool:
        """Whether one of these names, which all stand for the same, is allowed to it."""
        return not self.allow or any(name in self.allow for name in names)


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    clients: tuple[Client, ...] = ()


class ClientsFile:
    """One file. It is made with the first client."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Client, ...]:
        """Everybody in it; nobody when there is no file. Raises `KeyStoreError` when it cannot be understood."""
        raw = bytes_in(self.path)
        return () if raw is None else self._understood(raw)

    def change(self, step: Callable[[tuple[Client, ...]], tuple[Client, ...]]) -> None:
        """Put others in place of those in it, while nobody else does."""
        with locked(self.path):
            document = {"format": _FORMAT, "clients": msgspec.to_builtins(step(self.read()))}
            put(self.path, json.dumps(document, indent=1).encode() + b"\n")

    def _understood(self, raw: bytes) -> tuple[Client, ...]:
        try:
            document = msgspec.json.decode(raw, type=_Document)
        except (msgspec.DecodeError, ValueError, RecursionError) as exc:
            raise KeyStoreError(
                f"{short_path(self.path)} is damaged: it is no list of clients. Restore it from a copy, or delete it "
                "and create the clients again."
            ) from exc
        if document.format != _FORMAT:
            raise KeyStoreError(f"{short_path(self.path)} was written by another version. Use that one.")
        return document.clients


def is_client_name(name: str) -> bool:
    """Whether this can be the name of a client."""
    return _NAME.fullmatch(name) is not None
