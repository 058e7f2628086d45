"""Answers over HTTP: each to its listener, with an eye on whether anybody still listens."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.types import Receive, Send

from utils.logs import request_reference

from ..pace import Pace
from .answer import Answer
from .asides import Asides
from .delivery import Delivery, LimitReached
from .frames import DONE, text_frame
from .run import Run

_log = structlog.get_logger(__name__)

Key = tuple[str, str, str]
"""What tells that a request asks for the same answer again: the bot, the conversation, the message to be made."""

_PIECES_BETWEEN_BREATHS = 32
_MOST_KEPT = 64


class OpenAnswers:
    """The answers that are being given: the same one is not made twice, and a server that stops ends them well."""

    def __init__(self) -> None:
        self._kept: dict[Key, Run] = {}
        """Answers whose listener went before anything came, until they are asked for again."""
        self._streams: set[AnswerStream] = set()

    def __len__(self) -> int:
        return len(self._streams)

    async def give(
        self, key: Key | None, answer: Answer, pace: Pace, asides: Asides, receive: Receive, send: Send
    ) -> None:
        """Give the answer, or the one that was kept under this key, until nobody needs it any more."""
        kept = self._kept.pop(key, None) if key else None
        run = kept or Run(answer)
        stream = AnswerStream(run, joins=kept is not None, keep=lambda: self._keep(key, run))
        self._streams.add(stream)
        try:
            with request_reference(run.answer.reference):
                await stream.serve(Delivery(send, pace, asides), receive)
        finally:
            self._streams.discard(stream)
            stream.ended.set()

    async def end_all(self, grace: float = 0.0) -> None:
        """Let open answers come to their end within the grace, then end the others with a word of why."""
        if grace and self._streams:
            await asyncio.wait([asyncio.ensure_future(stream.ended.wait()) for stream in self._streams], timeout=grace)
        for stream in tuple(self._streams):
            stream.end_early()

    def _keep(self, key: Key | None, run: Run) -> bool:
        if key is None:
            return False
        self._kept[key] = run
        run.keep(lambda: self._forget(key, run))
        while len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept))).stop()
        return True

    def _forget(self, key: Key, run: Run) -> None:
        if self._kept.get(key) is run:
            del self._kept[key]


class AnswerStream:
    """One listener and the answer that is given to it."""

    def __init__(self, run: Run, *, joins: bool, keep: Callable[[], bool]) -> None:
        self.ended = asyncio.Event()
        self._run = run
        self._joins = joins
        self._keep = keep
        self._task: asyncio.Task[object] | None = None
        self._ending: bytes | None = None
        """What closes the answer when it is ended before its time."""
        self._has_left = False

    async def serve(self, delivery: Delivery, receive: Receive) -> None:
        """Send the answer. Returns when it is sent, or when it is no longer needed."""
        self._task = asyncio.current_task()
        await delivery.open()
        watcher = asyncio.create_task(self._watch(delivery, receive))
        try:
            await self._give_pieces(delivery)
            ending = self._run.answer.ending
        except LimitReached as reached:
            ending = _with_sentence(reached)
        except asyncio.CancelledError:
            if self._ending is None and not self._has_left:
                raise  # it was not we who cancelled
            if self._task is not None:
                self._task.uncancel()
            ending = self._ending or DONE
        finally:
            watcher.cancel()
            delivery.stop()
        if not self._has_left:
            await delivery.close(ending)
            self._leave()

    def end_early(self) -> None:
        """Stop now, with an error that may be retried."""
        self._end_with(self._run.answer.early_ending())

    async def _give_pieces(self, delivery: Delivery) -> None:
        pieces = self._run.follow() if self._joins else self._run.make()
        count = 0
        try:
            async for piece in pieces:
                if not self._has_left:
                    await delivery.give(piece)
                count += 1
                if count % _PIECES_BETWEEN_BREATHS == 0:
                    # A bot that never waits for anything would keep the loop from all others, and from the watcher.
                    await asyncio.sleep(0)
        finally:
            await pieces.aclose()

    async def _watch(self, delivery: Delivery, receive: Receive) -> None:
        received = asyncio.ensure_future(receive())
        try:
            while True:
                wait = await delivery.bridge_silence()
                done, _ = await asyncio.wait((received,), timeout=wait)
                if done and received.result()["type"] == "http.disconnect":
                    self._listener_is_gone(delivery)
                    return
                if done:
                    received = asyncio.ensure_future(receive())
        except LimitReached as reached:
            self._end_with(_with_sentence(reached))
        finally:
            received.cancel()

    def _listener_is_gone(self, delivery: Delivery) -> None:
        delivery.stop()
        # Who has seen a status line was there: their going is the Stop button, and not a connection that failed.
        if delivery.has_given or delivery.has_shown_status:
            self._run.has_been_heard = True
        self._leave()
        if self._joins and self._task is not None:
            self._task.cancel()

    def _leave(self) -> None:
        """Nobody listens any more: an answer that was not heard is kept for who asks again, any other is stopped."""
        if self._has_left:
            return
        self._has_left = True
        if self._run.is_over or self._run.has_been_heard or not self._keep():
            self._run.stop()

    def _end_with(self, ending: bytes) -> None:
        if self._ending is None and self._task is not None:
            self._ending = ending
            self._task.cancel()


def _with_sentence(reached: LimitReached) -> bytes:
    return text_frame(f"\n\n{reached.sentence}") + DONE
