"""The clocks of one attempt: to its first content, between contents, and to its end. One timer serves all three."""

import asyncio
from types import TracebackType
from typing import Self

from utils.errors import TimedOut


class Watch:
    """Ends the waiting of whoever waits inside of it for too long, with a `TimedOut` that says for what.

    Time that the reader of the answer takes does not count: between `heard` and `goes_on` nobody waits for the
    provider. `asyncio.timeout` cannot do that, and it cannot be left by another task than the one that entered it.
    A watch may be entered several times; `stop` ends it for good.
    """

    def __init__(self, first_content: float, idle: float, deadline: float) -> None:
        """`first_content` and `idle` are in seconds, `deadline` is a time of the event loop."""
        self._loop = asyncio.get_running_loop()
        self._patience = first_content
        self._idle = idle
        self._deadline = deadline
        self._since = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._reason = ""
        self._has_content = False

    def heard(self) -> None:
        """Content has come: from now on the pauses between contents count."""
        self._waiting = None
        if not self._has_content:
            self._has_content = True
            self._patience = self._idle
            if self._timer is not None and self._timer.when() > self._loop.time() + self._idle:
                self.stop()  # the next one is due earlier

    def goes_on(self) -> None:
        """The provider is waited for again."""
        self._since = self._loop.time()
        self._waiting = asyncio.current_task()
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)

    def stop(self) -> None:
        """Nobody waits any more."""
        self._waiting = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> Self:
        self.goes_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._waiting = self._waiting, None
        if task is None or not self._reason or not isinstance(exc, asyncio.CancelledError):
            return
        if task.uncancel() == 0:  # else somebody besides us wants the task to stop
            raise TimedOut(self._reason) from exc

    @property
    def _due(self) -> float:
        return min(self._since + self._patience, self._deadline)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._reason = self._why()
        self._waiting.cancel()

    def _why(self) -> str:
        if self._loop.time() >= self._deadline:
            return "the answer was not over before its deadline"
        what = "no further word" if self._has_content else "no first word"
        return f"{what} for {self._patience:g} seconds"
