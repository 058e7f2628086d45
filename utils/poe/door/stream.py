"""Answers over HTTP: each to its listener, with an eye on whether anybody still listens."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.types import Receive, Send

from utils.logs import request_reference
from utils.routing.asker import asked_from

from ..pace import Pace
from .answer import Answer
from .asides import Asides
from .delivery import Delivery, LimitReached
from .frames import DONE, text_frame
from .run import Run

_log = structlog.get_logger(__name__)

Key = tuple[str, str, str]
"""What tells that a request asks for the same answer again: the bot, the conversation, the message to be made."""

_MOST_KEPT = 64


class OpenAnswers:
    """The answers that are being given: the same one is not made twice, and a server that stops ends them well."""

    def __init__(self) -> None:
        self._kept: dict[Key, Run] = {}
        """Answers whose listener went before anything came, until they are asked for again."""
        self._streams: dict[asyncio.Task[None], AnswerStream] = {}

    def __len__(self) -> int:
        return len(self._streams)

    async def give(
        self, key: Key | None, answer: Answer, pace: Pace, asides: Asides, receive: Receive, send: Send
    ) -> None:
        """Give the answer, or the one that was kept under this key, until nobody needs it any more."""
        kept = self._kept.pop(key, None) if key else None
        run = kept or Run(answer)
        delivery = Delivery(send, pace, asides)
        stream = AnswerStream(run, delivery, joins=kept is not None, keep=lambda: self._keep(key, run))
        with request_reference(run.answer.reference), asked_from(run.answer.origin):
            # A task of its own: each wake-up goes through all that awaits it, and around here that is much.
            giving = asyncio.create_task(stream.serve(receive))
        self._streams[giving] = stream
        try:
            await giving
        finally:
            del self._streams[giving]

    async def end_all(self, grace: float = 0.0) -> None:
        """Let open answers come to their end within the grace, then end the others with a word of why."""
        if grace and self._streams:
            await asyncio.wait(self._streams, timeout=grace)
        for stream in tuple(self._streams.values()):
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

    def __init__(self, run: Run, delivery: Delivery, *, joins: bool, keep: Callable[[], bool]) -> None:
        self._run = run
        self._delivery = delivery
        self._joins = joins
        self._keep = keep
        self._task: asyncio.Task[object] | None = None
        self._ending: bytes | None = None
        """What closes the answer when it is ended before its time."""
        self._has_left = False
        self._clock: asyncio.TimerHandle | None = None
        self._bridging: asyncio.Task[None] | None = None

    async def serve(self, receive: Receive) -> None:
        """Send the answer. Returns when it is sent, or when it is no longer needed."""
        self._task = asyncio.current_task()
        watcher = asyncio.create_task(self._watch(receive))
        self._look_at_the_clock()
        try:
            await (self._run.follow if self._joins else self._run.make)(self._delivery)
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
            self._stop_looking()
            self._delivery.stop()
        if not self._has_left:
            await self._delivery.close(ending)
            self._leave()

    def end_early(self) -> None:
        """Stop now, with an error that may be retried."""
        self._end_with(self._run.answer.early_ending())

    async def _watch(self, receive: Receive) -> None:
        """Notice that the listener goes."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener_is_gone()

    def _look_at_the_clock(self) -> None:
        """Come back whenever something may be due because of the time. Words that come meanwhile set no clock."""
        loop = asyncio.get_running_loop()
        if self._delivery.due <= loop.time():
            self._bridging = loop.create_task(self._bridge())
        else:
            self._clock = loop.call_at(self._delivery.due, self._look_at_the_clock)

    async def _bridge(self) -> None:
        try:
            await self._delivery.bridge_silence()
        except LimitReached as reached:
            self._end_with(_with_sentence(reached))
        else:
            self._look_at_the_clock()

    def _stop_looking(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        if self._bridging is not None:
            self._bridging.cancel()

    def _listener_is_gone(self) -> None:
        self._stop_looking()
        self._delivery.abandon()
        # Who has seen a status line was there: their going is the Stop button, and not a connection that failed.
        self._run.has_been_heard |= self._delivery.is_noticed
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
