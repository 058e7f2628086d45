"""One question to one lane, from its place in the queue to its record."""

from asyncio import get_running_loop
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

from utils.chat import ChatRequest, Delta
from utils.errors import BrokenStream, EmptyAnswer, ProviderFailure, RateLimited, Unreachable

from .health import InFlight
from .plan import Turn
from .takeover import Beginning
from .trace import Tried
from .verdict import verdict_on
from .watch import Watch

_LONGEST_QUEUE = 30.0


class Attempt:
    """Begun with `begin`, read through `deltas` inside `watch`, and closed in any case."""

    def __init__(self, turn: Turn, request: ChatRequest, beginning: Beginning, watch: Watch, tried: Tried) -> None:
        self.turn = turn
        self.watch = watch
        self.tried = tried
        self.deltas = turn.target.ask(turn.lane, request)
        self.is_over = False
        self._beginning = beginning
        self._held: list[Delta] = []
        self._finish_reason: str | None = None
        self._loop = get_running_loop()
        self._asked_at = self._loop.time()
        self._noted: InFlight | None = None
        self._who = request.origin.bot
        self._inside: AsyncExitStack | None = None

    async def begin(self) -> None:
        """Return when the beginning of the answer is at hand. Raises the failure that came instead."""
        await self._enter()
        self._noted = self.turn.lane.health.began()
        with self.watch:
            async for delta in self.deltas:
                self._held.append(delta)
                if self.tried.first_content is None and delta.has_content:
                    self.tried.first_content = self._loop.time() - self._asked_at
                    self._noted.first_content()
                if self._beginning.is_enough(self._held):
                    return
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

    def has_nothing_to_add(self, failure: ProviderFailure) -> bool:
        """Whether that is no failure: all had been said before the answer broke off, and the target confirms it."""
        return isinstance(failure, EmptyAnswer) and self._beginning.may_be_all and self._finish_reason is not None

    def failed(self, failure: ProviderFailure) -> None:
        """It is over, and why."""
        self.tried.outcome = "failed" if self.tried.first_content is None else "broken"
        self.tried.error = type(failure).__name__
        if isinstance(failure, RateLimited):
            self.turn.lane.breaker.cool_down(failure.retry_after or 0.0)
        if self._noted is not None and verdict_on(failure).was_asked:
            self._noted.ended(error=self.tried.error)
        if verdict_on(failure).blames_target:
            self.turn.permit.failed(connection=isinstance(failure, Unreachable))

    async def close(self) -> None:
        """Stop the work behind it, whether it is over or not, and complete its record."""
        self.is_over = True
        self.watch.stop()
        with suppress(ProviderFailure):
            await self.deltas.aclose()
        if self._inside is not None:
            await self._inside.aclose()
        self.turn.permit.neutral()
        if self._noted is not None:
            self._noted.ended()
        self.tried.seconds = self._loop.time() - self._asked_at

    async def _enter(self) -> None:
        """Wait for a place where the provider answers only so many at a time."""
        if gate := self.turn.lane.gate:
            self._inside = AsyncExitStack()
            place = await self._inside.enter_async_context(gate.place(self._who, _LONGEST_QUEUE))
            self.tried.queued = place.waited_seconds
            self._asked_at = self._loop.time()
