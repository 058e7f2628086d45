"""The clocks of one attempt: to its first content, between contents, and to its end. One timer serves all three."""

import asyncio
from types import TracebackType
from typing import Self

from utils.errors import TimedOut

LONGEST_GOODBYE = 5.0
"""So long a provider may take to stop, while a person waits for the next one."""


class OutOfTime(TimedOut):
    """The deadline of the whole answer has passed: nobody else can answer in time, and it is nobody's fault alone."""


class Watch:
    """Ends the waiting of whoever waits inside of it for too long, with a `TimedOut` that says for what.

    Time that the reader of the answer takes does not count: between `heard` and `goes_on` nobody waits for the
    provider. `asyncio.timeout` cannot do that, and it cannot be left by another task than the one that entered it.
    What is no content ends no silence.
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
        self._stopped: asyncio.Task[object] | None = None
        """Whom it has told to stop waiting."""
        self._cancelling = 0
        """How many others wanted that at the time."""
        self._silent = 0.0
        """For how long there has been no content, when something else came last."""
        self._failure: TimedOut | None = None
        self._has_content = False

    @property
    def left(self) -> float:
        """The seconds to the deadline."""
        return max(0.0, self._deadline - self._loop.time())

    def heard(self, *, content: bool = True) -> None:
        """Something has come. From the first content on the pauses between contents count."""
        self._waiting = None
        self._silent = 0.0 if content else self._loop.time() - self._since
        if self._stopped is not None:
            self._take_back()
        if content and not self._has_content:
            self._has_content = True
            self._patience = self._idle
            if self._timer is not None and self._timer.when() > self._loop.time() + self._idle:
                self.stop()  # the next one is due earlier

    def goes_on(self) -> None:
        """The provider is waited for again."""
        self._since = self._loop.time() - self._silent
        self._waiting = asyncio.current_task(self._loop)
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
        self._waiting = None
        if self._stopped is None or not self._take_back() or self._failure is None:
            return
        # Some make an error of their own out of being stopped.
        if isinstance(exc, asyncio.CancelledError | Exception):
            raise self._failure from exc

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
        self._failure = self._why()
        self._stopped, self._cancelling = self._waiting, self._waiting.cancelling()
        self._stopped.cancel()
        self._timer = self._loop.call_later(LONGEST_GOODBYE, self._insist)

    def _insist(self) -> None:
        """Stop it for good, where it takes its time to clean up."""
        self._timer = None
        if self._stopped is not None:
            self._stopped.uncancel()
            self._stopped.cancel()

    def _take_back(self) -> bool:
        """It has stopped, or did not want to. False when somebody besides us wants it to stop."""
        task, self._stopped = self._stopped, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return task is not None and task.uncancel() <= self._cancelling

    def _why(self) -> TimedOut:
        if self._loop.time() >= self._deadline:
            return OutOfTime("the answer was not over before its deadline")
        what = "no further word" if self._has_content else "no first word"
        return TimedOut(f"{what} for {self._patience:g} seconds")
