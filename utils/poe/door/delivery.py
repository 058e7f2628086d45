"""An answer on its way to one listener: words gathered, silence bridged, limits kept.

The task that gives the answer comes in here, and those that the clock starts. They take turns, so that what they send
keeps its order, and the first one waits when the listener reads slowly.
"""

import asyncio

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
_OPENING_SECONDS = 0.2
_SAME_MOMENT_SECONDS = 0.001
"""What is said so soon after something else goes with what follows it: each message is dear."""
_MOST_REPEATED = 100_000
"""In bytes."""


class LimitReached(Exception):
    """The answer has to end here; `sentence` says so to the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Delivery:
    """One connection's view of an answer."""

    def __init__(self, send: Send, pace: Pace, asides: Asides, limits: Limits = POES_LIMITS) -> None:
        self.is_noticed = False
        """Whether the person was shown anything: of the answer itself, or that it is on its way."""
        self._has_given = False
        """Whether anything of the answer itself has been sent."""
        self._has_meta = False
        self._send = send
        self._pace = pace
        self._asides = asides
        self._limits = limits
        self._flush = pace.flush
        """So long words wait for those that follow, in seconds."""
        self._loop = asyncio.get_running_loop()
        self._began = self._sent_at = self._loop.time()
        self._is_open = False
        """Whether the headers are sent. They go with the first bytes, for each message is dear."""
        # With what comes first go enough bytes that no proxy on the way waits for more.
        self._out: list[bytes] = [PADDING]
        self._text: list[str] = []
        """What waits to be sent."""
        self._said = bytearray()
        """All words so far. As bytes, for a piece of text takes four times the room of its letters."""
        self._characters = 0
        self._events = 0
        self._status_is_shown = False
        self._is_opening = True
        """Whether there was nothing yet but what an answer opens with: it waits a little for the first words."""
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._is_abandoned = False
        self._is_sending = False
        self._next_turn: asyncio.Event | None = None
        """Set when what is being sent is sent; None while nobody waits for that."""

    async def give(self, piece: Piece) -> None:
        """Send the piece, now or with those that follow soon. Raises `LimitReached` instead of going too far."""
        if self._is_abandoned:
            return
        if isinstance(piece, str):
            self._take_text(piece)
            if self._is_due():
                await self._send_what_waits()
            elif not self._flush:
                self._gather()  # an event of its own, in a message with others
            return
        if isinstance(piece, Replacement):
            self._replace(piece.text)
        elif isinstance(piece, Status):
            self._show_status(piece.text)
        else:
            self._take_frames(piece)
        if not self._is_opening or self._loop.time() >= self._began + _OPENING_SECONDS:
            await self._send_what_waits()

    async def close(self, ending: bytes) -> None:
        """Send the rest and the ending, in one message."""
        self.stop()
        await self._turn()
        try:
            self._gather()
        except LimitReached as reached:  # there is room for an ending in any case
            self._out.append(text_frame(f"\n\n{reached.sentence}"))
        if self._status_is_shown:
            self._out.append(replace_frame(self._all_words()))
        self._out.append(ending)
        await self._send_out(more=False)

    def stop(self) -> None:
        """Let nothing more be sent by the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abandon(self) -> None:
        """Send nothing more: nobody is there."""
        self._is_abandoned = True
        self.stop()

    @property
    def due(self) -> float:
        """The time of the event loop at which something has to be sent, unless something is sent before."""
        if self._opening_waits:
            return self._began + _OPENING_SECONDS
        return min(self._next_sign_of_life(), self._began + self._limits.seconds)

    async def bridge_silence(self) -> None:
        """Send what is due because of the time."""
        if self._loop.time() - self._began >= self._limits.seconds:
            raise LimitReached(self._asides.time_is_up)
        await self._turn()
        now = self._loop.time()
        if now < self.due:
            return  # something was sent while this waited for its turn
        if self._opening_waits and now < self._next_sign_of_life():
            await self._send_out()
            return
        sign = self._sign_of_life(int(now - self._began))
        if sign is not PING and not self._has_meta:
            self._has_meta = True
            self._out.append(FIRST_META)
        self._out.append(sign)
        await self._send_out()
        self._sent_at = self._loop.time()

    def _take_text(self, text: str) -> None:
        self._characters += len(text)
        too_many = self._characters - self._limits.characters
        kept = text if too_many <= 0 else text[:-too_many]
        self._text.append(kept)
        self._said += kept.encode("utf-8", "surrogatepass")
        if too_many > 0:
            raise LimitReached(self._asides.too_long)

    def _replace(self, text: str) -> None:
        self._gather()
        self._characters += len(text)
        if self._characters > self._limits.characters:
            raise LimitReached(self._asides.too_long)
        self._said = bytearray(text.encode(errors="surrogatepass"))
        self._status_is_shown = False
        self._add_event(replace_frame(text))

    def _show_status(self, text: str) -> None:
        """A line that takes the place of the answer for now; once words have come, it is not worth that."""
        if not self._said:
            self._status_is_shown = self.is_noticed = True
            self._add_event(replace_frame(text))

    def _take_frames(self, frames: bytes) -> None:
        if is_meta_frame(frames):
            if self._has_meta:
                return  # Poe ignores all but the first
            self._has_meta = True
            self._events += 1
            self._out.append(frames)
            return
        self._gather()
        self._add_event(frames, events=frames.count(b"event: "))

    def _is_due(self) -> bool:
        """Whether words should go now; else they go when the time for it has come."""
        if self._timer is not None:
            return False
        due = self._sent_at + (self._flush or _SAME_MOMENT_SECONDS)
        if due <= self._loop.time() or not self._has_given:
            return True
        self._timer = self._loop.call_at(due, self._flush_by_clock)
        return False

    def _flush_by_clock(self) -> None:
        self._timer = None
        self._flushing = self._loop.create_task(self._send_what_waits())
        # What stops it here stops the answer at its next word, or is lifted when it is closed.
        self._flushing.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _send_what_waits(self) -> None:
        if self._is_sending:
            await self._turn()
        self._gather()
        if not self._out:
            return
        if not self._is_opening:
            if not self._has_given and (self._said or not self._status_is_shown):
                self._has_given = self.is_noticed = True
            self._sent_at = self._loop.time()
        await self._send_out()

    async def _turn(self) -> None:
        """Return when nothing is being sent."""
        while self._is_sending:
            self._next_turn = self._next_turn or asyncio.Event()
            await self._next_turn.wait()

    async def _send_out(self, *, more: bool = True) -> None:
        body = b"".join(self._out)
        self._out.clear()
        self._is_sending = True
        try:
            if not self._is_open:
                self._is_open = True
                await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            self._is_sending = False
            if self._next_turn is not None:
                self._next_turn.set()
                self._next_turn = None

    def _gather(self) -> None:
        """Make one event of the words that are waiting."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        self._add_event(replace_frame(self._all_words()) if self._status_is_shown else text_frame(text))
        self._status_is_shown = False

    def _add_event(self, frames: bytes, events: int = 1) -> None:
        self._events += events
        if self._events > self._limits.events:
            raise LimitReached(self._asides.too_long)
        if self._events >= self._limits.crowded:
            self._flush = max(self._flush, self._limits.crowded_flush)
        self._is_opening = False
        self._out.append(frames)

    @property
    def _opening_waits(self) -> bool:
        return self._is_opening and bool(self._out)

    def _next_sign_of_life(self) -> float:
        if not self._pace.first_content:
            return self._sent_at + _PING_SECONDS
        if self._said:
            return self._sent_at + self._pace.keep_alive
        return self._sent_at + (self._pace.status_every if self._status_is_shown else self._pace.first_content)

    def _sign_of_life(self, seconds: int) -> bytes:
        """A content event where one can be made without changing the answer; Poe does not count comments."""
        if not self._pace.first_content or len(self._said) > _MOST_REPEATED or self._events >= self._limits.crowded:
            return PING
        self._events += 1
        if self._said:
            self._text.clear()  # it is part of what was said
            return replace_frame(self._all_words())
        self._status_is_shown = self.is_noticed = True
        return replace_frame(self._asides.still_working(seconds))

    def _all_words(self) -> str:
        return self._said.decode(errors="surrogatepass")
