"""The clients of the HTTP API: who they are, what each may ask, and how a key tells them apart.

Of a key only its SHA-256 is kept, in a file that `config_manager.py keys create-client` writes. API_KEYS may name
clients too, for servers that have no such file: `name:<SHA-256 as hex>`, `name:key` or just a key, with commas between.
Behind a hash may stand what the client may spend: `name:<SHA-256 as hex>; 5 usd per day`.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from utils.errors import KeyStoreError

from .clients_file import Client, ClientsFile, is_client_name
from .keyring import Keyring
from .store.files import stamp_of

KEYS_NAME = "API_KEYS"
_SHORTEST_KEY = 16
_HASH = re.compile(r"[0-9a-f]{64}")
_WITH_BUDGET = re.compile(r"([^:;]+:\s*[0-9a-fA-F]{64})\s*;(.*)")
_A_CLIENT = f"write `name:` and the SHA-256 of a key, or a key of at least {_SHORTEST_KEY} characters."
_A_BUDGET = "a budget goes behind the SHA-256 of a key, as in `name:<SHA-256>; 5 usd per day`."


class ClientKeys:
    """Knows the client of a key. What the file or the variable says is in force at once."""

    def __init__(self, file: Path, environ: Mapping[str, str] | None = None) -> None:
        self._file = ClientsFile(file)
        self._keyring = Keyring(environ)
        self._stamp: object = None
        self._in_file: tuple[Client, ...] = ()
        self._trouble: str | None = None

    def find(self, key: str) -> Client | None:
        """The client of this key. It takes as long for a wrong key as for a right one."""
        given = hash_of(key)
        found = None
        for client in self.all():
            if hmac.compare_digest(client.sha256, given):
                found = client
        return found

    def all(self) -> tuple[Client, ...]:
        """Every client that can come in."""
        return (*self._read_file(), *self._named()[0])

    @property
    def are_wanted(self) -> bool:
        """Whether somebody has set keys, also where none of them can be used."""
        return bool(self._read_file() or self._trouble or self._value())

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file or the variable, in sentences without a key."""
        self._read_file()
        return (*((self._trouble,) if self._trouble else ()), *self._named()[1])

    def _read_file(self) -> tuple[Client, ...]:
        stamp = stamp_of(self._file.path)
        if stamp != self._stamp:
            self._trouble = None
            try:
                self._in_file = self._file.read()
            except KeyStoreError as exc:
                # Who is in a file that cannot be read is not known, so nobody of it comes in.
                self._in_file, self._trouble = (), str(exc)
            self._stamp = stamp
        return self._in_file

    def _named(self) -> tuple[list[Client], list[str]]:
        clients: list[Client] = []
        problems: list[str] = []
        for number, entry in enumerate(filter(None, map(str.strip, self._value().split(","))), start=1):
            client = client_of(entry, number)
            if client is None:
                what = _A_BUDGET if ";" in entry else _A_CLIENT
                problems.append(f"{KEYS_NAME}: entry {number} cannot be used: {what}")
            else:
                if any(client.name == other.name for other in clients):
                    problems.append(f"{KEYS_NAME}: two entries are called `{client.name}`: nobody can tell them apart.")
                clients.append(client)
        return clients, problems

    def _value(self) -> str:
        key = self._keyring.find(KEYS_NAME)
        return key.secret if key else ""


def client_of(entry: str, number: int) -> Client | None:
    """The client that one entry of API_KEYS means, or None when it means none."""
    limited = _WITH_BUDGET.fullmatch(entry)
    entry, budget = (limited[1], limited[2].strip()) if limited else (entry, None)
    before, colon, after = entry.rpartition(":")
    name, said = (before.strip(), after.strip()) if colon else (f"key{number}", entry)
    if not is_client_name(name):
        return None
    if colon and _HASH.fullmatch(said.lower()):
        return Client(name, said.lower(), budget=budget)
    # Behind a key itself a budget would be taken for a part of the key, and hold for nobody.
    return Client(name, hash_of(said)) if len(said) >= _SHORTEST_KEY and ";" not in said else None


def create_client(
    file: Path,
    name: str,
    created: str,
    allow: Iterable[str] = (),
    rate_limit: str | None = None,
    budget: str | None = None,
) -> str:
    """Add a client to the file and give its key, which nobody can find out later. Raises `KeyStoreError`."""
    key = f"pk-{secrets.token_urlsafe(32)}"
    client = Client(name, hash_of(key), created, tuple(allow), rate_limit, budget)

    def with_it(clients: tuple[Client, ...]) -> tuple[Client, ...]:
        if any(each.name == name for each in clients):
            raise KeyStoreError(f"there is a client `{name}` already: revoke it first, or take another name.")
        return (*clients, client)

    ClientsFile(file).change(with_it)
    return key


def revoke_client(file: Path, name: str) -> bool:
    """Take a client out of the file. Says whether it was there."""
    found = False

    def without_it(clients: tuple[Client, ...]) -> tuple[Client, ...]:
        nonlocal found
        kept = tuple(client for client in clients if client.name != name)
        found = len(kept) < len(clients)
        return kept

    if ClientsFile(file).read():
        ClientsFile(file).change(without_it)
    return found


def hash_of(key: str) -> str:
    """What is kept of a key. It is long and random, so that nothing slower is needed."""
    return hashlib.sha256(key.strip().encode("utf-8", "surrogatepass")).hexdigest()


def described(clients: Iterable[Client]) -> Iterator[dict[str, object]]:
    """What may be shown of clients: everything but the hashes."""
    for client in clients:
        yield {name: value for name, value in msgspec.to_builtins(client).items() if name != "sha256"}
