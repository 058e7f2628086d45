"""How often one person may ask one bot: `20/minute`, or several such limits at once.

The windows move: of any sixty seconds, wherever they begin, no more than twenty questions fall into them. The
`limits` library is not used here: it reads the wall clock, which may jump, and its store in memory keeps the name of
everyone who ever asked.
"""

import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from utils.errors import BotErrorNoRetry

_RATE = re.compile(r"([0-9]{1,9}) *(?:/|per\b) *(?:([0-9]{1,9}) *)?([a-z]+)", re.IGNORECASE)

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_SYMBOLS = (("d", 86_400), ("h", 3600), ("min", 60))


class TooManyQuestions(BotErrorNoRetry):
    """The person may ask again in `wait_seconds`. No retry: it would come at once, and be refused as well."""

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, math.ceil(wait_seconds))
        self.wait = _duration(self.wait_seconds)
        """The same in a form that is read in every language, such as `12 min`."""
        super().__init__(f"You have asked a lot in a short time. Please wait {self.wait}.")


@dataclass(frozen=True)
class Rate:
    """At most `questions` in any `seconds`."""

    questions: int
    seconds: int


@dataclass(frozen=True)
class RateLimit:
    """Rates that all have to be kept."""

    rates: tuple[Rate, ...]

    @classmethod
    def parse(cls, text: str) -> "RateLimit":
        """Reads `20/minute`, `5 per hour`, `10 per 30 seconds`, or several with `;` between. Else a ValueError."""
        return cls(tuple(_rate(part.strip(), text) for part in text.split(";")))


class RateLimiter:
    """Counts the questions of each person to one bot. Not for use by several threads.

    Those without a name (`who` is empty) are counted as one person: a limit protects the owner's account, and it
    would protect nothing if leaving out the name were a way around it.
    """

    def __init__(
        self, limit: RateLimit, clock: Callable[[], float] = time.monotonic, *, max_people: int = 50_000
    ) -> None:
        self._rates = limit.rates
        self._clock = clock
        self._max_people = max_people
        self._most = max(rate.questions for rate in limit.rates)
        self._longest = max(rate.seconds for rate in limit.rates)
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        """When everyone asked, whoever asked longest ago first. A refused question is not in it."""

    def check(self, who: str) -> float | None:
        """None: go on, it is counted. Else how many seconds to wait, and nothing is counted."""
        now = self._clock()
        self._forget_the_idle(now)
        times = self._asked.get(who) or deque(maxlen=self._most)
        # A time that is still to come: the clock went back, and what it told before means nothing now.
        if times and times[-1] > now:
            times.clear()
        wait = max(_wait(rate, times, now) for rate in self._rates)
        if wait > 0:
            return wait
        times.append(now)
        self._asked[who] = times
        self._asked.move_to_end(who)
        if len(self._asked) > self._max_people:
            self._asked.popitem(last=False)
        return None

    def __len__(self) -> int:
        """How many people it remembers."""
        return len(self._asked)

    def _forget_the_idle(self, now: float) -> None:
        while self._asked:
            who, times = next(iter(self._asked.items()))
            if now - times[-1] < self._longest:
                return
            del self._asked[who]


def _wait(rate: Rate, times: deque[float], now: float) -> float:
    """Until the question that used up the rate has left the window."""
    if len(times) < rate.questions:
        return 0.0
    return times[-rate.questions] + rate.seconds - now


def _rate(part: str, text: str) -> Rate:
    found = _RATE.fullmatch(part)
    unit = _SECONDS.get(found[3].lower().removesuffix("s")) if found else None
    if found is None or unit is None:
        raise ValueError(
            f"`{text}` is no rate limit: write how many questions in which time, such as `20/minute`, `5 per hour`"
            " or `20/minute; 200/day` (second, minute, hour or day)"
        )
    questions, units = int(found[1]), int(found[2] or 1)
    if not questions or not units:
        raise ValueError(f"`{text}` lets nobody ask anything: write numbers of 1 or more, such as `20/minute`")
    return Rate(questions, units * unit)


def _duration(seconds: int) -> str:
    """In the largest unit that says it well, rounded up: `40 s`, `2 min`, `14 h`, `2 d`."""
    unit, size = next(((unit, size) for unit, size in _SYMBOLS if seconds >= 1.5 * size), ("s", 1))
    return f"{math.ceil(seconds / size)} {unit}"
