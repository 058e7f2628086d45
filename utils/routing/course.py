"""One answer on its way through the targets: who is asked, and who has begun to answer."""

import asyncio
from asyncio import CancelledError, Task
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from functools import partial
from math import inf

from utils.chat import ChatRequest, Origin
from utils.errors import ProviderFailure

from .attempt import Attempt
from .lane import Target
from .plan import Plan, Turn
from .policy import Policy
from .takeover import Beginning
from .trace import Trace, Tried
from .watch import Watch

_UNTIL_ANOTHER_TAKES_OVER = 20.0

Record = Callable[[Origin, Tried], None]


def forget(origin: Origin, tried: Tried) -> None:
    """Nobody wants to know."""


Way = Callable[[Target], Beginning]
"""How the answer begins, or goes on, with this target."""


class Course:
    """Begins attempts until one has content, and writes down what came of each."""

    def __init__(
        self, plan: Plan, policy: Policy, trace: Trace, variant: str | None, record: Record, began: Record = forget
    ) -> None:
        """`began` is told of each attempt before its target is asked, and `record` when it is over."""
        self.plan = plan
        self.trace = trace
        self._policy = policy
        self._variant = variant
        self._record = record
        self._began = began
        self._given_up: dict[Task[bool], Attempt] = {}
        """Those that were outrun, while they stop."""

    async def begun(self, request: ChatRequest, way: Way) -> Attempt:
        """An attempt whose beginning is at hand. Raises the failure that is told when nobody answers."""
        while True:
            attempt = self._attempt(await self.plan.next(), request, way)
            if self._policy.hedge_after is None:
                if await self._begins(attempt):
                    return attempt
            elif winner := await self._first_of(attempt, request, way, self._policy.hedge_after):
                return winner

    async def over(self, attempt: Attempt) -> None:
        """Stop what is behind it and write it down, once."""
        if not attempt.is_over:
            try:
                await attempt.close()
            finally:
                self._record(self.trace.origin, attempt.tried)

    async def settled(self) -> None:
        """Return when nothing is under way any more."""
        if not self._given_up:
            return
        async with AsyncExitStack() as stack:
            for attempt in self._given_up.values():
                stack.push_async_callback(self.over, attempt)
            # What they say now is of no interest, but somebody has to take it.
            await asyncio.gather(*self._given_up, return_exceptions=True)

    def failed(self, attempt: Attempt, failure: ProviderFailure) -> None:
        """Take note of a failure. Raises it where nobody can do better."""
        attempt.failed(failure)
        self.plan.failed(attempt.turn, failure)

    def _attempt(self, turn: Turn, request: ChatRequest, way: Way) -> Attempt:
        first_content = self._policy.first_content_timeout
        if first_content is None:
            can_be_taken_over = self.plan.has_alternative(turn.target, _UNTIL_ANOTHER_TAKES_OVER)
            first_content = _UNTIL_ANOTHER_TAKES_OVER if can_be_taken_over else inf
        beginning = way(turn.target)
        watch = Watch(first_content, self._policy.idle_timeout or inf, self.plan.deadline)
        tried = Tried(len(self.trace.tried) + 1, turn.target.name, turn.target.model, turn.lane.key, self._variant)
        self.trace.tried.append(tried)
        began = partial(self._began, self.trace.origin, tried)
        return Attempt(turn, beginning.request(request), beginning, watch, tried, began)

    async def _begins(self, attempt: Attempt) -> bool:
        try:
            await attempt.begin()
        except (Exception, CancelledError) as exc:  # a provider may be a plugin's code
            try:
                self.failed(attempt, attempt.failure_of(exc))
            finally:
                await self.over(attempt)
            return False
        return True

    async def _first_of(self, first: Attempt, request: ChatRequest, way: Way, patience: float) -> Attempt | None:
        """Whichever has content first: this one or, if it takes longer than that, another one beside it.

        Its first words do not wait until the other one has stopped.
        """
        running = {asyncio.create_task(self._begins(first)): first}
        try:
            done, _ = await asyncio.wait(running, timeout=patience)
            if not done and (turn := self.plan.next_at_once()):
                second = self._attempt(turn, request, way)
                running[asyncio.create_task(self._begins(second))] = second
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    attempt = running.pop(task)
                    if task.result():
                        self._outruns(running.values())
                        return attempt
            return None
        finally:
            for task in running:
                task.cancel()
            self._given_up |= running

    def _outruns(self, slower: Iterable[Attempt]) -> None:
        for attempt in slower:
            if not attempt.is_over:  # it may have failed in the same moment
                attempt.tried.outcome = "outrun"
                self.plan.outrun(attempt.turn)
