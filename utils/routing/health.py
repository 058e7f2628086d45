"""What a lane's own traffic tells about it: how much, how well and how fast. It judges nothing."""

import math
import time
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_HALF_LIFE = 60.0
"""After so many seconds a latency weighs half as much in the average."""

_STALE = 300.0
"""After so many seconds without a new latency the average is unknown, so that a slow lane is tried again."""

_RECENT = 128
"""So many latencies are kept for the percentiles."""

_NAMES = 32
"""So many kinds of failure are counted by name, the others together."""


@dataclass(frozen=True)
class LaneSnapshot:
    """A lane at one moment. Times in seconds; None where nothing is known."""

    attempts: int
    """All that began: those that ended well, those that failed, those that were dropped and those in flight."""
    successes: int
    failures: Mapping[str, int]
    """How many of each kind, by the class name of the error."""
    dropped: int
    """Given up by whoever asked: they say nothing about the lane."""
    in_flight: int
    first_content: float | None
    """The time to the first content, as an average in which the latest weigh most."""
    first_content_p50: float | None
    first_content_p95: float | None
    last_failure: str | None
    last_failure_age: float | None


class InFlight:
    """One attempt from its beginning to its end. It ends once, and nothing that is said of it afterwards counts."""

    __slots__ = ("_began", "_lane", "_spoke")

    def __init__(self, lane: "LaneHealth", began: float) -> None:
        self._lane: LaneHealth | None = lane
        self._began = began
        self._spoke = False

    def first_content(self) -> None:
        """The answer begins now. Only the first call counts."""
        if self._lane is not None and not self._spoke:
            self._spoke = True
            self._lane._spoke_after(self._began)

    def ended(self, *, answered: bool = False, error: str | None = None) -> None:
        """It is over: it was `answered`, or failed with an `error` of this class, or whoever asked went away."""
        if self._lane is not None:
            self._lane._ended(answered, error)
            self._lane = None

    def __del__(self) -> None:
        # A generator that is never finished takes its attempt with it: without this it would be in flight for ever.
        self.ended()


class LaneHealth:
    """Counts and times the attempts of one lane, in memory of a fixed size. Not for use by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.attempts = 0
        self.successes = 0
        self.dropped = 0
        self.in_flight = 0
        self._failures: dict[str, int] = {}
        self._last_failure: tuple[str, float] | None = None
        self._recent = array("d")
        self._measured = 0
        self._average = 0.0
        self._weight = 0.0
        self._measured_at = 0.0

    def began(self) -> InFlight:
        """An attempt begins; what comes back is told how it goes on."""
        self.attempts += 1
        self.in_flight += 1
        return InFlight(self, self._clock())

    def first_content(self) -> float | None:
        """The average time to the first content; None when none was measured lately."""
        if not self._weight or self._clock() - self._measured_at >= _STALE:
            return None
        return self._average

    def snapshot(self) -> LaneSnapshot:
        """Everything that is known now."""
        latencies = sorted(self._recent)
        name, at = self._last_failure or (None, 0.0)
        return LaneSnapshot(
            attempts=self.attempts,
            successes=self.successes,
            failures=dict(self._failures),
            dropped=self.dropped,
            in_flight=self.in_flight,
            first_content=self.first_content(),
            first_content_p50=_percentile(latencies, 0.50),
            first_content_p95=_percentile(latencies, 0.95),
            last_failure=name,
            last_failure_age=None if name is None else max(0.0, self._clock() - at),
        )

    def _spoke_after(self, began: float) -> None:
        now = self._clock()
        latency = now - began
        # A clock that jumps makes a latency that would win every comparison.
        if not 0.0 <= latency < math.inf:
            return
        self._remember(latency)
        kept = self._weight * 0.5 ** (max(0.0, now - self._measured_at) / _HALF_LIFE)
        self._weight = kept + 1.0
        self._average += (latency - self._average) / self._weight
        self._measured_at = now

    def _remember(self, latency: float) -> None:
        if len(self._recent) < _RECENT:
            self._recent.append(latency)
        else:
            self._recent[self._measured % _RECENT] = latency
        self._measured += 1

    def _ended(self, answered: bool, error: str | None) -> None:
        self.in_flight -= 1
        if answered:
            self.successes += 1
        elif error is None:
            self.dropped += 1
        else:
            self._failed(error)

    def _failed(self, name: str) -> None:
        self._last_failure = (name, self._clock())
        if name not in self._failures and len(self._failures) >= _NAMES:
            name = "others"
        self._failures[name] = self._failures.get(name, 0) + 1


def _percentile(ordered: list[float], share: float) -> float | None:
    """The smallest one that at least this share of them does not exceed."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
