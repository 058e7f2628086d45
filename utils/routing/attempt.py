"""One question to one lane, from its place in the queue to its record."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from time import time

import structlog

from utils.chat import ChatRequest, Delta
from utils.errors import (
    BrokenStream,
    EmptyAnswer,
    Overloaded,
    PoeBotsError,
    ProviderFailure,
    RateLimited,
    TimedOut,
    Unreachable,
)

from .health import InFlight
from .plan import Turn
from .takeover import Beginning
from .trace import Tried
from .verdict import Crashed, verdict_on
from .watch import LONGEST_GOODBYE, Watch

_log = structlog.get_logger(__name__)

_LONGEST_QUEUE = 30.0
_COOL_DOWN = 5.0
"""So long a key is left alone that was asked too much, where the provider does not say how long."""
_WHOLE = frozenset({"stop", "length", "tool_calls", "content_filter"})
"""With these an answer is over, whatever becomes of the connection behind it."""
_AFTER_THE_END = (BrokenStream, Unreachable, TimedOut, Overloaded)


class Attempt:
    """Begun with `begin`, read through `deltas` inside `watch`, and closed in any case."""

    def __init__(
        self,
        turn: Turn,
        request: ChatRequest,
        beginning: Beginning,
        watch: Watch,
        tried: Tried,
        began: Callable[[], object],
    ) -> None:
        """`began` is called just before the target is asked."""
        self.turn = turn
        self.watch = watch
        self.tried = tried
        self.deltas = _nothing()
        self.is_over = False
        self._request = request
        self._beginning = beginning
        self._began = began
        self._held: list[Delta] = []
        self._finish_reason: str | None = None
        self._loop = asyncio.get_running_loop()
        self._asked_at = self._loop.time()
        self._noted: InFlight | None = None
        self._who = request.origin.bot
        self._inside: AsyncExitStack | None = None

    async def begin(self) -> None:
        """Return when the beginning of the answer is at hand. Raises the failure that came instead."""
        await self._enter()
        self._noted = self.turn.lane.health.began()
        self._began()
        self.deltas = self.turn.target.ask(self.turn.lane, self._request)
        with self.watch as watch:
            async for delta in self.deltas:
                watch.heard(content=delta.has_content)
                self._held.append(delta)
                self._time(delta, self._noted)
                if self._beginning.is_enough(self._held):
                    return
                watch.goes_on()
        if self.tried.first_content is None:
            raise EmptyAnswer("the answer ended without any content", provider=self.turn.target.name)

    def beginning(self) -> Sequence[Delta]:
        """What of the beginning is passed on to the reader."""
        for delta in self._held:
            self.saw(delta)
        return self._beginning.passed_on(self._held)

    def saw(self, delta: Delta) -> None:
        """Take note of what is not words."""
        self.tried.pieces += 1
        if delta.finish_reason:
            self._finish_reason = delta.finish_reason
        if delta.model:
            self.tried.answered_by = delta.model
        if delta.usage is not None:
            self.tried.usage = delta.usage

    def ended(self) -> None:
        """The stream is over: whether the answer is, too. Raises `BrokenStream` where nothing said so."""
        if self._finish_reason is None:
            raise BrokenStream("the answer ended without a finish reason", provider=self.turn.target.name)
        self.tried.outcome = "answered"
        self.turn.permit.succeeded()
        if self._noted is not None:
            self._noted.ended(answered=True)

    def failure_of(self, exc: BaseException) -> ProviderFailure:
        """What has happened, as a failure of the target. Raises what is none."""
        if isinstance(exc, ProviderFailure):
            return exc
        if isinstance(exc, PoeBotsError) or _is_to_stop(exc):
            raise exc
        # Its message may hold words of the person who asked.
        _log.error("provider.crashed", provider=self.turn.target.name, error=type(exc).__name__, where=_where(exc))
        failure = Crashed(f"its code failed with a {type(exc).__name__}", provider=self.turn.target.name)
        failure.__cause__ = exc
        return failure

    def is_whole_despite(self, failure: ProviderFailure) -> bool:
        """Whether all had been said before that happened."""
        if isinstance(failure, EmptyAnswer):
            return self._beginning.may_be_all and self._finish_reason is not None
        return self._finish_reason in _WHOLE and isinstance(failure, _AFTER_THE_END)

    def failed(self, failure: ProviderFailure) -> None:
        """It is over, and why."""
        self.tried.failed(failure, was_asked=verdict_on(failure).was_asked)
        if isinstance(failure, RateLimited):
            wait = failure.retry_after
            self.turn.lane.breaker.cool_down(_COOL_DOWN if wait is None else wait)
        if self._noted is not None and verdict_on(failure).was_asked:
            self._noted.ended(error=self.tried.error)
        if verdict_on(failure).blames_target:
            self.turn.permit.failed(connection=isinstance(failure, Unreachable))

    async def close(self) -> None:
        """Stop the work behind it, whether it is over or not, and complete its record."""
        self.is_over = True
        self.watch.stop()
        try:
            await self._stop()
        finally:  # whoever is stopped while the provider says goodbye still gives back what was taken
            if self._inside is not None:
                await self._inside.aclose()
            self.turn.permit.neutral()
            if self._noted is not None:
                self._noted.ended()
            self.tried.seconds = self._loop.time() - self._asked_at
            self.tried.ended_at = time()

    async def _stop(self) -> None:
        if self.tried.outcome == "answered":
            await self.deltas.aclose()
            return
        try:
            async with asyncio.timeout(LONGEST_GOODBYE):
                await self.deltas.aclose()
        except Exception as exc:  # it is given up already, and the next one is waited for
            if not isinstance(exc, ProviderFailure):
                _log.warning("provider.would_not_stop", provider=self.turn.target.name, error=type(exc).__name__)

    def _time(self, delta: Delta, noted: InFlight) -> None:
        since = self._loop.time() - self._asked_at
        if self.tried.connected is None:
            self.tried.connected = since
        if self.tried.first_content is None and delta.has_content:
            self.tried.first_content = since
            noted.first_content()

    async def _enter(self) -> None:
        """Wait for a place where the provider answers only so many at a time."""
        if gate := self.turn.lane.gate:
            self._inside = AsyncExitStack()
            place = await self._inside.enter_async_context(gate.place(self._who, min(_LONGEST_QUEUE, self.watch.left)))
            self.tried.queued = place.waited_seconds
            self._asked_at = self._loop.time()


def _where(exc: BaseException) -> str:
    """The line of code that has raised it."""
    frames = traceback.extract_tb(exc.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _is_to_stop(exc: BaseException) -> bool:
    """Whether somebody wants this task to stop; what a provider has cancelled by itself is a failure of its own."""
    if isinstance(exc, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return not isinstance(exc, Exception)


async def _nothing() -> AsyncGenerator[Delta, None]:
    """Nobody was asked yet."""
    return
    yield
