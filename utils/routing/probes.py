"""Looks after providers while nobody asks them anything, so that the first who does need not find out.

Each provider with a `health_check` has a task of its own, beside every answer. What it finds counts in the lanes'
breakers and health like an answer that was asked for.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext

import structlog

from utils.chat import ChatMessage, ChatRequest, Origin
from utils.errors import ModelNotFound, ProviderFailure, RateLimited, TimedOut, Unreachable
from utils.providers import ProviderPool
from utils.registry import ProviderConfig
from utils.registry.routing_config import HealthCheck

from .board import Board
from .breaker import Permit
from .lane import Lane
from .verdict import verdict_on

_log = structlog.get_logger(__name__)

_LONGEST_LOOK = 30.0
_JITTER = 0.1
"""So much earlier or later, that many servers do not ask at the same moment."""


class Probes:
    """The tasks that look after the providers of a pool, and after those of its successor."""

    def __init__(self, board: Board, chance: random.Random | None = None) -> None:
        self._board = board
        self._chance = chance or random.Random()  # noqa: S311  # nobody gains by guessing it
        self._tasks: dict[str, tuple[ProviderConfig, asyncio.Task[None]]] = {}
        self._pool: ProviderPool | None = None

    def look_after(self, pool: ProviderPool) -> None:
        """Look after these providers from now on. Whose entry has not changed goes on in its rhythm."""
        self._pool = pool
        for name, (config, task) in list(self._tasks.items()):
            if pool.registry.get(name) != config:
                task.cancel()
                del self._tasks[name]
        for name, config in pool.registry.items():
            if config.health_check is not None and name not in self._tasks:
                self._tasks[name] = config, asyncio.create_task(self._rounds(name, config.health_check))

    async def aclose(self) -> None:
        """Look after nobody any more."""
        tasks = [task for _, task in self._tasks.values()]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _rounds(self, name: str, check: HealthCheck) -> None:
        every = check.every_seconds
        # The first one anywhere in the round: a server that starts has better things to do.
        await asyncio.sleep(every * self._chance.random())
        while True:
            try:
                await self._look(name, check)
            except Exception as exc:  # a provider may be a plugin's code, and the next look may be better
                _log.warning("probe.failed", provider=name, error=type(exc).__name__)
            await asyncio.sleep(every * self._chance.uniform(1 - _JITTER, 1 + _JITTER))

    async def _look(self, name: str, check: HealthCheck) -> None:
        pool = self._pool
        if pool is None or pool.why_not_ready(name) is not None:
            return
        if check.by == "answer":
            await asyncio.gather(*(self._ask(pool, name, lane) for lane in self._ways(pool, name)))
        else:
            await self._list(pool, name)

    async def _list(self, pool: ProviderPool, name: str) -> None:
        """Ask for the list of models: it says something about all lanes to the provider."""
        lanes = self._board.lanes_of(name) or list(self._ways(pool, name))
        looks = [_Look(lane, permit) for lane in lanes if (permit := lane.breaker.admit())]
        if looks:
            async with _looking(looks):
                await pool.models_now(name)

    async def _ask(self, pool: ProviderPool, name: str, lane: Lane) -> None:
        """Ask for one token on this lane."""
        config = pool.registry[name]
        permit = lane.breaker.admit()
        if permit is None or config.model is None:
            return
        look = _Look(lane, permit)
        request = ChatRequest(_QUESTION, model=config.model, max_tokens=1, key=lane.key, origin=_ORIGIN)
        place = lane.gate.place(_ORIGIN.bot, timeout=0) if lane.gate else nullcontext()
        async with _looking([look]), place, aclosing(pool.get(name).stream(request)) as deltas:
            async for delta in deltas:
                if delta.has_content:
                    look.noted.first_content()

    def _ways(self, pool: ProviderPool, name: str) -> Iterator[Lane]:
        """The lanes to the default model, one for each key."""
        config = pool.registry[name]
        for label in pool.keys_of(name).labels():
            yield self._board.lane(name, config.model, label, config.max_concurrent)


_QUESTION = (ChatMessage("user", "Hi"),)
_ORIGIN = Origin(door="probe", bot="health check")


class _Look:
    """One probe of one lane, under way."""

    def __init__(self, lane: Lane, permit: Permit) -> None:
        self.lane = lane
        self.permit = permit
        self.noted = lane.health.began()

    def answered(self) -> None:
        """It is well."""
        self.permit.succeeded()
        self.noted.ended(answered=True)

    def failed(self, failure: ProviderFailure) -> None:
        """It counts like the failure of an answer."""
        verdict = verdict_on(failure)
        if isinstance(failure, RateLimited):
            self.lane.breaker.cool_down(failure.retry_after or 0.0)
        if verdict.blames_target:
            self.permit.failed(connection=isinstance(failure, Unreachable))
        if verdict.was_asked and not isinstance(failure, ModelNotFound):  # there need not be a list of models
            self.noted.ended(error=type(failure).__name__)

    def over(self) -> None:
        """What has not counted so far, counts for nothing."""
        self.permit.neutral()
        self.noted.ended()


@asynccontextmanager
async def _looking(looks: Sequence[_Look]) -> AsyncIterator[None]:
    """Around a probe: what comes of it is told to its lanes, and it takes no longer than a person would wait."""
    provider = looks[0].lane.provider
    try:
        try:
            async with asyncio.timeout(_LONGEST_LOOK):
                yield
        except TimeoutError as exc:
            raise TimedOut("its health check took too long", provider=provider) from exc
        for look in looks:
            look.answered()
    except ProviderFailure as failure:
        _log.info("probe.failed", provider=provider, error=type(failure).__name__)
        for look in looks:
            look.failed(failure)
    finally:
        for look in looks:
            look.over()
