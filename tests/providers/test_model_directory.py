"""What is known of models: the owner's word, then the provider's, then its profile's."""

import asyncio
from decimal import Decimal

import pytest

from utils.chat import ModelInfo
from utils.errors import KeyRefused, ModelNotFound, ProviderFailure
from utils.providers import ProviderPool
from utils.providers.model_directory import ModelDirectory
from utils.registry import ProviderConfig, ProviderRegistry

ENTRY = {
    "name": "p",
    "api_base": "http://127.0.0.1:9/v1",
    "models": [{"name": "big", "alias": "b", "vision": True, "price": {"input": 1, "output": 2}}, "small"],
}


class Provider:
    """Says what it is told to, and counts how often it is asked."""

    def __init__(self, *models: ModelInfo) -> None:
        self.models = models
        self.failure: ProviderFailure | None = None
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, name: str) -> tuple[ModelInfo, ...]:
        self.asked += 1
        await self.may_answer.wait()
        if self.failure:
            raise self.failure
        return self.models


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def directory_of(provider: Provider, clock: Clock | None = None, **fields: object) -> ModelDirectory:
    registry = ProviderRegistry([ProviderConfig.model_validate({**ENTRY, **fields})])
    return ModelDirectory(registry, provider, clock or Clock())


LIVE = (ModelInfo("big", 100, False, True), ModelInfo("new", 5))


async def test_without_live_nobody_is_asked():
    provider = Provider(*LIVE)

    listing = await directory_of(provider).listing("p")

    assert provider.asked == 0
    assert [model.info.name for model in listing.models] == ["big", "small"]
    assert (listing.live, listing.problem, listing.default_model) == (False, None, "big")


async def test_a_live_list_adds_to_the_entry_and_never_overrules_it():
    listing = await directory_of(Provider(*LIVE)).listing("p", live=True)

    big, small, new = listing.models
    assert big.info == ModelInfo("big", 100, True, True)
    assert (big.alias, big.price and big.price.input) == ("b", Decimal(1))
    assert small.info == ModelInfo("small")
    assert new.info == ModelInfo("new", 5)
    assert listing.live


async def test_what_was_seen_is_known_afterwards_without_asking():
    provider = Provider(*LIVE)
    directory = directory_of(provider)
    before = directory.info("p", "b")

    await directory.listing("p", live=True)

    assert before == ModelInfo("big", None, True)
    assert directory.info("p", "b") == ModelInfo("big", 100, True, True)
    assert directory.info("p", "unheard") == ModelInfo("unheard")
    assert provider.asked == 1


@pytest.mark.parametrize(("name", "listed"), [("llama3.2", "llama3.2:latest"), ("gpt-oss:fastest", "gpt-oss")])
async def test_a_model_is_found_under_the_name_that_its_provider_lists(name, listed):
    directory = directory_of(Provider(ModelInfo(listed, 7)))

    await directory.listing("p", live=True)

    assert directory.info("p", name) == ModelInfo(name, 7)


def test_a_profile_that_takes_no_pictures_says_that_the_model_does_not_see():
    directory = directory_of(Provider(), name="deepseek", models=[])

    assert directory.info("deepseek", "deepseek-v4-pro").vision is False
    assert directory.info("deepseek", "deepseek-flash").vision is None


async def test_many_who_ask_at_once_are_answered_by_one_question():
    provider = Provider(*LIVE)
    provider.may_answer.clear()
    directory = directory_of(provider)
    asking = [asyncio.create_task(directory.listing("p", live=True)) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()

    provider.may_answer.set()
    listings = await asyncio.gather(*asking[1:])

    assert provider.asked == 1
    assert all(listing.live for listing in listings)


async def test_a_list_holds_for_five_minutes_and_a_failure_for_half_a_one():
    provider, clock = Provider(*LIVE), Clock()
    directory = directory_of(provider, clock)
    asked = []

    for time in (0, 299, 301):
        clock.time = time
        await directory.listing("p", live=True)
        asked.append(provider.asked)
    provider.failure = ModelNotFound("no")
    for time in (700, 729, 731):
        clock.time = time
        await directory.listing("p", live=True)
        asked.append(provider.asked)

    assert asked == [1, 1, 2, 3, 3, 4]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (KeyRefused("sk-secret is wrong"), "The provider does not accept the key."),
        (ModelNotFound("<html>"), "The provider lists no models."),
        (ProviderFailure("anything"), "The provider could not list its models."),
    ],
)
async def test_a_failure_is_a_plain_sentence_beside_what_is_configured(failure, sentence):
    provider = Provider()
    provider.failure = failure

    listing = await directory_of(provider).listing("p", live=True)

    assert listing.problem == sentence
    assert [model.info.name for model in listing.models] == ["big", "small"]
    assert not listing.live


async def test_a_pool_says_of_a_kind_without_lists_or_vectors_that_it_has_none():
    pool = ProviderPool(ProviderRegistry([ProviderConfig(name="demo", kind="demo")]))

    listing = await pool.models("demo", live=True)
    with pytest.raises(ModelNotFound, match="make no embeddings"):
        await pool.embed("demo", ["a"])
    await pool.aclose()

    assert listing.problem == "The provider lists no models."
