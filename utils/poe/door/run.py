"""An answer being made, and who listens to it.

Poe asks again with the same `message_id` when a connection drops before anything came. The answer that is being
made already is given to the second request then, instead of a second one being made. A drop after something came
is the person's Stop.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable

from .answer import Answer
from .frames import Piece

_PATIENCE_SECONDS = 120.0


class Run:
    """The pieces of one answer so far. Made by the task of the first request; others follow what it writes down."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.is_over = False
        self.has_been_heard = False
        """Whether any listener has been given something."""
        self._pieces: list[Piece] = []
        self._is_followed = False
        self._maker: asyncio.Task[object] | None = None
        self._news = asyncio.Event()
        self._giving_up: asyncio.TimerHandle | None = None

    async def make(self) -> AsyncGenerator[Piece, None]:
        """The pieces as they are made. Whoever iterates this makes the answer."""
        self._maker = asyncio.current_task()
        pieces = self.answer.pieces()
        try:
            async for piece in pieces:
                self._pieces.append(piece)
                self._wake()
                yield piece
        finally:
            await pieces.aclose()
            self.is_over = True
            self._maker = None
            self._wake()

    async def follow(self) -> AsyncGenerator[Piece, None]:
        """The pieces from the first one on, also those that are still to be made."""
        self._is_followed = True
        if self._giving_up is not None:
            self._giving_up.cancel()
        heard = 0
        while True:
            while heard < len(self._pieces):
                heard += 1
                yield self._pieces[heard - 1]
            if self.is_over:
                return
            await self._news.wait()

    def keep(self, forget: Callable[[], object]) -> None:
        """Go on without a listener, for a while."""
        self._giving_up = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._give_up, forget)

    def stop(self) -> None:
        """Make no more of it."""
        if self._maker is not None:
            self._maker.cancel()

    def _give_up(self, forget: Callable[[], object]) -> None:
        self.stop()
        forget()

    def _wake(self) -> None:
        if self._is_followed:
            self._news.set()
            self._news = asyncio.Event()
