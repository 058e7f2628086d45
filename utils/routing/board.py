"""What is known of every lane of the server. It outlives a change of the files: a lane keeps what it has learnt."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from .breaker import Breaker, State
from .gate import Gate
from .health import LaneHealth, LaneSnapshot
from .lane import Lane
from .rate_limit import RateLimit, RateLimiter
from .trace import Trace

_REMEMBERED_TRACES = 200
_WAITING_PER_PLACE = 4


@dataclass(frozen=True)
class LaneState:
    """A lane, as its owner may see it."""

    provider: str
    model: str | None
    key: str | None
    state: State
    reason: str
    shut_for: float | None
    """Seconds until it is asked again; None when it is, or when that is for the owner to say."""
    health: LaneSnapshot

    @property
    def target(self) -> str:
        """How the files call it."""
        return f"{self.provider}:{self.model}" if self.model else self.provider


class Board:
    """Hands out lanes; the same one for the same provider, model and key as long as the server lives."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.traces: deque[Trace] = deque(maxlen=_REMEMBERED_TRACES)
        """The answers of late, the newest last."""
        self.watchers: list[Callable[[Trace], object]] = []
        """Those who want to see every trace. They must not raise."""
        self._clock = clock
        self._lanes: dict[tuple[str, str | None, str | None], Lane] = {}
        self._limiters: dict[tuple[str, str], RateLimiter] = {}
        self._gates: dict[tuple[str, str | None, int], Gate] = {}
        self._taken_out: dict[tuple[str, str | None], str | None] = {}
        """Why, also for the lanes that are still to come; without a model it is all of a provider, but for the models
        that have None."""

    def lane(self, provider: str, model: str | None, key: str | None = None, max_concurrent: int | None = None) -> Lane:
        """The lane of that name. `max_concurrent` is how many answers its provider gives at a time with this key."""
        lane = self._lanes.get((provider, model, key))
        if lane is None:
            new = Lane(provider, model, key, Breaker(self._clock), LaneHealth(self._clock))
            if reason := self._taken_out.get((provider, model), self._taken_out.get((provider, None))):
                new.breaker.force_open(reason)
            # What follows a change of the files is made beside the event loop, where questions make lanes as well.
            lane = self._lanes.setdefault((provider, model, key), new)
        lane.gate = self._gate(provider, key, max_concurrent) if max_concurrent else None
        return lane

    def limiter(self, bot: str, text: str, limit: RateLimit) -> RateLimiter:
        """Who counts for this bot; another one when its limit was changed."""
        if (bot, text) not in self._limiters:
            self._limiters[bot, text] = RateLimiter(limit, self._clock)
        return self._limiters[bot, text]

    def take_out(self, provider: str, model: str | None, reason: str) -> int:
        """Ask it no more until it is put back, and tell how many lanes that are; without a model, all of it."""
        self._forget(provider, model)
        self._taken_out[provider, model] = reason
        lanes = list(self._of(provider, model))
        for lane in lanes:
            lane.breaker.force_open(reason)
        return len(lanes)

    def put_back(self, provider: str, model: str | None) -> int:
        """Undo `take_out`, and tell how many lanes that are."""
        self._forget(provider, model)
        if (provider, None) in self._taken_out:
            self._taken_out[provider, model] = None
        lanes = list(self._of(provider, model))
        for lane in lanes:
            lane.breaker.release()
        return len(lanes)

    def states(self) -> Iterator[LaneState]:
        """Every lane as it is now."""
        now = self._clock()
        for lane in list(self._lanes.values()):
            until = lane.breaker.shut_until
            yield LaneState(
                lane.provider,
                lane.model,
                lane.key,
                lane.breaker.state,
                lane.breaker.reason,
                None if until is None else max(0.0, until - now),
                lane.health.snapshot(),
            )

    def lanes_of(self, provider: str) -> list[Lane]:
        """Every lane to this provider that anybody has needed so far."""
        return list(self._of(provider, None))

    def gates(self) -> list[tuple[str, Gate]]:
        """Every gate that anybody has needed so far, with its provider."""
        return [(place[0], gate) for place, gate in list(self._gates.items())]

    def remember(self, trace: Trace) -> None:
        """Keep the trace of an answer for a while, and show it to those who watch."""
        self.traces.append(trace)
        for watch in self.watchers:
            watch(trace)

    def why_shut(self, provider: str, model: str | None) -> str | None:
        """Why nobody is let through to this target now; None where somebody is, or where nobody has asked it yet."""
        breakers = [lane.breaker for lane in self._of(provider, None) if lane.model == model]
        if not breakers or any(breaker.state in {"closed", "half-open"} for breaker in breakers):
            return None
        return f"{provider}:{model or ''}".rstrip(":") + f" is {breakers[0].state}: {breakers[0].reason}"

    def _forget(self, provider: str, model: str | None) -> None:
        """What was said of this model; without one, of any of the provider."""
        for said in [each for each in self._taken_out if each[0] == provider and model in (None, each[1])]:
            del self._taken_out[said]

    def _of(self, provider: str, model: str | None) -> Iterator[Lane]:
        return (
            lane
            for lane in list(self._lanes.values())
            if lane.provider == provider and (model is None or lane.model == model)
        )

    def _gate(self, provider: str, key: str | None, max_concurrent: int) -> Gate:
        place = provider, key, max_concurrent
        if place not in self._gates:
            self._gates[place] = Gate(
                max_concurrent, max_concurrent * _WAITING_PER_PLACE, self._clock, provider=provider
            )
        return self._gates[place]
