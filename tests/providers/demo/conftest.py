"""A demo server for each test, and the two clients that talk to it."""

from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from starlette.applications import Starlette

from tests.serving import serving
from utils.providers.demo.server import demo_app


@pytest.fixture
def app() -> Starlette:
    return demo_app()


@pytest.fixture
async def base_url(app: Starlette) -> AsyncIterator[str]:
    async with serving(app) as address:
        yield f"{address}/v1"


@pytest.fixture
async def http(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, timeout=5) as client:
        yield client


@pytest.fixture
async def client(base_url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        yield client
