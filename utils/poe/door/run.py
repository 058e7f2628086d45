"""An answer being made, and who listens to it.

Poe asks again with the same `message_id` when a connection drops before anything came. The answer that is being
made already is given to the second request then, instead of a second one being made. A drop after something came
is the person's Stop.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from .answer import Answer
from .delivery import Delivery
from .frames import Piece

_PIECES_BETWEEN_BREATHS = 32
_PATIENCE_SECONDS = 120.0


class Run:
    """One answer. Made by the task of the first request; whoever asks again follows what was taken down of it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.is_over = False
        self.has_been_heard = False
        """Whether a listener that has left was shown anything."""
        self._pieces: list[Piece] = []
        """From the first one on, as long as somebody may ask for them again."""
        self._news: asyncio.Event | None = None
        """Set at each further piece; None while nobody follows."""
        self._maker: asyncio.Task[object] | None = None
        self._giving_up: asyncio.TimerHandle | None = None

    async def make(self, delivery: Delivery) -> None:
        """Make the answer, and deliver each of its pieces."""
        self._maker = asyncio.current_task()
        made = 0
        try:
            async with aclosing(self.answer.pieces()) as pieces:
                async for piece in pieces:
                    if self._news is not None or not delivery.is_noticed:
                        self._take_down(piece)
                    await delivery.give(piece)
                    made += 1
                    if made % _PIECES_BETWEEN_BREATHS == 0:
                        # A bot that never waits for anything would keep the loop from all others.
                        await asyncio.sleep(0)
        finally:
            self.is_over = True
            self._maker = None
            self._wake()

    async def follow(self, delivery: Delivery) -> None:
        """Deliver the pieces from the first one on, also those that are still to be made."""
        self._news = asyncio.Event()
        if self._giving_up is not None:
            self._giving_up.cancel()
        given = 0
        while True:
            while given < len(self._pieces):
                given += 1
                await delivery.give(self._pieces[given - 1])
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

    def _take_down(self, piece: Piece) -> None:
        self._pieces.append(piece)
        self._wake()

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set()
            self._news = asyncio.Event()
