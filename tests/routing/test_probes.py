"""Providers are looked after while nobody asks them anything. Hours of it, in simulated time."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from tests.routing.scripted import Scripted, saying
from tests.virtual_time import run
from utils.chat import ChatRequest, ModelInfo
from utils.errors import KeyRefused, RateLimited, Unreachable
from utils.providers import Kind, ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry
from utils.routing import Board, Lane, Probes

MINUTE = 60.0


class Upstream:
    """A provider that answers, or fails in the way that it is told."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.hangs = False
        self.asked_at: list[float] = []
        self.requests: list[ChatRequest] = []

    def stream(self, request: ChatRequest) -> Any:
        self.asked_at.append(asyncio.get_running_loop().time())
        self.requests.append(request)
        if self.hangs:
            return Scripted(1e6).stream(request)
        return (Scripted(self.failure) if self.failure else saying("H")).stream(request)

    async def models(self) -> tuple[ModelInfo, ...]:
        self.asked_at.append(asyncio.get_running_loop().time())
        if self.hangs:
            await asyncio.sleep(1e6)
        if self.failure:
            raise self.failure
        return (ModelInfo("m"),)


class World:
    def __init__(self, **entry: Any) -> None:
        self.upstream = Upstream()
        self.kinds = {"scripted": Kind(lambda config, parts: self.upstream)}
        self.pool = self.pool_of(**entry)
        self.board = Board(lambda: asyncio.get_running_loop().time())
        self.probes = Probes(self.board, random.Random(7))

    def pool_of(self, **entry: Any) -> ProviderPool:
        config = ProviderConfig.model_validate({"name": "p", "kind": "scripted", "models": ["m"], **entry})
        pool = ProviderPool(ProviderRegistry([config]), kinds=self.kinds)
        pool.get("p").made()  # type: ignore[attr-defined]  # what is made in a thread takes real time
        return pool

    @property
    def lane(self) -> Lane:
        return self.board.lane("p", "m")

    async def look_after(self, seconds: float) -> None:
        self.probes.look_after(self.pool)
        await asyncio.sleep(seconds)


def in_world(by: str, story: Callable[[World], Coroutine[Any, Any, None]], every: str = "5m", **entry: Any) -> World:
    """The world as the story leaves it."""

    async def told() -> World:
        world = World(health_check={"every": every, "by": by}, **entry)
        try:
            await story(world)
        finally:
            await world.probes.aclose()
        return world

    return run(told())


BOTH = pytest.mark.parametrize("by", ["models", "answer"])


@BOTH
def test_a_provider_is_asked_about_as_often_as_its_entry_says_and_never_in_step(by):
    world = in_world(by, lambda world: world.look_after(100 * MINUTE))

    rounds = [later - earlier for earlier, later in pairwise(world.upstream.asked_at)]
    assert 18 <= len(rounds) + 1 <= 22
    assert all(4.4 * MINUTE < each < 5.6 * MINUTE for each in rounds)
    assert len(set(rounds)) > 10


def test_an_answer_is_one_token_of_the_default_model():
    world = in_world("answer", lambda world: world.look_after(6 * MINUTE))

    request = world.upstream.requests[0]
    assert (request.model, request.max_tokens, request.origin.door) == ("m", 1, "probe")


@BOTH
def test_one_that_fails_is_shut_before_anybody_asks_it(by):
    async def story(world: World) -> None:
        world.upstream.failure = Unreachable("no", provider="p")
        await world.look_after(MINUTE)
        assert world.lane.breaker.state in {"open", "half-open"}

    in_world(by, story, every="5s")


@BOTH
def test_one_that_is_well_again_is_open_to_all_again(by):
    async def story(world: World) -> None:
        world.upstream.failure = Unreachable("no", provider="p")
        await world.look_after(MINUTE)
        assert world.lane.breaker.reason == "it failed again when it was tried"
        world.upstream.failure = None
        await asyncio.sleep(5 * MINUTE)
        assert world.lane.breaker.state == "closed"

    in_world(by, story, every="5s")


@BOTH
@pytest.mark.parametrize(
    ("failure", "state"), [(KeyRefused("no"), "closed"), (RateLimited("no", retry_after=600.0), "cooling")]
)
def test_what_is_not_the_providers_fault_shuts_nothing_for_long(by, failure, state):
    async def story(world: World) -> None:
        world.upstream.failure = failure
        await world.look_after(MINUTE)
        assert world.lane.breaker.state == state

    in_world(by, story, every="5s")


@BOTH
def test_one_that_never_answers_is_given_up_and_counts_as_failed(by):
    async def story(world: World) -> None:
        world.upstream.hangs = True
        await world.look_after(20 * MINUTE)
        health = world.lane.health.snapshot()
        assert health.failures["TimedOut"] > 5
        assert health.in_flight <= 1

    in_world(by, story, every="30s")


@BOTH
def test_one_that_its_owner_has_taken_out_is_left_alone(by):
    async def story(world: World) -> None:
        world.lane.breaker.force_open("maintenance")
        await world.look_after(20 * MINUTE)
        assert world.upstream.asked_at == []

    in_world(by, story, every="30s")


def test_one_without_its_key_is_left_alone():
    async def story(world: World) -> None:
        await world.look_after(20 * MINUTE)
        assert world.upstream.asked_at == []

    in_world("answer", story, every="30s", api_key_env="NOBODY_HAS_THIS_API_KEY")


def test_one_whose_places_are_all_taken_is_not_asked_on_top():
    async def story(world: World) -> None:
        gate = world.board.lane("p", "m", None, 1).gate
        assert gate is not None
        async with gate.place("somebody"):
            await world.look_after(5 * MINUTE)
        assert world.upstream.asked_at == []
        assert world.lane.breaker.state == "closed"

    in_world("answer", story, every="30s", max_concurrent=1)


def test_a_mistake_in_the_code_of_a_provider_does_not_end_the_looking():
    async def story(world: World) -> None:
        world.upstream.failure = ZeroDivisionError()
        await world.look_after(10 * MINUTE)
        assert len(world.upstream.asked_at) > 10
        assert world.lane.health.in_flight == 0

    in_world("answer", story, every="30s")


def test_nobody_is_looked_after_when_the_entry_does_not_say_so_any_more():
    async def story(world: World) -> None:
        await world.look_after(10 * MINUTE)
        before = len(world.upstream.asked_at)
        world.pool = world.pool_of()
        await world.look_after(60 * MINUTE)
        assert len(world.upstream.asked_at) == before > 0

    in_world("answer", story)


def test_a_change_elsewhere_leaves_the_rhythm_as_it_is():
    async def story(world: World) -> None:
        for _ in range(60):  # each far shorter than a round
            world.pool = world.pool_of(health_check={"every": "5m", "by": "answer"})
            await world.look_after(MINUTE)

    world = in_world("answer", story)

    assert 10 <= len(world.upstream.asked_at) <= 14


def test_nobody_is_looked_after_when_the_server_has_stopped():
    async def story(world: World) -> None:
        await world.look_after(7 * MINUTE)
        await world.probes.aclose()
        before = len(world.upstream.asked_at)
        await asyncio.sleep(60 * MINUTE)
        assert len(world.upstream.asked_at) == before

    in_world("models", story)
