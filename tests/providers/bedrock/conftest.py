"""Bedrock at an address of this machine, with keys that arrive as they do from the keyring."""

from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader

from tests.serving import serving
from utils.keys import KeyPool, Keyring
from utils.providers.bedrock.provider import BedrockProvider
from utils.providers.http import SharedHttp
from utils.providers.kinds import Parts
from utils.registry import ProviderConfig

from .upstream import Aws

KEY = '{"access_key_id": "AKIDMINE", "secret_access_key": "secret-mine", "region": "eu-central-1"}'

_loader_for_all = cache(create_loader)
"""botocore reads megabytes of JSON for each session; the same megabytes will do."""

MakeBedrock = Callable[..., BedrockProvider]


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No AWS configuration of this machine, and no search for one on the network."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("MINE_API_KEY", KEY)
    monkeypatch.setattr(botocore.session, "create_loader", _loader_for_all)


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
async def address(aws: Aws) -> AsyncIterator[str]:
    async with serving(aws.app) as base_url:
        yield base_url


@pytest.fixture
async def bedrock_at() -> AsyncIterator[MakeBedrock]:
    made: list[BedrockProvider] = []

    def make(address: str, **fields: Any) -> BedrockProvider:
        entry = {"name": "bedrock", "kind": "bedrock", "api_base": address, "timeout": 5, **fields}
        config = ProviderConfig.model_validate({"default_model": "nova", "api_key_env": "MINE_API_KEY", **entry})
        keys = KeyPool(config.name, config.api_key_env, Keyring())
        made.append(BedrockProvider(config, Parts(keys, SharedHttp)))
        return made[-1]

    yield make
    for provider in made:
        await provider.aclose()
