"""Several targets that answer as one: the next one takes over when one fails."""

from asyncio import CancelledError
from collections.abc import AsyncGenerator, Callable, Sequence

from utils.chat import ChatRequest, Delta
from utils.errors import ProviderFailure

from .course import Course, Record, Way, forget
from .lane import Target
from .patience import Patience
from .plan import Plan
from .policy import Policy
from .strategies import InOrder, Strategy
from .takeover import FromNothing, InPlace, WhereItStopped
from .trace import Trace


class Chain:
    """Asks its targets in the order of its strategy until one has answered, within the budget of its policy."""

    def __init__(
        self,
        targets: Sequence[Target],
        policy: Policy | None = None,
        *,
        strategy: Strategy | None = None,
        context_fallback: Target | None = None,
        patience: Patience | None = None,
        record: Record = forget,
        began: Record = forget,
        remember: Callable[[Trace], object] = lambda trace: None,
    ) -> None:
        self.targets = tuple(targets)
        self.policy = policy or Policy()
        self._strategy = strategy or InOrder()
        self._context_fallback = context_fallback
        self._patience = patience or Patience()
        self._record = record
        self._began = began
        self._remember = remember

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer. Raises the failure of the first that was asked when none has answered.

        A delta that `restarts` takes the place of all that came before it.
        """
        targets, variant = self._strategy.order(self.targets, request)
        plan = Plan(targets, self.policy, self._patience, self._context_fallback)
        course = Course(plan, self.policy, Trace(request.origin), variant, self._record, self._began)
        said = _Said() if self.policy.on_break == "continue" else None
        way: Way = _from_nothing
        try:
            while True:
                attempt = await course.begun(request, way)
                try:
                    for delta in attempt.beginning():
                        if said is not None:
                            said.add(delta)
                        yield delta
                    with attempt.watch as watch:
                        async for delta in attempt.deltas:
                            watch.heard(content=delta.has_content)
                            attempt.saw(delta)
                            if said is not None:
                                said.add(delta)
                            yield delta
                            watch.goes_on()
                    attempt.ended()
                    return
                except (Exception, CancelledError) as exc:  # a provider may be a plugin's code
                    failure = attempt.failure_of(exc)
                    if attempt.is_whole_despite(failure):
                        attempt.ended()
                        return
                    course.failed(attempt, failure)
                    way = self._after_break(said, failure, request.can_restart)
                finally:
                    await course.over(attempt)
        finally:
            try:
                await course.settled()
            finally:
                course.trace.paused = plan.paused
                course.trace.log()
                self._remember(course.trace)

    def _after_break(self, said: "_Said | None", failure: ProviderFailure, can_restart: bool) -> Way:
        """How the answer goes on after it broke off. Raises the failure where it does not."""
        if said is not None and said.can_be_continued:
            goes_on, again = WhereItStopped(said.text), InPlace()
            if can_restart:
                return lambda target: goes_on if target.accepts_prefill else again
            if all(target.accepts_prefill for target in self._everybody):
                return lambda target: goes_on
        if self.policy.on_break == "error" or not can_restart:
            raise failure
        return _in_place

    @property
    def _everybody(self) -> Sequence[Target]:
        return self.targets if self._context_fallback is None else (*self.targets, self._context_fallback)


def _from_nothing(target: Target) -> FromNothing:
    return FromNothing()


def _in_place(target: Target) -> InPlace:
    return InPlace()


class _Said:
    """The words so far, for another target to go on from."""

    def __init__(self) -> None:
        self._is_plain = True
        self._words: list[str] = []

    def add(self, delta: Delta) -> None:
        if delta.restarts:
            self._words, self._is_plain = [], True
        self._words.append(delta.text)
        self._is_plain = self._is_plain and not (delta.reasoning or delta.tool_calls or delta.images)

    @property
    def can_be_continued(self) -> bool:
        """Whether there was nothing but words; what looks empty is accepted by nobody as a beginning."""
        return self._is_plain and bool(self.text.strip())

    @property
    def text(self) -> str:
        return "".join(self._words)
