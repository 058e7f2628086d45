"""Who asks AWS: a session of botocore that knows one key, and looks around for others only where none is named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from utils.errors import KeyRefused
from utils.keys import Key

from .settings import BedrockSettings

_SECRET_FIELDS = ("access_key_id", "secret_access_key", "session_token", "api_key")
_ACCESS_KEY_ID = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_WITHOUT_PROFILE = {"profile": (None, None, None, None)}
"""A named key stands alone: a profile that the environment names has nothing to say then."""


@dataclass(frozen=True)
class Given:
    """Stands where botocore looks for credentials and tokens, so that it looks no further."""

    credentials: Any = None
    token: Any = None

    async def load_credentials(self) -> Any:
        """The credentials."""
        return self.credentials

    def load_token(self, **_: Any) -> Any:
        """The token."""
        return self.token


@dataclass(frozen=True)
class Identity:
    """A session, and how its requests are signed: said to botocore, so that the environment does not decide it."""

    session: Any
    signature: str


async def identity_of(key: Key, settings: BedrockSettings, config: Any) -> Identity:
    """The identity behind the key; without one, the first that the settings or the environment name."""
    from aiobotocore.session import AioSession

    parts = parts_of(key)
    session = AioSession(_WITHOUT_PROFILE if key.label else None, profile=None if key.label else settings.profile)
    if region := settings.region or parts.get("region"):
        session.set_config_variable("region", region)
    given = _named(key, parts) if key.label else _around(settings)
    if given is not None:
        _tell(session, given)
    if settings.role:
        if given is not None and given.token is not None:
            raise KeyRefused(f"{key.label} is an API key of Bedrock, with which no role can be assumed")
        await _assume(session, settings, config)
    return Identity(session, "bearer" if given is not None and given.token is not None else "v4")


def parts_of(key: Key) -> Mapping[str, str]:
    """The parts of a structured key, also where they are named as AWS names its variables."""
    return {name.lower().removeprefix("aws_"): value for name, value in key.fields.items()}


def secrets_of(key: Key) -> tuple[str, ...]:
    """What of the key must not be shown."""
    parts = parts_of(key)
    return (key.secret, *(parts[name] for name in _SECRET_FIELDS if name in parts))


def _named(key: Key, parts: Mapping[str, str]) -> Given:
    if key.secret:
        if _ACCESS_KEY_ID.fullmatch(key.secret):
            raise KeyRefused(f"{key.label} holds the id of an access key, which is nothing without its secret")
        return Given(token=_token(key.secret))
    from aiobotocore.credentials import AioCredentials

    if missing := [name for name in ("access_key_id", "secret_access_key") if name not in parts]:
        raise KeyRefused(f"{key.label} has no `{missing[0]}`")
    return Given(AioCredentials(parts["access_key_id"], parts["secret_access_key"], parts.get("session_token")))


def _around(settings: BedrockSettings) -> Given | None:
    """The token for Bedrock that the environment holds. Where it is, nothing else is looked for: that takes seconds."""
    from botocore.utils import get_token_from_environment

    token = None if settings.profile or settings.role else get_token_from_environment("bedrock")
    return Given(token=_token(token)) if token else None


def _token(secret: str) -> Any:
    from botocore.tokens import FrozenAuthToken

    return FrozenAuthToken(secret)


def _tell(session: Any, given: Given) -> None:
    session.register_component("credential_provider", given)
    session.register_component("token_provider", given)


async def _assume(session: Any, settings: BedrockSettings, config: Any) -> None:
    """Sign with what the role is given from now on, fetched anew before it runs out."""
    from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials

    source = await session.get_component("credential_provider").load_credentials()
    if source is None:
        return
    fetcher = AioAssumeRoleCredentialFetcher(
        partial(session.create_client, endpoint_url=settings.sts_endpoint, config=config),
        source,
        settings.role,
        extra_args={"ExternalId": settings.external_id} if settings.external_id else {},
        cache={},
    )
    credentials = AioDeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    await credentials.get_frozen_credentials()
    _tell(session, Given(credentials))
