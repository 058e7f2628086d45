"""Where an OpenAI-compatible API is asked, and how the key is shown there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from utils.keys import Key
from utils.registry import ProviderConfig


@dataclass(frozen=True)
class Place:
    """The address that paths such as `/chat/completions` are put behind, and what goes with each request there."""

    address: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    """How the key is shown. The entry's own `headers` win."""
    query: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """The whole address of one path, with the query that the address brings."""
        parts = urlsplit(self.address)
        return parts._replace(path=parts.path.rstrip("/") + path, fragment="").geturl()


PlaceOf = Callable[[ProviderConfig, Key, str | None], Place]
"""The place for this key and this model; the model is None where the question is about none."""

NO_KEY = "no-key-needed"


def bearer(config: ProviderConfig, key: Key, model: str | None = None) -> Place:
    """`api_base` as it stands, with the key as OpenAI wants it."""
    return Place(config.api_base, {"Authorization": f"Bearer {key.secret or NO_KEY}"})
