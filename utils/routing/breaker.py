"""Whether a lane (a model at a provider, with one of its keys) is asked at all, after what it did lately.

Closed, it lets everyone through and counts. Too many failures open it: nobody is let through for a while. Then it is
half-open: one request at a time tries whether things are well again. Apart from that it can be cooling, because the
provider wants us to wait, or be held open by the owner. It raises nothing and never sleeps.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half-open", "cooling"]

_BUCKETS = 10
"""The window is counted in this many parts, so a failure is forgotten after nine to ten tenths of it."""


@dataclass(frozen=True)
class BreakerRules:
    """When a breaker opens and for how long. Times in seconds."""

    window_seconds: float = 60.0
    """Failures are counted over this long."""
    min_requests: int = 10
    """With fewer requests than this in the window the failure rate says nothing."""
    failure_rate: float = 0.5
    """From this share of failures on it opens."""
    connection_errors: int = 3
    """So many in a row open it, however few requests there are."""
    open_seconds: float = 15.0
    """How long it stays open at first."""
    growth: float = 2.0
    """Each opening lasts this many times longer than the one before, until it has been closed for a whole window."""
    max_open_seconds: float = 120.0
    """No opening lasts longer."""
    probe_seconds: float = 60.0
    """A probe that was not heard of for this long no longer keeps others from trying."""
    max_cool_down_seconds: float = 3600.0
    """No provider is believed that wants us to wait longer."""


class Permit:
    """Leave to ask once. Say how it went with one of its methods: the first call counts, any other is ignored."""

    __slots__ = ("_breaker", "at", "opening")

    def __init__(self, breaker: "Breaker", at: float, opening: int) -> None:
        self._breaker: Breaker | None = breaker
        self.at = at
        self.opening = opening

    def succeeded(self) -> None:
        """The provider answered."""
        if breaker := self._spent():
            breaker._succeeded(self)

    def failed(self, connection: bool = False) -> None:
        """The provider did not answer; `connection` when none could be made."""
        if breaker := self._spent():
            breaker._failed(self, connection)

    def neutral(self) -> None:
        """It says nothing about the provider: the question's own fault, a cancelled one, or a 429 (`cool_down`)."""
        if breaker := self._spent():
            breaker._dropped(self)

    def _spent(self) -> "Breaker | None":
        breaker, self._breaker = self._breaker, None
        return breaker


class Breaker:
    """Lets requests through to one lane, or not. Not for use by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, rules: BreakerRules = BreakerRules()) -> None:
        self._rules = rules
        self._clock = clock
        self._seen = clock()
        self._time = 0.0
        self._window = _Window(rules.window_seconds)
        self._connection_errors = 0
        self._opening = 0
        """How often it has opened. What was admitted before the newest opening says nothing about it."""
        self._open_until: float | None = None
        self._open_seconds = 0.0
        self._closed_since = -math.inf
        self._why_open = ""
        self._probe: Permit | None = None
        self._cool_until = 0.0
        self._held: str | None = None

    def admit(self) -> Permit | None:
        """Leave to ask, or None. When half-open, for one at a time."""
        if not self.admits():
            return None
        permit = Permit(self, self._now(), self._opening)
        if self._open_until is not None:
            self._probe = permit
        return permit

    def admits(self, after: float = 0.0) -> bool:
        """Whether it would let somebody through after so many seconds, if nothing happened until then."""
        then = self._now() + after
        if self._held is not None or then < self._cool_until:
            return False
        return self._open_until is None or then >= max(self._open_until, self._probed_until)

    def insist(self) -> Permit:
        """Leave to ask although it is shut, for when there is nobody else. An answer closes it.

        A failure while it is open changes nothing, so that those who insist do not keep it open.
        """
        return self.admit() or Permit(self, self._now(), self._opening)

    def cool_down(self, seconds: float) -> None:
        """Nobody is let through for so long: what the provider asked for with a 429. The longest wish wins."""
        # Providers send 0, negative numbers and NaN as well: none of them is greater than 0.
        if seconds > 0:
            wait = min(seconds, self._rules.max_cool_down_seconds)
            self._cool_until = max(self._cool_until, self._now() + wait)

    def force_open(self, reason: str) -> None:
        """Nobody is let through until `release`, whatever else happens."""
        self._held = reason

    def release(self) -> None:
        """Ends `force_open`; the rest is as it would have been without."""
        self._held = None

    @property
    def state(self) -> State:
        """What it would do with a request now; `open` also while the owner holds it."""
        now = self._now()
        if self._held is not None or (self._open_until is not None and now < self._open_until):
            return "open"
        if now < self._cool_until:
            return "cooling"
        return "closed" if self._open_until is None else "half-open"

    @property
    def shut_until(self) -> float | None:
        """When it lets someone through, by the clock; None when it does now, or when that is for the owner to say.

        While a probe is under way, that is when the probe is given up at the latest.
        """
        now = self._now()
        until = max(self._cool_until, self._open_until or 0.0, self._probed_until)
        return None if self._held is not None or until <= now else self._seen + (until - now)

    @property
    def reason(self) -> str:
        """Why it is not closed, in a few words; empty when it is."""
        if self._held is not None:
            return self._held
        if self._open_until is not None:
            return self._why_open
        return "the provider wants us to wait" if self._now() < self._cool_until else ""

    def _succeeded(self, permit: Permit) -> None:
        if permit.opening != self._opening:
            return
        self._connection_errors = 0
        if self._open_until is None:
            self._window.count(self._now(), failed=False)
        else:
            self._close()

    def _failed(self, permit: Permit, connection: bool) -> None:
        if permit.opening != self._opening:
            return
        now = self._now()
        if self._open_until is not None:
            if now >= self._open_until:
                self._open("it failed again when it was tried")
            return
        self._connection_errors = self._connection_errors + 1 if connection else 0
        self._window.count(now, failed=True)
        if why := self._why_open_now():
            self._open(why)

    def _dropped(self, permit: Permit) -> None:
        if self._probe is permit:
            self._probe = None

    def _why_open_now(self) -> str:
        rules = self._rules
        if self._connection_errors >= rules.connection_errors:
            return f"{self._connection_errors} connection errors in a row"
        requests, failures = self._window.sums(self._now())
        if requests >= rules.min_requests and failures >= rules.failure_rate * requests:
            return f"{failures} of {requests} requests failed"
        return ""

    def _open(self, why: str) -> None:
        now, rules = self._now(), self._rules
        was_healthy = self._open_until is None and now - self._closed_since >= rules.window_seconds
        wait = rules.open_seconds if was_healthy else self._open_seconds * rules.growth
        self._open_seconds = min(wait, rules.max_open_seconds)
        self._open_until = now + self._open_seconds
        self._opening += 1
        self._probe = None
        self._why_open = why

    def _close(self) -> None:
        self._open_until = None
        self._probe = None
        self._closed_since = self._now()
        self._window.clear()

    @property
    def _probed_until(self) -> float:
        return 0.0 if self._probe is None else self._probe.at + self._rules.probe_seconds

    def _now(self) -> float:
        """Seconds that have passed. Where the clock jumps back, none have, and time goes on from there."""
        seen = self._clock()
        self._time += max(0.0, seen - self._seen)
        self._seen = seen
        return self._time


class _Window:
    """Counts requests and failures of the last while, in a fixed number of buckets."""

    def __init__(self, seconds: float) -> None:
        self._width = seconds / _BUCKETS
        self.clear()

    def clear(self) -> None:
        self._numbers = [-_BUCKETS] * _BUCKETS
        self._requests = [0] * _BUCKETS
        self._failures = [0] * _BUCKETS

    def count(self, now: float, *, failed: bool) -> None:
        number = int(now / self._width)
        slot = number % _BUCKETS
        if self._numbers[slot] != number:
            self._numbers[slot], self._requests[slot], self._failures[slot] = number, 0, 0
        self._requests[slot] += 1
        self._failures[slot] += failed

    def sums(self, now: float) -> tuple[int, int]:
        oldest = int(now / self._width) - _BUCKETS + 1
        slots = [slot for slot, number in enumerate(self._numbers) if number >= oldest]
        return sum(self._requests[slot] for slot in slots), sum(self._failures[slot] for slot in slots)
