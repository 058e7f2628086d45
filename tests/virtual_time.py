"""Hours in milliseconds: an event loop whose clock jumps to the next thing that is due whenever nothing is ready."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of the coroutine; every sleep in it takes no time at all."""
    with runner() as virtual:
        return virtual.run(coroutine)


def runner() -> asyncio.Runner:
    """Runs one coroutine after the other; what is begun in one goes on in the next, and so does the time."""
    return asyncio.Runner(loop_factory=_VirtualLoop)
