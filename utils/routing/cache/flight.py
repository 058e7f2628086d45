"""One question on its way, with everyone who waits for its answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType

from utils.chat import Delta
from utils.errors import BrokenStream

from .answer import Answer, Reading


class Flight:
    """An answer that is asked for once and read by many, each at their own pace.

    It is asked for as fast as the fastest reader reads. When a reader leaves it goes on for the others; when the last
    one leaves it is closed at once. `ended` is called whenever nobody shall join any more.
    """

    def __init__(
        self, upstream: AsyncGenerator[Delta, None], max_bytes: int, ended: Callable[["Flight"], None]
    ) -> None:
        self.answer = Answer()
        self.failure: Exception | None = None
        self.is_over = False
        self._traceback: TracebackType | None = None
        self._max_bytes = max_bytes
        self._is_too_long = False
        self._ended = ended
        self._readers: set[_Reader] = set()
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._fly(upstream))

    @property
    def is_whole(self) -> bool:
        """Whether the answer is all here, and may be given again."""
        return self.is_over and self.failure is None and not self._is_too_long and self.answer.is_whole

    @property
    def was_in_vain(self) -> bool:
        """Whether it failed before anything was said."""
        return self.failure is not None and not self.answer.has_begun

    def raise_failure(self) -> None:
        """Raise what it failed of, for each reader the same; nothing when it did not fail."""
        if self.failure is not None:
            raise self.failure.with_traceback(self._traceback)

    async def read(self) -> AsyncGenerator[Delta, None]:
        """What was said so far, then the rest as it comes. Ends when the flight is over, failed or not."""
        reader = _Reader(self.answer)
        self._readers.add(reader)
        try:
            while not reader.is_lost:
                if (delta := reader.place.next()) is not None:
                    yield delta
                elif self.is_over:
                    return
                else:
                    reader.woken.clear()
                    self._wanted.set()
                    await reader.woken.wait()
            raise BrokenStream("the reader was too slow for an answer that is too long to be kept")
        finally:
            await self._leave(reader)

    async def _leave(self, reader: "_Reader") -> None:
        self._readers.discard(reader)
        if self._readers or self.is_over:
            return
        self._ended(self)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _fly(self, upstream: AsyncGenerator[Delta, None]) -> None:
        try:
            async with aclosing(upstream) as deltas:
                async for delta in deltas:
                    self._take(delta)
                    await self._wanted.wait()
        except asyncio.CancelledError:
            self.failure = BrokenStream("the answer was stopped")
            raise
        # As broad as can be, for each reader raises it again.
        except Exception as failure:
            self.failure, self._traceback = failure, failure.__traceback__
        finally:
            self.is_over = True
            self._ended(self)
            self._wake()

    def _take(self, delta: Delta) -> None:
        if self._is_too_long:
            self._make_room()
        self.answer.add(delta)
        if self.answer.size > self._max_bytes and not self._is_too_long:
            self._is_too_long = True
            self._ended(self)
        self._wanted.clear()
        self._wake()

    def _make_room(self) -> None:
        """Forget what all have read; and who has not, when it becomes too much."""
        behind = [reader for reader in self._readers if reader.place.is_behind]
        if behind and self.answer.size <= 2 * self._max_bytes:
            return
        for reader in behind:
            reader.is_lost = True
        self.answer.forget()
        for reader in self._readers:
            reader.place.rewind()

    def _wake(self) -> None:
        for reader in self._readers:
            reader.woken.set()


class _Reader:
    """Someone who waits for more."""

    def __init__(self, answer: Answer) -> None:
        self.place = Reading(answer)
        self.woken = asyncio.Event()
        self.is_lost = False
