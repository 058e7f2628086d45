"""Azure OpenAI: OpenAI's own API at other addresses.

Below `…/openai/v1` it is the same in everything. The older surface has a date in each request, the key in a header of
its own, and the deployment, which takes the place of the model, in the path.
"""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from utils.errors import RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from .place import Place, bearer

LAST_DATED_VERSION = "2024-10-21"
"""The last one that is generally available: what came after it came to `/openai/v1`."""

_EXAMPLE = "https://NAME.openai.azure.com/openai/v1"


def azure(config: ProviderConfig, key: Key, model: str | None) -> Place:
    """The place for this key, which may bring its own `endpoint` and `api_version`; what it brings wins."""
    address = (key.fields.get("endpoint") or config.api_base).rstrip("/")
    if not address:
        raise RequestRejected(f"neither `api_base` nor the `endpoint` of {key.label} is set", provider=config.name)
    if is_v1(address):
        return Place(address, bearer(config, key).headers)
    root = f"{address.removesuffix('/openai')}/openai"
    return Place(
        f"{root}/deployments/{quote(model, safe='')}" if model else root,
        _shown(key),
        {"api-version": key.fields.get("api_version") or config.api_version or LAST_DATED_VERSION},
    )


def is_v1(address: str) -> bool:
    """Whether this is the surface without dates."""
    return urlsplit(address).path.rstrip("/").endswith("/v1")


def wrong_settings(config: ProviderConfig) -> str | None:
    """What is wrong with the entry, as a sentence."""
    return next(_wrong(config), None)


def _wrong(config: ProviderConfig) -> Iterator[str]:
    parts = urlsplit(config.api_base)
    if not config.api_base and not config.api_key_env:
        yield f"`api_base` is missing: it says where your resource is, such as {_EXAMPLE}"
    if "/deployments/" in parts.path or parts.query:
        yield f"`api_base` should end before the deployment, which is the `model`, such as {_EXAMPLE}"
    if config.api_version and is_v1(config.api_base):
        yield "`api_version` has no meaning where `api_base` ends in /v1; remove one of the two"
    if config.settings:
        yield f"`{next(iter(config.settings))}` is not a known key of `settings`: Azure has none"


def _shown(key: Key) -> dict[str, str]:
    # A token of Entra is no key: it goes where tokens go.
    if key.secret.startswith("eyJ"):
        return {"Authorization": f"Bearer {key.secret}"}
    return {"api-key": key.secret} if key.secret else {}
