"""How many requests may be with a provider at once. The others wait, and each bot gets its turn."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TypeAlias

from utils.errors import Overloaded

_Turn: TypeAlias = asyncio.Future[None]


class Busy(Overloaded):
    """No place became free: ask another provider, or later. The provider itself is not at fault and was not asked."""


@dataclass(frozen=True)
class GateSnapshot:
    """A gate at one moment, and what it did so far."""

    inside: int
    waiting: int
    admitted: int
    """All who got in, those who did not have to wait as well."""
    waited: int
    """Those among them who had to wait."""
    waited_seconds: float
    """All their waits together."""
    longest_wait_seconds: float
    refused: int
    """Those who found the queue full, or whose time ran out in it."""


class Place:
    """A place inside, held for as long as the `async with` lasts. Good for one use."""

    __slots__ = ("_gate", "_timeout", "_who", "waited_seconds")

    def __init__(self, gate: "Gate", who: str, timeout: float | None) -> None:
        self._gate = gate
        self._who = who
        self._timeout = timeout
        self.waited_seconds = 0.0
        """How long it took to get in."""

    async def __aenter__(self) -> "Place":
        if not self._gate._enter_at_once():
            self.waited_seconds = await self._gate._enter_in_turn(self._who, self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._gate._leave()


class Gate:
    """Lets `max_concurrent` in at once and up to `max_waiting` wait; whoever comes then is refused.

    Those who wait stand in one queue for each `who`, and the queues are served in turn: a bot that floods the gate
    waits for itself, and another one's request waits for one of each queue that was there before it.
    """

    def __init__(
        self,
        max_concurrent: int,
        max_waiting: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        provider: str = "",
    ) -> None:
        self._max_concurrent = max_concurrent
        self._max_waiting = max_waiting
        self._clock = clock
        self._provider = provider
        self._queues: OrderedDict[str, OrderedDict[_Turn, None]] = OrderedDict()
        """Whose turn it is comes first. While anyone waits, the house is full."""
        self._inside = 0
        self._waiting = 0
        self._admitted = 0
        self._waited = 0
        self._waited_seconds = 0.0
        self._longest_wait_seconds = 0.0
        self._refused = 0

    def place(self, who: str, timeout: float | None = None) -> Place:
        """A place for `who`, with `async with`. Raises `Busy` when the queue is full, or after `timeout` seconds."""
        return Place(self, who, timeout)

    @property
    def is_full(self) -> bool:
        """Whether who comes now has to wait."""
        return self._inside >= self._max_concurrent

    def snapshot(self) -> GateSnapshot:
        """What it looks like now."""
        return GateSnapshot(
            inside=self._inside,
            waiting=self._waiting,
            admitted=self._admitted,
            waited=self._waited,
            waited_seconds=self._waited_seconds,
            longest_wait_seconds=self._longest_wait_seconds,
            refused=self._refused,
        )

    def _enter_at_once(self) -> bool:
        if self.is_full:
            return False
        self._inside += 1
        self._admitted += 1
        return True

    async def _enter_in_turn(self, who: str, seconds: float | None) -> float:
        if self._waiting >= self._max_waiting:
            raise self._refusal(f"{self._waiting} requests wait already")
        turn = self._queued(who)
        began = self._clock()
        try:
            async with asyncio.timeout(seconds):
                await turn
        except TimeoutError:
            self._withdraw(who, turn)
            raise self._refusal(f"no place became free within {seconds:g} s") from None
        except BaseException:
            self._withdraw(who, turn)
            raise
        return self._count_wait(max(0.0, self._clock() - began))

    def _leave(self) -> None:
        """The place goes straight to whoever is next, so that nobody who comes in between can take it."""
        turn = self._next()
        if turn is None:
            self._inside -= 1
        else:
            turn.set_result(None)

    def _queued(self, who: str) -> _Turn:
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, OrderedDict())[turn] = None
        self._waiting += 1
        return turn

    def _next(self) -> _Turn | None:
        while self._queues:
            who, queue = next(iter(self._queues.items()))
            turn = next(iter(queue))
            self._remove(who, turn)
            # A cancelled one stands here until its task runs again; it costs its queue no turn.
            if not turn.done():
                if who in self._queues:
                    self._queues.move_to_end(who)
                return turn
        return None

    def _withdraw(self, who: str, turn: _Turn) -> None:
        if turn in self._queues.get(who, ()):
            self._remove(who, turn)
        elif not turn.cancelled():
            # It got its place in the moment in which it gave up.
            self._leave()

    def _remove(self, who: str, turn: _Turn) -> None:
        queue = self._queues[who]
        del queue[turn]
        self._waiting -= 1
        if not queue:
            del self._queues[who]

    def _count_wait(self, seconds: float) -> float:
        self._admitted += 1
        self._waited += 1
        self._waited_seconds += seconds
        self._longest_wait_seconds = max(self._longest_wait_seconds, seconds)
        return seconds

    def _refusal(self, why: str) -> Busy:
        self._refused += 1
        return Busy(f"{self._max_concurrent} requests are under way, {why}", provider=self._provider)
