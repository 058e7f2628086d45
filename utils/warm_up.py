"""What the first answers need is loaded right after the start, in the order in which they need it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger(__name__)

Step = Callable[[], Awaitable[object]]

_FIRST_COME_THE_FIRST = 0.05
"""A thread that imports halves the speed of the event loop, and who waits for the start asks for /health first."""


class WarmUp:
    """One step after the other, each beside the event loop. What fails says why to whoever needs it first."""

    def __init__(self, *steps: Step) -> None:
        self._steps = deque(steps)
        self._work: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Go through the steps, from a moment on."""
        self._work = asyncio.create_task(self._through())

    async def aclose(self) -> None:
        """Begin no other step, and return when the one that is under way is over."""
        self._steps.clear()
        if self._work is not None:
            await self._work

    async def _through(self) -> None:
        await asyncio.sleep(_FIRST_COME_THE_FIRST)
        while self._steps:
            step = self._steps.popleft()
            try:
                await step()
            except Exception as exc:  # the server serves without it, more slowly
                _log.info("warm_up.failed", error=type(exc).__name__)
