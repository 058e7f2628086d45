"""Where an OpenAI-compatible API is asked, how the key is shown there, and what else goes with each request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from utils.keys import Key
from utils.registry import ProviderConfig
from utils.version import VERSION

_WITH_EVERY_REQUEST: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": f"poe-bots/{VERSION}",
}


@dataclass(frozen=True)
class Place:
    """The address that paths such as `/chat/completions` are put behind, and what goes with each request there."""

    address: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    """How the key is shown. The entry's own `headers` win."""
    query: Mapping[str, str] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """The whole address of one path, with the query that the address brings."""
        return _url(self.address, path, tuple(self.query.items()))


@lru_cache
def _url(address: str, path: str, added: tuple[tuple[str, str], ...]) -> str:
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return parts._replace(path=parts.path.rstrip("/") + path, query=query, fragment="").geturl()


PlaceOf = Callable[[ProviderConfig, Key, str | None], Place]
"""The place for this key and this model; the model is None where the question is about none."""

NO_KEY = "no-key-needed"


def bearer(config: ProviderConfig, key: Key, model: str | None = None) -> Place:
    """`api_base` as it stands, with the key as OpenAI wants it."""
    query = {"api-version": config.api_version} if config.api_version else {}
    return Place(config.api_base, {"Authorization": f"Bearer {key.secret or NO_KEY}"}, query)


def headers_for(config: ProviderConfig, place: Place) -> dict[str, str]:
    """The headers of a request. Those of the entry win, and with a word about the key there it is not shown again."""
    headers = dict(_WITH_EVERY_REQUEST)
    if config.organization_id:
        headers["OpenAI-Organization"] = config.organization_id
    named = {name.lower() for name in config.headers}
    if named.isdisjoint(("authorization", *map(str.lower, place.headers))):
        headers |= place.headers
    return {name: value for name, value in headers.items() if name.lower() not in named} | dict(config.headers)
