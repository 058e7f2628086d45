"""Providers that are asked without a chain, by bots in Python and for vectors: recorded and paid for all the same."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from time import monotonic, time

from msgspec import structs

from utils.chat import ChatProvider, ChatRequest, Delta, Embeddings, Origin, Usage
from utils.errors import ProviderFailure
from utils.keys import Caller
from utils.ledger.budgets import Budgeted, Budgets, Limit, Till, expected_of_texts
from utils.ledger.market import Market
from utils.ledger.prices import Prices
from utils.providers import GrantedProviders, ProviderPool

from .asker import origin_of_this_request
from .course import Record, forget
from .trace import Trace, Tried
from .verdict import verdict_on


@dataclass(frozen=True)
class Books:
    """Where every attempt is written down, and what is spent."""

    record: Record
    remember: Callable[[Trace], object]
    budgets: Budgets
    market: Market
    began: Record = forget

    @contextmanager
    def attempt(self, origin: Origin, provider: str, model: str | None) -> Iterator[Tried]:
        """What happens inside is one attempt, and is written down when it is over, however that comes about."""
        tried, began = Tried(1, provider, model, None), monotonic()
        self.began(origin, tried)
        try:
            yield tried
        except Exception as exc:  # a provider may be a plugin's code
            tried.failed(exc, was_asked=not isinstance(exc, ProviderFailure) or verdict_on(exc).was_asked)
            raise
        finally:
            tried.seconds, tried.ended_at = monotonic() - began, time()
            self.record(origin, tried)
            trace = Trace(origin, [tried])
            trace.log()
            self.remember(trace)


class RecordedProviders(GrantedProviders):
    """The providers of one bot. Whatever is asked of them is an attempt in the ledger, and keeps its budgets."""

    def __init__(
        self, pool: ProviderPool, caller: Caller, books: Books, limits: Sequence[Limit], held_for: float
    ) -> None:
        """`limits` are those of the bot itself."""
        self.plain = GrantedProviders(pool, caller)
        """The same for a chain, which writes down itself what it asks."""
        self.books = books
        self._limits = tuple(limits)
        self._held_for = held_for
        super().__init__(pool, caller)

    def follow(self, pool: ProviderPool) -> None:
        """Be what this pool grants, from now on."""
        super().follow(pool)
        self.plain.follow(pool)

    def get(self, name: str) -> ChatProvider:
        """The provider of that name. Raises `NotGranted` when it is not one of the bot's."""
        return _Recorded(super().get(name), name, self)

    async def embed(self, name: str, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The texts as vectors of this provider. Raises `NotGranted` like `get`, or another `ProviderFailure`."""
        asked = model or self.registry[self._granted(name)].embedding_model
        till, origin, expected = self.till(name, asked), self.origin_of(Origin()), expected_of_texts(texts)
        with self.books.attempt(origin, name, asked) as tried:
            reserved = await till.reserve(till.limits_for(origin), expected, origin)
            used: Usage | None = expected
            try:
                made = await super().embed(name, texts, model)
                used = made.usage or expected
            except ProviderFailure:
                used = None
                raise
            finally:
                reserved.settle(used)
            tried.outcome, tried.usage, tried.answered_by = "answered", made.usage, made.model
        return made

    def till(self, name: str, model: str | None) -> Till:
        """The budgets that a question to this model has to keep."""
        limits = (*self._limits, *(Limit(f"provider {name}", budget) for budget in self.registry[name].budget))
        prices = Prices(self.registry, self.books.market)
        return Till(name, model, limits, self.books.budgets, prices, self._held_for)

    def origin_of(self, said: Origin) -> Origin:
        """Where the question comes from: as it says itself, else as the door knows it."""
        return said if said != Origin() else origin_of_this_request() or Origin(bot=self._caller.name)


class _Recorded:
    """One provider, asked directly."""

    def __init__(self, provider: ChatProvider, name: str, providers: RecordedProviders) -> None:
        self._provider = provider
        self._name = name
        self._providers = providers

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes. Raises a `ProviderFailure` when it does not come, or not whole."""
        origin = self._providers.origin_of(request.origin)
        return self._written_down(structs.replace(request, origin=origin))

    async def _written_down(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        model = request.model or self._providers.registry[self._name].model
        asked = Budgeted(self._provider, self._providers.till(self._name, model))
        with self._providers.books.attempt(request.origin, self._name, model) as tried:
            began = monotonic()
            async with aclosing(asked.stream(request)) as deltas:
                async for delta in deltas:
                    if tried.first_content is None and delta.has_content:
                        tried.first_content = monotonic() - began
                    tried.pieces += 1
                    tried.usage = delta.usage or tried.usage
                    tried.answered_by = delta.model or tried.answered_by
                    if delta.finish_reason:
                        tried.outcome = "answered"  # who stops reading behind it has the whole answer
                    yield delta
            tried.outcome = "answered"
