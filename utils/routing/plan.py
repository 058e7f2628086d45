"""Whom to ask next for one answer, within its budget."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from utils.errors import ContextTooLong, Overloaded, ProviderFailure

from .breaker import Permit
from .lane import Lane, Target
from .patience import Patience
from .policy import Policy
from .verdict import Verdict, verdict_on


class Turn(NamedTuple):
    """Somebody who may be asked now."""

    target: Target
    lane: Lane
    permit: Permit


class _Way(NamedTuple):
    target: Target
    lane: Lane


class _Again(NamedTuple):
    way: _Way
    due: float


class Plan:
    """The targets of one answer in their order. Each way is tried once; then those where a second time may help.

    There are `policy.retries` further attempts in all. An attempt for which nothing could be sent, because a key is
    missing, is none.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        policy: Policy,
        patience: Patience,
        context_fallback: Target | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._policy = policy
        self._patience = patience
        self._context_fallback = context_fallback
        self._untried = [way for target in targets for way in _ways(target)]
        self._again: list[_Again] = []
        self._asked = 0
        self._failures: list[ProviderFailure] = []
        self.deadline = self._loop.time() + policy.deadline
        self.paused = 0.0

    def has_alternative(self, target: Target, after: float) -> bool:
        """Whether somebody could be asked after so many seconds for whom the silence of this target means nothing."""
        others = (way.lane.breaker for way in self._untried if way.target is not target)
        return self._asked <= self._policy.retries and any(breaker.admits(after) for breaker in others)

    async def next(self) -> Turn:
        """Who is asked now, after a pause if need be. Raises the first failure when there is nobody left."""
        if self._has_budget:
            if turn := self.next_at_once():
                return turn
            if self._again and (turn := await self._once_more()):
                return turn
            if turn := self._soonest():
                return turn
        raise self.failure

    def next_at_once(self) -> Turn | None:
        """Somebody who was not asked yet and can be now."""
        if not self._has_budget:
            return None
        for number, way in enumerate(self._untried):
            if permit := way.lane.breaker.admit():
                del self._untried[number]
                return self._turn(way, permit)
        return None

    def failed(self, turn: Turn, failure: ProviderFailure) -> None:
        """Take note of it. Raises the failure where nobody can do better."""
        verdict = verdict_on(failure, refusal_falls_back=self._policy.refusal_falls_back)
        self._asked -= not verdict.was_asked
        self._failures.append(failure)
        if not verdict.other_target:
            raise failure
        if isinstance(failure, ContextTooLong):
            self._look_for_room(turn.target)
        self._set_aside(turn, failure, verdict)

    def outrun(self, turn: Turn) -> None:
        """Somebody else was quicker; it can still take over when that one breaks off."""
        self._untried.insert(0, _Way(turn.target, turn.lane))

    @property
    def failure(self) -> ProviderFailure:
        """What is told when nobody has answered: why the first of those who were asked has failed."""
        asked = [failure for failure in self._failures if verdict_on(failure).was_asked]
        return next(iter(asked or self._failures), None) or Overloaded("every target has been taken out")

    @property
    def _has_budget(self) -> bool:
        return self._asked <= self._policy.retries and self._loop.time() < self.deadline

    def _turn(self, way: _Way, permit: Permit) -> Turn:
        self._asked += 1
        return Turn(way.target, way.lane, permit)

    def _set_aside(self, turn: Turn, failure: ProviderFailure, verdict: Verdict) -> None:
        """Only where it was a question of the key are other keys asked next; else they are no better than the same."""
        pause = self._patience.pause(len(self._failures), failure.retry_after) if verdict.same else None
        if pause is not None:
            self._again.append(_Again(_Way(turn.target, turn.lane), self._loop.time() + pause))
        if not verdict.other_key:
            of_target = [way for way in self._untried if way.target is turn.target]
            self._untried = [way for way in self._untried if way.target is not turn.target]
            if pause is None:
                self._again = [again for again in self._again if again.way.target is not turn.target]
            else:
                self._again += [_Again(way, self._loop.time() + pause) for way in of_target]

    def _look_for_room(self, full: Target) -> None:
        """Leave out those that are known to read no more than the one that was too small."""
        self._untried = [way for way in self._untried if _reads_more(way.target, full)]
        self._again = [again for again in self._again if _reads_more(again.way.target, full)]
        if self._context_fallback is not None:
            roomy, self._context_fallback = self._context_fallback, None
            others = [way for way in self._untried if (way.target.name, way.target.model) != (roomy.name, roomy.model)]
            self._untried = [*_ways(roomy), *others]

    async def _once_more(self) -> Turn | None:
        again = min(self._again, key=lambda each: each.due)
        if again.due >= self.deadline:
            return None
        self._again.remove(again)
        wait = max(0.0, again.due - self._loop.time())
        self.paused += wait
        await asyncio.sleep(wait)
        return self._turn(again.way, again.way.lane.breaker.admit() or again.way.lane.breaker.insist())

    def _soonest(self) -> Turn | None:
        """The one that opens first, rather than nobody. Who was taken out by the owner stays out."""
        shut = [way for way in self._untried if way.lane.breaker.shut_until is not None]
        if not shut:
            return None
        way = min(shut, key=lambda each: each.lane.breaker.shut_until or 0.0)
        self._untried.remove(way)
        return self._turn(way, way.lane.breaker.insist())


def _ways(target: Target) -> list[_Way]:
    """The best first; but one where nobody has to wait is as good as any of the same target."""
    return [_Way(target, lane) for lane in sorted(target.lanes(), key=lambda lane: lane.is_full)]


def _reads_more(target: Target, full: Target) -> bool:
    return target.context is None or full.context is None or target.context > full.context
