"""Keys in the environment, and what is secret in it. On Modal the secret's entries arrive there too."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from .key import fields_of

_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])[a-z]*(?:key|token|secret|password|passwd|credential|otlp_header)s?(?:$|[^a-z])|database_url",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(r"tokens$|^keys_(?:store|file)$|_key_file$", re.IGNORECASE)
"""`max_tokens` and its like say how many, not which; KEYS_FILE and its like say where."""
_SHORTEST_SECRET = 8


def looks_secret(name: str) -> bool:
    """Whether something of this name should not be shown."""
    return _SECRET_NAME.search(name) is not None and _NOT_SECRET.search(name) is None


def secrets_in(environ: Mapping[str, str]) -> frozenset[str]:
    """The values that must not be seen anywhere: those of variables whose name says that they are secret."""
    return secret_parts(value for name, value in environ.items() if looks_secret(name))


def secret_parts(values: Iterable[str]) -> frozenset[str]:
    """The values that are long enough to be looked for, and the secret ones among the parts of each."""
    found = set()
    for value in map(str.strip, values):
        parts = fields_of(value) if value.startswith("{") else {}
        found |= {value, *(part for name, part in parts.items() if looks_secret(name)), *_password_in(value)}
    return frozenset(value for value in found if len(value) >= _SHORTEST_SECRET)


def _password_in(value: str) -> set[str]:
    """That of an address such as DATABASE_URL has, as it stands there and as it is meant."""
    found = re.match(r"[a-z0-9+]+://[^/\s:@]*:([^/\s@]+)@", value)
    return {found[1], unquote(found[1])} if found else set()


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with `***` in place of every secret in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
