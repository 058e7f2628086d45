"""What is known of a provider's models: what its entry says, joined with what the provider itself has said lately."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

from utils.chat import ModelInfo
from utils.errors import (
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    NotAStream,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    TimedOut,
    Unreachable,
)
from utils.registry import ModelConfig, ProviderConfig, ProviderRegistry
from utils.registry.provider_config import Price

from .profiles import profile_of

_KEPT_SECONDS = 300.0
_KEPT_AFTER_FAILURE_SECONDS = 30.0
_MOST_KNOWN = 4096

_SENTENCES: tuple[tuple[type[ProviderFailure], str], ...] = (
    (KeyMissing, "The provider has no key yet."),
    (KeyRefused, "The provider does not accept the key."),
    (QuotaExhausted, "The account at the provider is empty."),
    (ModelNotFound, "The provider lists no models."),
    (RateLimited, "The provider asks to wait before it lists its models."),
    (Overloaded, "The provider is too busy to list its models."),
    (Unreachable, "The provider cannot be reached."),
    (TimedOut, "The provider took too long to list its models."),
    (NotAStream, "What the provider answered is no list of models."),
)
"""What may be read by anybody: the words of a failure itself are for the log."""
_ANYTHING_ELSE = "The provider could not list its models."

Ask = Callable[[str], Awaitable[tuple[ModelInfo, ...]]]


@dataclass(frozen=True)
class Listed:
    """One model of a provider."""

    info: ModelInfo
    alias: str | None = None
    price: Price | None = None


@dataclass(frozen=True)
class Listing:
    """The models of one provider."""

    provider: str
    default_model: str | None
    models: tuple[Listed, ...]
    live: bool = False
    """Whether the provider itself has said so, at most a few minutes ago."""
    problem: str | None = None
    """Why it has not, though it was asked, as a sentence for anybody."""


@dataclass(frozen=True)
class _Said:
    """What came of asking a provider, and until when it holds."""

    until: float
    models: tuple[ModelInfo, ...] | None = None
    problem: str | None = None


class ModelDirectory:
    """Asks each provider at most once at a time, and not again for as long as its last answer holds."""

    def __init__(self, registry: ProviderRegistry, ask: Ask, now: Callable[[], float] = monotonic) -> None:
        self._registry = registry
        self._ask = ask
        self._now = now
        self._said: dict[str, _Said] = {}
        self._asking: dict[str, asyncio.Task[_Said]] = {}
        self._seen: dict[str, dict[str, ModelInfo]] = {}
        """The last list of each provider, also when it is no longer new."""
        # Every question asks for it. It holds until something new is seen.
        self._known = lru_cache(_MOST_KNOWN)(self._found)

    async def listing(self, name: str, *, live: bool = False) -> Listing:
        """The models of the entry; with `live`, those too that the provider lists now. Raises a `KeyError` only."""
        config = self._registry[name]
        said = await self._lately_said(name) if live else None
        if said is None or said.models is None:
            models = tuple(self._listed(config, model) for model in config.models)
            return Listing(name, config.model, models, problem=said.problem if said else None)
        own = {model.name for model in config.models}
        others = (Listed(self._joined(config, ModelConfig(name=each.name))) for each in said.models)
        models = tuple(self._listed(config, model) for model in config.models)
        return Listing(name, config.model, (*models, *(each for each in others if each.info.name not in own)), True)

    def info(self, name: str, model: str) -> ModelInfo:
        """What is known of a model without asking anybody. Of the sources, the owner's own file comes first."""
        return self._known(name, model)

    def take_over(self, before: "ModelDirectory", names: Iterable[str]) -> None:
        """Know what another one knows of these providers."""
        names = frozenset(names)
        # The other one is in use meanwhile, and may learn more while this looks.
        self._said = {name: said for name, said in dict(before._said).items() if name in names}
        self._seen = {name: seen for name, seen in dict(before._seen).items() if name in names}
        self._known.cache_clear()

    def forget(self) -> None:
        """Stop asking, and forget what was said."""
        for task in self._asking.values():
            task.cancel()
        self._asking.clear()
        self._said.clear()
        self._seen.clear()
        self._known.cache_clear()

    async def _lately_said(self, name: str) -> _Said:
        said = self._said.get(name)
        if said is not None and self._now() < said.until:
            return said
        if name not in self._asking:
            self._asking[name] = asyncio.create_task(self._asked(name))
        # One who goes away does not take the answer from the others who wait for it.
        return await asyncio.shield(self._asking[name])

    async def _asked(self, name: str) -> _Said:
        try:
            models = await self._ask(name)
            said = _Said(self._now() + _KEPT_SECONDS, models)
            self._seen[name] = {model.name: model for model in models}
            self._known.cache_clear()
        except ProviderFailure as failure:
            problem = next((words for kind, words in _SENTENCES if isinstance(failure, kind)), _ANYTHING_ELSE)
            said = _Said(self._now() + _KEPT_AFTER_FAILURE_SECONDS, problem=problem)
        finally:
            self._asking.pop(name, None)
        self._said[name] = said
        return said

    def _found(self, name: str, model: str) -> ModelInfo:
        config = self._registry[name]
        return self._joined(config, config.model_config_of(model) or ModelConfig(name=model))

    def _listed(self, config: ProviderConfig, model: ModelConfig) -> Listed:
        return Listed(self._joined(config, model), model.alias, model.price)

    def _joined(self, config: ProviderConfig, model: ModelConfig) -> ModelInfo:
        live = self._live(config.name, model.name)
        vision = model.vision if model.vision is not None else live.vision
        if vision is None and profile_of(config, model.name).images == "none":
            vision = False
        return ModelInfo(
            name=model.name,
            context=model.context if model.context is not None else live.context,
            vision=vision,
            tools=model.tools if model.tools is not None else live.tools,
            reasoning=live.reasoning,
        )

    def _live(self, provider: str, model: str) -> ModelInfo:
        seen = self._seen.get(provider, {})
        return next((seen[name] for name in _spellings(model) if name in seen), ModelInfo(model))


def _spellings(model: str) -> Iterator[str]:
    """How a provider may list the model: Ollama adds a tag, Hugging Face's router leaves out who is to compute it."""
    yield model
    yield f"{model}:latest"
    yield model.rpartition(":")[0] or model
