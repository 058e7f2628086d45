import subprocess
import sys
from typing import Any

import pytest

from tests.serving import serving
from utils.errors import BrokenStream, ProviderFailure
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry

from .asking import answer, drained, question
from .upstreams import WHOLE, Upstream

KEYLESS = {"name": "open", "api_base": "http://models.example/v1"}
NOT_RUNNING = {"name": "local", "api_base": "http://127.0.0.1:9/v1"}
KEYED = {"name": "keyed", "api_base": "http://127.0.0.1:9/v1", "api_key_env": ["ONE_API_KEY", "TWO_API_KEY"]}
DEMO = {"name": "demo", "kind": "demo"}
UNKNOWN = {"name": "cloud", "kind": "telepathy"}


@pytest.fixture
async def pool_of():
    pools: list[ProviderPool] = []

    def make(*entries: dict[str, Any]) -> ProviderPool:
        pools.append(ProviderPool(ProviderRegistry(ProviderConfig.model_validate(entry) for entry in entries)))
        return pools[-1]

    yield make
    for pool in pools:
        await pool.aclose()


def test_the_same_name_is_the_same_provider(pool_of):
    pool = pool_of(KEYLESS, KEYED)

    assert pool.get("open") is pool.get("open")
    assert pool.get("open") is not pool.get("keyed")


def test_a_name_that_nobody_has_is_an_error(pool_of):
    with pytest.raises(KeyError):
        pool_of(KEYLESS).get("other")


async def test_all_providers_share_one_client(pool_of):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        pool = pool_of(*({"name": name, "api_base": f"{address}/{name}"} for name in "abc"))
        for name in "abc":
            await answer(pool.get(name))

    assert [request.url.path for request in upstream.requests] == [f"/{name}/chat/completions" for name in "abc"]
    assert len({request.client for request in upstream.requests}) == 1


@pytest.mark.parametrize(
    ("entry", "environment", "reason"),
    [
        (KEYLESS, {}, None),
        (NOT_RUNNING, {}, "nothing listens at http://127.0.0.1:9"),
        (DEMO, {}, None),
        (KEYED, {}, "ONE_API_KEY or TWO_API_KEY is not set"),
        (KEYED, {"ONE_API_KEY": " "}, "ONE_API_KEY or TWO_API_KEY is not set"),
        (KEYED, {"TWO_API_KEY": "key"}, None),
        (UNKNOWN, {}, "providers of kind `telepathy` are not served by this version"),
    ],
)
def test_what_keeps_a_provider_from_answering_is_known_before(monkeypatch, pool_of, entry, environment, reason):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert pool_of(entry).why_not_ready(entry["name"]) == reason


def test_those_that_can_answer_are_listed_in_the_order_of_the_file(monkeypatch, pool_of):
    pool = pool_of(UNKNOWN, KEYED, DEMO, NOT_RUNNING, KEYLESS)

    before = pool.ready()
    monkeypatch.setenv("ONE_API_KEY", "key")

    assert (before, pool.ready()) == (["demo", "open"], ["keyed", "demo", "open"])


def test_warming_up_fails_nothing_that_has_no_key(pool_of):
    pool_of(UNKNOWN, KEYED, DEMO).warm_up()


async def test_a_warm_pool_answers(pool_of):
    async with serving(Upstream(*WHOLE).app) as address:
        pool = pool_of(DEMO, {"name": "a", "api_base": address})
        pool.warm_up()

        assert await answer(pool.get("a")) == "Hello"


async def test_the_demo_answers_without_a_key(pool_of):
    assert await answer(pool_of(DEMO).get("demo"), "/wait 0 /slow 0 /echo Hi") == "Hi"


async def test_a_closed_pool_can_be_used_again(pool_of):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        pool = pool_of({"name": "a", "api_base": address})
        first = await answer(pool.get("a"))
        await pool.aclose()
        second = await answer(pool.get("a"))

    assert (first, second) == ("Hello", "Hello")
    assert len({request.client for request in upstream.requests}) == 2


async def test_closing_twice_or_unused_is_no_matter(pool_of):
    pool = pool_of(KEYLESS)

    await pool.aclose()
    pool.get("open")
    await pool.aclose()
    await pool.aclose()


async def test_an_answer_under_way_ends_as_broken_when_the_pool_is_closed(demo_address, pool_of):
    pool = pool_of({"name": "a", "api_base": f"{demo_address}/v1"})
    stream = pool.get("a").stream(question("/slow 5 /tokens 500"))
    await anext(stream)

    await pool.aclose()

    with pytest.raises(BrokenStream):
        await drained(stream)


async def test_a_provider_of_a_closed_pool_fails_like_others(demo_address, pool_of):
    pool = pool_of({"name": "a", "api_base": f"{demo_address}/v1"})
    provider = pool.get("a")
    await answer(provider)

    await pool.aclose()

    with pytest.raises(ProviderFailure):
        await answer(provider)


def test_nothing_heavy_is_loaded_before_it_is_needed():
    program = """
import sys
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry
pool = ProviderPool(ProviderRegistry([ProviderConfig(name="a", api_base="http://localhost", api_key_env="A_API_KEY")]))
pool.ready()
pool.warm_up()
assert not {"openai", "httpx2", "aiohttp"} & sys.modules.keys()
"""

    subprocess.run([sys.executable, "-c", program], check=True, env={})
