"""Keys in the environment. On Modal the secret's entries arrive there too."""

import os
import re
from collections.abc import Iterable, Mapping

from utils.errors import KeyMissing

_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])[a-z]*(?:key|token|secret|password|passwd|credential)s?(?:$|[^a-z])|database_url", re.IGNORECASE
)
_COUNTED = re.compile(r"tokens$", re.IGNORECASE)
"""`max_tokens` and its like say how many, not which."""
_SHORTEST_SECRET = 8


def get_api_key(name: str) -> str:
    """The key in the environment variable `name`, as it is now. Raises `KeyMissing` when there is none."""
    key = find_api_key(name)
    if key is None:
        raise KeyMissing(name)
    return key


def find_api_key(name: str) -> str | None:
    """The key in the environment variable `name`, or None. Blanks around it are not part of it."""
    return os.environ.get(name, "").strip() or None


def looks_secret(name: str) -> bool:
    """Whether something of this name should not be shown."""
    return _SECRET_NAME.search(name) is not None and _COUNTED.search(name) is None


def secrets_in(environ: Mapping[str, str]) -> frozenset[str]:
    """The values that must not be seen anywhere: those of variables whose name says that they are secret."""
    return frozenset(
        value.strip()
        for name, value in environ.items()
        if looks_secret(name) and len(value.strip()) >= _SHORTEST_SECRET
    )


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with `***` in place of every secret in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
