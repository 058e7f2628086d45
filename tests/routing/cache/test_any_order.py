"""Whatever people ask, in whatever order, and whatever the provider does: the promises of the cache hold."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.routing.cache.providers import calls_of, whole
from tests.virtual_time import run
from utils.chat import ChatMessage, ChatRequest, Delta, Image, Origin, ToolCallDelta, Usage
from utils.errors import BrokenStream, Overloaded, ProviderFailure
from utils.routing.cache import AnswerStore, Cached, CacheRules
from utils.routing.cache.answer import Reading, restored
from utils.routing.cache.store import ENTRY_BYTES

TTL_SECONDS = 100.0
MAX_ANSWER_BYTES = 1200
MAX_BYTES = 4 * (ENTRY_BYTES + 600)

ENDS = ("stop", "stop", "stop", "tool_calls", "length", None, "broken", "down")


@dataclass(frozen=True)
class Plan:
    """How the provider answers: how many words with which pauses, and how it ends."""

    words: int
    pause: float
    end: str | None
    restarts: bool


PLANS = st.builds(
    Plan,
    st.integers(0, 8),
    st.sampled_from([0.0, 0.5, 5.0]),
    st.sampled_from(ENDS),
    st.sampled_from([False, False, True]),
)


@dataclass(frozen=True)
class Visit:
    """One who asks: what, from where, and after how many pieces they leave; how long they take for each."""

    question: int
    user: str
    after: float
    patience: int
    slowness: float
    fresh: bool


VISITS = st.builds(
    Visit,
    st.integers(0, 2),
    st.sampled_from(["alice", "bob"]),
    st.sampled_from([0.0, 0.0, 1.0, 7.0, 60.0]),
    st.sampled_from([1, 3, 1000, 1000, 1000]),
    st.sampled_from([0.0, 0.0, 2.0]),
    st.sampled_from([False, False, False, True]),
)


@dataclass
class Given:
    """An answer that the provider gave, or began to give."""

    request: ChatRequest
    said: list[Delta] = field(default_factory=list)
    whole_at: float | None = None
    """When it came to its proper end, if it did."""


class Diary:
    """A provider that writes down every answer that it gives; no two are equal, for each has its number in it."""

    def __init__(self, plans: list[Plan], clock: Callable[[], float]) -> None:
        self.plans = plans
        self.given: list[Given] = []
        self.open = 0
        self._clock = clock

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        number, given = len(self.given), Given(request)
        plan = self.plans[number % len(self.plans)]
        self.given.append(given)
        self.open += 1
        try:
            for delta in _deltas(number, plan):
                await asyncio.sleep(plan.pause)
                given.said.append(delta)
                yield delta
            if plan.end == "broken":
                raise BrokenStream("cut")
            given.whole_at = self._clock() if plan.end in {"stop", "tool_calls"} and plan.words else None
        finally:
            self.open -= 1


def _deltas(number: int, plan: Plan) -> list[Delta]:
    if plan.end == "down":
        raise Overloaded("down")
    kinds = (
        Delta(reasoning="hm ä "),
        Delta("wörd " * (1 + number % 60)),
        Delta(tool_calls=(ToolCallDelta(0, f"id{number}", "f", '{"a"'),)),
        Delta(tool_calls=(ToolCallDelta(0, arguments=":1}"),)),
        Delta(images=(Image(f"data:,{number}"),)),
    )
    deltas = [Delta(f"#{number} "), *(kinds[place % len(kinds)] for place in range(plan.words - 1))][: plan.words]
    if plan.restarts:
        deltas = [Delta("void"), *deltas[:1], Delta(restarts=True), *deltas]
    end = None if plan.end == "broken" else plan.end
    return [*deltas, Delta(finish_reason=end, usage=Usage(number, 1))]


def request_of(visit: Visit) -> ChatRequest:
    origin = Origin("poe", "Poet", visit.user, "c", "m")
    return ChatRequest((ChatMessage("user", f"q{visit.question}"),), origin=origin, fresh=visit.fresh)


class CacheMachine(RuleBasedStateMachine):
    """Rounds of people who come at the same time or one after another; the store stays from round to round."""

    @initialize(plans=st.lists(PLANS, min_size=1, max_size=6))
    def begin(self, plans: list[Plan]) -> None:
        self.now = 0.0
        self.diary = Diary(plans, self._clock)
        self.store = AnswerStore(MAX_BYTES, MAX_ANSWER_BYTES, clock=self._clock)
        self.cache = Cached(self.diary, CacheRules(TTL_SECONDS), self.store, "demo")

    def _clock(self) -> float:
        return self.now + asyncio.get_running_loop().time()

    @rule(visits=st.lists(VISITS, min_size=1, max_size=6))
    def people_come(self, visits: list[Visit]) -> None:
        self.now += run(self._round(visits))

    @rule(seconds=st.sampled_from([1.0, 50.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(plans=st.lists(PLANS, min_size=1, max_size=6))
    def the_provider_changes(self, plans: list[Plan]) -> None:
        self.diary.plans = plans

    async def _round(self, visits: list[Visit]) -> float:
        async with asyncio.TaskGroup() as group:
            for visit in visits:
                group.create_task(self._visit(visit))
        assert self.diary.open == 0
        assert self.store.flights == {}
        assert len(asyncio.all_tasks()) == 1
        return asyncio.get_running_loop().time()

    async def _visit(self, visit: Visit) -> None:
        await asyncio.sleep(visit.after)
        request, came_at, given_before = request_of(visit), self._clock(), len(self.diary.given)
        heard: list[Delta] = []
        try:
            async with aclosing(self.cache.stream(request)) as deltas:
                async for delta in deltas:
                    heard.append(delta)
                    await asyncio.sleep(visit.slowness)
                    if len(heard) >= visit.patience:
                        return
        except ProviderFailure:
            return
        (number,) = (number for number, given in enumerate(self.diary.given) if whole(given.said) == whole(heard))
        self._judge(self.diary.given[number], request, heard, came_at)
        assert number >= given_before or not request.fresh

    def _judge(self, given: Given, request: ChatRequest, heard: list[Delta], came_at: float) -> None:
        """Each hears an answer that was given to this very question; if it was stored, a whole and a young one."""
        assert (given.request.messages, given.request.origin) == (request.messages, request.origin)
        if given.whole_at is not None and given.whole_at < came_at:
            assert came_at - given.whole_at < TTL_SECONDS
            assert {delta.cached for delta in heard} == {True}
            assert not any(delta.restarts for delta in heard)
            assert calls_of(heard) == calls_of(given.said)

    @invariant()
    def all_that_is_stored_is_whole_and_within_bounds(self) -> None:
        if not hasattr(self, "store"):
            return
        data = [entry.data for entry in self.store._entries.values()]
        answers = [whole(list(iter(Reading(restored(each)).next, None))) for each in data]
        proper = [whole(given.said) for given in self.diary.given if given.whole_at is not None]

        assert all(answer in proper for answer in answers)
        assert self.store.bytes == sum(map(len, data)) + ENTRY_BYTES * len(data) <= MAX_BYTES
        assert all(len(each) <= MAX_ANSWER_BYTES for each in data)
        assert sum(map(len, self.store._by_ttl.values())) == self.store.answers


CacheMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
TestTheCacheInAnyOrder = CacheMachine.TestCase
