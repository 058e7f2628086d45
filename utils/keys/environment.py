"""Keys in the environment, and what is secret in it. On Modal the secret's entries arrive there too."""

import re
from collections.abc import Iterable, Iterator, Mapping
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
    named = {name: value for name, value in environ.items() if looks_secret(name)}
    of_headers = (part for name, value in named.items() if "OTLP_HEADERS" in name for part in _values_of_headers(value))
    return secret_parts((*named.values(), *of_headers))


def secret_parts(values: Iterable[str]) -> frozenset[str]:
    """The values that are long enough to be looked for, and the secret ones among the parts of each."""
    found = set()
    for value in map(str.strip, values):
        parts = fields_of(value) if value.startswith("{") else {}
        found |= {value, *(part for name, part in parts.items() if looks_secret(name)), *_password_in(value)}
    return frozenset(value for value in found if len(value) >= _SHORTEST_SECRET)


def _values_of_headers(text: str) -> Iterator[str]:
    """Those of `authorization=Bearer%20abc,x-team=def`, as they stand there and as they are meant."""
    for header in text.split(","):
        value = header.partition("=")[2].strip()
        yield from (value, unquote(value), unquote(value).rpartition(" ")[2])


def _password_in(value: str) -> set[str]:
    """That of an address such as DATABASE_URL has, as it stands there and as it is meant."""
    found = re.match(r"[a-z0-9+]+://[^/\s:@]*:([^/\s@]+)@", value)
    return {found[1], unquote(found[1])} if found else set()


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with `***` in place of every secret in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
