"""Which profile an entry of `providers.yaml` has, and what of it holds for one model."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from utils.registry import Profile, ProfileName, ProviderConfig

from .table import TABLE

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "::1", "host.docker.internal"))  # noqa: S104  read, not bound

_BY_KIND: Mapping[str, ProfileName] = {"azure": "azure", "bedrock": "bedrock", "replicate": "replicate"}
"""Kinds that are one vendor's: what is asked in that way has its peculiarities, whatever it is called."""


def profile_of(config: ProviderConfig, model: str | None = None) -> Profile:
    """How the provider wants to be asked for this model, by its own name. What the entry says wins over the table."""
    row = TABLE[known_as(config)].profile
    own = config.profile_overrides or Profile()
    profile = _for_model(own, model, base=_for_model(row, model, base=row).with_all_of(own))
    return profile if config.images is None else profile.model_copy(update={"images": config.images})


def known_as(config: ProviderConfig) -> ProfileName:
    """The row that the entry names, else that of a kind of its own, of its name, of its host, else neutral."""
    own = _BY_KIND.get(config.kind)
    return config.profile or own or by_name(config.name) or _by_host(config.api_base) or "neutral"


def _for_model(rules: Profile, model: str | None, *, base: Profile) -> Profile:
    for pattern, difference in rules.models.items() if model else ():
        if fnmatchcase(str(model).lower(), pattern.lower()):
            base = base.with_all_of(difference)
    return base


def by_name(name: str) -> ProfileName | None:
    """The row that goes by this name, however it is written."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return next((known for known, row in TABLE.items() if plain == known or plain in row.names), None)


def _by_host(address: str) -> ProfileName | None:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host in _LOOPBACK:
        host = f"localhost:{parts.port}"
    return next((known for known, row in TABLE.items() if any(fnmatchcase(host, each) for each in row.hosts)), None)
