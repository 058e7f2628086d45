"""A provider whose answers are remembered, and that is asked once when many ask the same at the same time."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

import msgspec

from utils.chat import ChatProvider, ChatRequest, Delta

from .answer import Reading, restored, stored
from .flight import Flight
from .hit import Hit, RecordHit
from .key import key_of
from .rules import CacheRules
from .store import AnswerStore


class Cached:
    """Gives a stored answer where there is one, joins the same question where it is on its way, and asks otherwise.

    `asks` stands for everything that shapes an answer and is not in the request: the targets that may be asked, their
    models and what is always sent to them. What comes from the store or from another's question is marked `cached`:
    nothing more was paid for it, and its `usage` is what it would have taken.
    """

    def __init__(
        self,
        provider: ChatProvider,
        rules: CacheRules,
        store: AnswerStore,
        asks: str | bytes,
        record: RecordHit = lambda origin, hit: None,
        variant_of: Callable[[ChatRequest], str | None] = lambda request: "",
    ) -> None:
        """`variant_of` says which part of an A/B test a question falls into; None where it is left to chance."""
        self.provider = provider
        self.record = record
        self.rules = rules
        self.store = store
        self.asks = asks
        self.variant_of = variant_of

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, told as if it were new."""
        variant = self.variant_of(request)
        key = None if variant is None else key_of(request, self.asks, self.rules.scope, variant)
        if key is None:
            return self.provider.stream(request)
        return self._ask(key, request) if request.fresh else self._answer(key, request)

    async def _answer(self, key: bytes, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        was_let_down = False
        while (source := self._known(key)) is not None:
            hit = Hit()
            try:
                async with aclosing(source.read()) as deltas:
                    async for delta in deltas:
                        hit.saw(delta)
                        yield msgspec.structs.replace(delta, cached=True)
                hit.ended(source.failure)
            finally:
                hit.over()
                if not source.was_in_vain:
                    self.record(request.origin, hit)
            # Of those who were let down one asks and the others wait for it; a second failure is everyone's.
            if not source.was_in_vain or was_let_down:
                source.raise_failure()
                return
            was_let_down = True
        self.store.counts.misses += 1
        async with aclosing(self._ask(key, request)) as deltas:
            async for delta in deltas:
                yield delta

    def _known(self, key: bytes) -> "Flight | _Replay | None":
        """The answer that is stored, else the one that is on its way."""
        data = self.store.get(key, self.rules.ttl_seconds)
        if data is not None:
            self.store.counts.hits += 1
            return _Replay(data)
        flight = self.store.flights.get(key)
        self.store.counts.joined += flight is not None
        return flight

    async def _ask(self, key: bytes, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        flight = Flight(self.provider.stream(request), self.store.max_answer_bytes, partial(self._land, key))
        self.store.flights[key] = flight
        async with aclosing(flight.read()) as deltas:
            async for delta in deltas:
                yield delta
        flight.raise_failure()

    def _land(self, key: bytes, flight: Flight) -> None:
        """Keep a whole answer, unless someone has asked anew meanwhile."""
        if self.store.flights.get(key) is not flight:
            return
        del self.store.flights[key]
        if flight.is_whole and (data := stored(flight.answer)) is not None:
            self.store.put(key, data, self.rules.ttl_seconds)


class _Replay:
    """A stored answer, read as a flight is read."""

    was_in_vain = False
    failure = None

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self) -> AsyncGenerator[Delta, None]:
        place = Reading(restored(self._data))
        while (delta := place.next()) is not None:
            yield delta

    def raise_failure(self) -> None:
        """A stored answer never fails."""
