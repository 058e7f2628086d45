"""A provider at any address, on an HTTP client that is closed when the test is over."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.serving import serving
from utils.keys import KeyPool, Keyring
from utils.providers.demo.server import demo_app
from utils.providers.http import SharedHttp
from utils.providers.kinds import Parts
from utils.providers.openai_provider import OpenAIProvider
from utils.registry import ProviderConfig

MakeProvider = Callable[..., OpenAIProvider]


@pytest.fixture
async def shared_http() -> AsyncIterator[SharedHttp]:
    http = SharedHttp()
    yield http
    await http.aclose()


@pytest.fixture
def provider_at(shared_http: SharedHttp) -> MakeProvider:
    def make(address: str, **fields: Any) -> OpenAIProvider:
        entry = {"name": "upstream", "api_base": f"{address}/v1", "timeout": 5, **fields}
        config = ProviderConfig.model_validate(entry)
        keys = KeyPool(config.name, config.api_key_env, Keyring())
        return OpenAIProvider(config, Parts(keys, lambda: shared_http))

    return make


@pytest.fixture
def demo() -> Starlette:
    return demo_app()


@pytest.fixture
async def demo_address(demo: Starlette) -> AsyncIterator[str]:
    async with serving(demo) as address:
        yield address
