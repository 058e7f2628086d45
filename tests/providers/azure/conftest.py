"""Azure at an address of this machine."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from utils.chat import ChatProvider
from utils.keys import Keyring
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

AzureAt = Callable[..., ChatProvider]


@pytest.fixture
async def azure_at(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AzureAt]:
    monkeypatch.setenv("MINE_API_KEY", "my-own-key")
    pools: list[ProviderPool] = []

    def make(api_base: str, **fields: Any) -> ChatProvider:
        entry = {"name": "mine", "kind": "azure", "api_base": api_base, "timeout": 5, "default_model": "my-gpt"}
        config = ProviderConfig.model_validate({"api_key_env": "MINE_API_KEY", **entry, **fields})
        pools.append(ProviderPool(ProviderRegistry([config]), Keyring()))
        return pools[-1].get("mine")

    yield make
    for pool in pools:
        await pool.aclose()
