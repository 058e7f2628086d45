"""One answer on its way through the targets: who is asked, and who has begun to answer."""

import asyncio
from collections.abc import Callable, Iterable
from math import inf

from utils.chat import ChatRequest, Origin
from utils.errors import ProviderFailure

from .attempt import Attempt
from .plan import Plan, Turn
from .policy import Policy
from .takeover import Beginning
from .trace import Trace, Tried
from .watch import Watch

_UNTIL_ANOTHER_TAKES_OVER = 20.0

Record = Callable[[Origin, Tried], None]


class Course:
    """Begins attempts until one has content, and writes down what came of each."""

    def __init__(self, plan: Plan, policy: Policy, trace: Trace, variant: str | None, record: Record) -> None:
        self.plan = plan
        self.trace = trace
        self._policy = policy
        self._variant = variant
        self._record = record

    async def begun(self, request: ChatRequest, beginning: Beginning) -> Attempt:
        """An attempt whose beginning is at hand. Raises the failure that is told when nobody answers."""
        request = beginning.request(request)
        while True:
            attempt = self._attempt(await self.plan.next(), request, beginning)
            if self._policy.hedge_after is None:
                if await self._begins(attempt):
                    return attempt
            elif winner := await self._first_of(attempt, request, beginning, self._policy.hedge_after):
                return winner

    async def over(self, attempt: Attempt) -> None:
        """Stop what is behind it and write it down, once."""
        if not attempt.is_over:
            await attempt.close()
            self._record(self.trace.origin, attempt.tried)

    def failed(self, attempt: Attempt, failure: ProviderFailure) -> None:
        """Take note of a failure. Raises it where nobody can do better."""
        attempt.failed(failure)
        self.plan.failed(attempt.turn, failure)

    def _attempt(self, turn: Turn, request: ChatRequest, beginning: Beginning) -> Attempt:
        first_content = self._policy.first_content_timeout
        if first_content is None:
            first_content = _UNTIL_ANOTHER_TAKES_OVER if self.plan.has_alternative else inf
        watch = Watch(first_content, self._policy.idle_timeout or inf, self.plan.deadline)
        tried = Tried(len(self.trace.tried) + 1, turn.target.name, turn.target.model, turn.lane.key, self._variant)
        self.trace.tried.append(tried)
        return Attempt(turn, request, beginning, watch, tried)

    async def _begins(self, attempt: Attempt) -> bool:
        try:
            await attempt.begin()
        except ProviderFailure as failure:
            try:
                self.failed(attempt, failure)
            finally:
                await self.over(attempt)
            return False
        except BaseException:
            await self.over(attempt)
            raise
        return True

    async def _first_of(
        self, first: Attempt, request: ChatRequest, beginning: Beginning, patience: float
    ) -> Attempt | None:
        """Whichever has content first: this one or, if it takes longer than that, another one beside it."""
        running = {asyncio.create_task(self._begins(first)): first}
        try:
            done, _ = await asyncio.wait(running, timeout=patience)
            if not done and (turn := self.plan.next_at_once()):
                second = self._attempt(turn, request, beginning)
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
            await asyncio.gather(*running, return_exceptions=True)
            for attempt in running.values():
                await self.over(attempt)

    def _outruns(self, slower: Iterable[Attempt]) -> None:
        for attempt in slower:
            attempt.tried.outcome = "outrun"
            self.plan.outrun(attempt.turn)
