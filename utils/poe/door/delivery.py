"""An answer on its way to one listener: words gathered, silence bridged, limits kept.

Two tasks come in here, the one that gives the answer and the one that watches the time; a lock keeps what they
send in order, and makes the first wait when the listener reads slowly.
"""

import asyncio
from typing import Any

from starlette.types import Send

from ..pace import Pace
from .asides import Asides
from .frames import FIRST_META, PADDING, PING, Piece, Replacement, Status, is_meta_frame, replace_frame, text_frame
from .limits import POES_LIMITS, Limits

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_PING_SECONDS = 15.0
_LONGEST_REPEATED = 100_000


class LimitReached(Exception):
    """The answer has to end here; `sentence` says so to the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Delivery:
    """One connection's view of an answer."""

    def __init__(self, send: Send, pace: Pace, asides: Asides, limits: Limits = POES_LIMITS) -> None:
        self.has_given = False
        """Whether anything of the answer itself has been sent."""
        self.has_shown_status = False
        """Whether the person has been shown that the answer is on its way."""
        self._has_meta = False
        self._send = send
        self._pace = pace
        self._asides = asides
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._began = self._sent_at = self._loop.time()
        self._out: list[bytes] = []
        self._text: list[str] = []
        self._said: list[str] = []
        self._characters = 0
        self._events = 0
        self._status_is_shown = False
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Send the headers, and enough bytes that no proxy on the way waits for more."""
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._send(_body(PADDING, more=True))

    async def give(self, piece: Piece) -> None:
        """Send the piece, now or with those that follow soon. Raises `LimitReached` instead of going too far."""
        if isinstance(piece, str):
            self._take_text(piece)
            if self._is_due():
                await self._flush()
            return
        async with self._lock:
            if isinstance(piece, Replacement):
                self._replace(piece.text)
            elif isinstance(piece, Status):
                self._show_status(piece.text)
            else:
                self._take_frames(piece)
            await self._send_what_waits()

    async def close(self, ending: bytes) -> None:
        """Send the rest and the ending, in one message."""
        self.stop()
        async with self._lock:
            try:
                self._gather()
            except LimitReached as reached:  # there is room for an ending in any case
                self._out.append(text_frame(f"\n\n{reached.sentence}"))
            if self._status_is_shown:
                self._out.append(replace_frame("".join(self._said)))
            await self._send(_body(b"".join([*self._out, ending]), more=False))

    def stop(self) -> None:
        """Let nothing more be sent by the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def bridge_silence(self) -> float:
        """Send what is due because of the time, and tell after how many seconds to come again."""
        now = self._loop.time()
        if now - self._began >= self._limits.seconds:
            raise LimitReached(self._asides.time_is_up)
        due = self._next_sign_of_life()
        if now < due:
            return min(due, self._began + self._limits.seconds) - now
        async with self._lock:
            if self._sent_at <= now:  # nothing was sent while this waited for its turn
                sign = self._sign_of_life(int(now - self._began))
                await self._send(_body(sign if sign is PING or self._has_meta else FIRST_META + sign, more=True))
                self._has_meta = self._has_meta or sign is not PING
                self._sent_at = self._loop.time()
        return max(0.0, self._next_sign_of_life() - self._loop.time())

    def _take_text(self, text: str) -> None:
        room = self._limits.characters - self._characters
        self._characters += len(text)
        self._text.append(text[:room] if room < len(text) else text)
        self._said.append(self._text[-1])
        if room < len(text):
            raise LimitReached(self._asides.too_long)

    def _replace(self, text: str) -> None:
        self._gather()
        self._characters += len(text)
        if self._characters > self._limits.characters:
            raise LimitReached(self._asides.too_long)
        self._said = [text]
        self._status_is_shown = False
        self._add_event(replace_frame(text))

    def _show_status(self, text: str) -> None:
        """A line that takes the place of the answer for now; once words have come, it is not worth that."""
        if not self._said:
            self._status_is_shown = self.has_shown_status = True
            self._add_event(replace_frame(text))

    def _take_frames(self, frames: bytes) -> None:
        if is_meta_frame(frames):
            if self._has_meta:
                return  # Poe ignores all but the first
            self._has_meta = True
        self._gather()
        self._add_event(frames, events=frames.count(b"event: "))

    def _is_due(self) -> bool:
        """Whether words should go now; else they go when the time for it has come."""
        flush = self._limits.crowded_flush if self._events >= self._limits.crowded else self._pace.flush
        wait = self._sent_at + flush - self._loop.time()
        if not flush or wait <= 0 or not self.has_given:
            return True
        if self._timer is None:
            self._timer = self._loop.call_later(wait, self._flush_by_clock)
        return False

    def _flush_by_clock(self) -> None:
        self._timer = None
        self._flushing = self._loop.create_task(self._flush())
        # What stops it here stops the answer at its next word, or is lifted when it is closed.
        self._flushing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _flush(self) -> None:
        async with self._lock:
            self._gather()
            await self._send_what_waits()

    async def _send_what_waits(self) -> None:
        if not self._out:
            return
        body, self._out = b"".join(self._out), []
        if not is_meta_frame(body):
            self.has_given = self.has_given or bool(self._said) or not self._status_is_shown
            self._sent_at = self._loop.time()
        await self._send(_body(body, more=True))

    def _gather(self) -> None:
        """Make one event of the words that are waiting."""
        if not self._text:
            return
        text = "".join(self._text)
        self._add_event(replace_frame("".join(self._said)) if self._status_is_shown else text_frame(text))
        self._text, self._status_is_shown = [], False

    def _add_event(self, frames: bytes, events: int = 1) -> None:
        self._events += events
        if self._events > self._limits.events:
            raise LimitReached(self._asides.too_long)
        self._out.append(frames)

    def _next_sign_of_life(self) -> float:
        if not self._pace.first_content:
            return self._sent_at + _PING_SECONDS
        if self._said:
            return self._sent_at + self._pace.keep_alive
        return self._sent_at + (self._pace.status_every if self._status_is_shown else self._pace.first_content)

    def _sign_of_life(self, seconds: int) -> bytes:
        """A content event where one can be made without changing the answer; Poe does not count comments."""
        said = "".join(self._said)
        if not self._pace.first_content or len(said) > _LONGEST_REPEATED or self._events >= self._limits.crowded:
            return PING
        self._events += 1
        if said:
            self._text = []  # it is part of what was said
            return replace_frame(said)
        self._status_is_shown = self.has_shown_status = True
        return replace_frame(self._asides.still_working(seconds))


def _body(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}
