"""A provider of kind `replicate` at any address."""

from collections.abc import Callable
from typing import Any

import pytest

from utils.keys import KeyPool, Keyring
from utils.providers.http import SharedHttp
from utils.providers.kinds import Parts
from utils.providers.replicate.provider import ReplicateProvider
from utils.registry import ProviderConfig

MakeReplicate = Callable[..., ReplicateProvider]


@pytest.fixture
def replicate_at(shared_http: SharedHttp) -> MakeReplicate:
    def make(api_base: str, **fields: Any) -> ReplicateProvider:
        entry = {
            "name": "replicate",
            "kind": "replicate",
            "api_base": api_base,
            "api_key_env": "REPLICATE_API_TOKEN",
            "default_model": "acme/talker",
            "timeout": 5,
            **fields,
        }
        config = ProviderConfig.model_validate(entry)
        keys = KeyPool(config.name, config.api_key_env, Keyring({"REPLICATE_API_TOKEN": "r8_canary_of_this_test"}))
        return ReplicateProvider(config, Parts(keys, lambda: shared_http))

    return make
