"""Whatever several questions go through at once, in whatever order, each has one end and nothing is left over."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.routing.scripted import END, QUESTION, now, target
from tests.virtual_time import runner
from utils.chat import ChatRequest, Delta, Origin, Usage
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.routing import Chain, Lane, Policy
from utils.routing.breaker import Breaker, Permit
from utils.routing.gate import Gate
from utils.routing.health import LaneHealth
from utils.routing.trace import Trace, Tried

WORD, THOUGHT, NOTHING, COUNT = "word", "thought", "nothing", "count"
FAILURES = [
    *(RateLimited("x"), RateLimited("x", retry_after=5), RateLimited("x", retry_after=0.0)),
    *(RateLimited("x", retry_after=-1), RateLimited("x", retry_after=1e9), Overloaded("x"), Unreachable("x")),
    *(TimedOut("x"), BrokenStream("x"), EmptyAnswer("x"), KeyMissing("X_KEY"), KeyRefused("x"), ModelNotFound("x")),
    *(ContextTooLong("x"), ContentRefused("x"), RequestRejected("x"), ProviderFailure("x")),
]
_PROBE_SECONDS = 60
_DEADLINE = 120.0

steps = st.one_of(
    st.sampled_from([WORD, WORD, THOUGHT, NOTHING, COUNT]),
    st.sampled_from([0.01, 1.0, 6.0, 25.0, 200.0]),
    st.sampled_from(FAILURES),
)
scripts = st.lists(steps, max_size=5).flatmap(lambda some: st.sampled_from([[*some, END], [WORD, *some, END], some]))


@dataclass
class Asked:
    """One question, what its targets do one after the other, and how it ended."""

    scripts: Sequence[Sequence[object]]
    policy: Policy
    began: float
    times_asked: int = 0
    whole: list[str] = field(default_factory=list)
    """What those targets said that came to their end."""
    text: str = ""
    end: str = ""
    ended: float = 0.0
    trace: Trace | None = None
    records: list[Tried] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None


class Probed(Breaker):
    """Sees to it that there is one probe at a time."""

    def __init__(self) -> None:
        super().__init__(now)
        self._probes: list[Permit] = []

    def admit(self) -> Permit | None:
        was = self.state
        permit = super().admit()
        if permit and was == "half-open":
            known = [each for each in self._probes if each._breaker and permit.at - each.at < _PROBE_SECONDS]
            assert not known, "a second probe"
            self._probes.append(permit)
        return permit


class Told:
    """A provider that does what the question wants."""

    def __init__(self, questions: dict[str, Asked]) -> None:
        self._questions = questions
        self.open = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        asked = self._questions[request.origin.message]
        number = asked.times_asked
        asked.times_asked += 1
        script = asked.scripts[number] if number < len(asked.scripts) else [WORD, END]
        said: list[str] = []
        self.open += 1
        try:
            for at, step in enumerate(script):
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, Exception):
                    raise step
                else:
                    delta = _delta(step, f"<{number}.{at}>")
                    said.append(delta.text)
                    if delta.finish_reason:
                        asked.whole.append("".join(said))
                    yield delta
        finally:
            self.open -= 1


def _delta(step: object, word: str) -> Delta:
    deltas = {
        WORD: Delta(word),
        THOUGHT: Delta(reasoning=word),
        NOTHING: Delta(),
        COUNT: Delta(usage=Usage(1, 1)),
    }
    return deltas[step] if isinstance(step, str) else END


class AnyCourse(RuleBasedStateMachine):
    """Questions come, go and wait; in the end all is accounted for."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = runner()
        self.runner.run(self._set_up())

    async def _set_up(self) -> None:
        self.questions: dict[str, Asked] = {}
        self.provider = Told(self.questions)
        self.gate = Gate(2, 2, now)
        self.lanes = [
            Lane(provider, "m", key, Probed(), LaneHealth(now), gate)
            for provider, key, gate in [
                ("a", "ONE", None),
                ("a", "TWO", None),
                ("b", None, self.gate),
                ("c", None, None),
            ]
        ]
        one, two, b, c = self.lanes
        self.targets = [
            target(self.provider, "a", "m", one, two, accepts_prefill=True),
            target(self.provider, "b", "m", b, accepts_prefill=True, context=1000),
            target(self.provider, "c", "m", c, accepts_prefill=True),
        ]

    @rule(
        scripts=st.lists(scripts, max_size=6),
        on_break=st.sampled_from(["replace", "continue", "error"]),
        retries=st.integers(0, 4),
        hedge_after=st.sampled_from([None, None, 0.5, 5.0]),
        order=st.permutations(range(3)).flatmap(lambda order: st.integers(1, 3).map(lambda count: order[:count])),
    )
    def ask(self, scripts, on_break, retries, hedge_after, order):
        policy = Policy(
            retries, _DEADLINE, first_content_timeout=20, idle_timeout=20, on_break=on_break, hedge_after=hedge_after
        )
        self.runner.run(self._ask(scripts, policy, [self.targets[at] for at in order]))

    async def _ask(self, scripts, policy, targets):
        name = str(len(self.questions))
        asked = self.questions[name] = Asked(scripts, policy, now())
        chain = Chain(
            targets,
            policy,
            record=lambda origin, tried: self.questions[origin.message].records.append(tried),
            remember=lambda trace: setattr(asked, "trace", trace),
        )
        request = msgspec.structs.replace(QUESTION, origin=Origin(message=name, bot=f"bot{len(name) % 2}"))
        asked.task = asyncio.create_task(self._read(chain, request, asked))
        await asyncio.sleep(0)

    async def _read(self, chain, request, asked):
        try:
            async with aclosing(chain.stream(request)) as stream:
                async for delta in stream:
                    asked.text = delta.text if delta.restarts else asked.text + delta.text
            asked.end = "whole"
        except ProviderFailure:
            asked.end = "failed"
        except asyncio.CancelledError:
            asked.end = "left"
            raise
        finally:
            asked.ended = now()

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 7.0, 30.0]))
    def time_goes_by(self, seconds):
        self.runner.run(asyncio.sleep(seconds))

    @precondition(lambda self: self.questions)
    @rule(data=st.data())
    def somebody_leaves(self, data):
        asked = self.questions[data.draw(st.sampled_from(sorted(self.questions)))]
        self.runner.run(self._leave(asked))

    async def _leave(self, asked):
        asked.task.cancel()
        with suppress(asyncio.CancelledError):
            await asked.task
        asked.end = asked.end or "left"

    def teardown(self):
        try:
            self.runner.run(self._all_end())
            for asked in self.questions.values():
                self._has_one_end(asked)
            assert self.provider.open == 0
            assert [lane.health.in_flight for lane in self.lanes] == [0] * len(self.lanes)
            assert [lane.breaker._probe for lane in self.lanes] == [None] * len(self.lanes)
            gate = self.gate.snapshot()
            assert (gate.inside, gate.waiting) == (0, 0)
        finally:
            self.runner.close()

    async def _all_end(self):
        await asyncio.gather(*(asked.task for asked in self.questions.values()), return_exceptions=True)

    def _has_one_end(self, asked: Asked) -> None:
        assert asked.end in ("whole", "failed", "left")
        if asked.end == "whole" and asked.policy.on_break != "continue":
            assert asked.text in asked.whole
        if asked.end == "whole" and asked.policy.on_break == "continue":
            assert any(asked.text.endswith(whole) for whole in asked.whole)
        assert asked.ended - asked.began <= _DEADLINE
        assert asked.times_asked <= len(asked.records)
        if asked.trace is None:
            assert (asked.end, asked.records) == ("left", [])
            return
        tried = asked.trace.tried
        assert sorted(map(id, asked.records)) == sorted(map(id, tried))
        assert sum(each.error not in ("KeyMissing", "Busy") for each in tried) <= 1 + asked.policy.retries
        answered = [each for each in tried if each.outcome == "answered"]
        assert len(answered) == (asked.end == "whole")


TestAnyCourse = AnyCourse.TestCase
TestAnyCourse.settings = settings(max_examples=80, stateful_step_count=15, deadline=None)
