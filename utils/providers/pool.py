"""The providers that are in use, each made when it is first asked, all on one HTTP session."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from utils.chat import ChatProvider, ChatRequest, Delta, Embeddings, Embeds, ListsModels, ModelInfo
from utils.errors import ModelNotFound, ProviderFailure
from utils.keys import Caller, Grants, KeyPool, Keyring, KeyState
from utils.registry import ProviderConfig, ProviderRegistry

from .granted import GrantedProviders
from .kinds import KINDS, Kind, Parts
from .local_servers import LocalServers
from .model_directory import Listing, ModelDirectory
from .profiles import Remedy
from .takes import Takes, takes_of

if TYPE_CHECKING:
    from .http import SharedHttp


class ProviderPool:
    """Hands out the providers of a registry. Nothing is opened before the first question."""

    def __init__(
        self,
        registry: ProviderRegistry,
        keyring: Keyring | None = None,
        kinds: Mapping[str, Kind] = KINDS,
        before: "ProviderPool | None" = None,
    ) -> None:
        """`before` is the pool of the files as they were: what they said of a provider and still say stays made."""
        self.registry = registry
        self.kinds = kinds
        self.keyring = keyring or Keyring()
        self.grants = Grants({name: config.allow for name, config in registry.items()})
        self._keys: dict[str, KeyPool] = {}
        self._providers: dict[str, _MadeOnFirstUse] = {}
        self._local = LocalServers()
        self._directory = ModelDirectory(registry, self._models_of)
        self._http: _OpenedOnFirstUse = before._http if before else _OpenedOnFirstUse()
        if before:
            self._take_over(before)

    def get(self, name: str) -> ChatProvider:
        """The provider of that name; the same one every time. It is made when it is first asked."""
        if name not in self._providers:
            config, parts = self.registry[name], Parts(self.keys_of(name), self._http)
            # It may outlive this pool, and holds nothing of it.
            self._providers[name] = _MadeOnFirstUse(partial(_made, self.kinds, config, parts))
        return self._providers[name]

    async def models(self, name: str, *, live: bool = False) -> Listing:
        """The models of a provider: those of its entry, and with `live` those that it lists itself."""
        return await self._directory.listing(name, live=live)

    def capabilities(self, name: str, model: str) -> ModelInfo:
        """What is known of a provider's model, without asking anybody."""
        return self._directory.info(name, model)

    def takes(self, name: str, model: str | None) -> Takes:
        """What a question to this model may say, as far as is known without asking anybody."""
        config = self.registry[name]
        full = config.full_model_name(model) if model else config.model
        made = self._providers[name].if_made() if name in self._providers else None
        refused: Remedy = made.learned(full) if isinstance(made, _Learns) else {}
        return takes_of(config, self._directory.info(name, full) if full else None, refused)

    async def embed(self, name: str, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The texts as vectors of this provider. Raises a `ProviderFailure`, also where it makes none."""
        provider = await self._loaded(name)
        if not callable(getattr(provider, "embed", None)):
            kind = self.registry[name].kind
            raise ModelNotFound(f"providers of kind `{kind}` make no embeddings", provider=name)
        return await cast(Embeds, provider).embed(texts, model)

    def serves(self, kind: str) -> bool:
        """Whether providers of this kind can be made."""
        return kind in self.kinds

    def why_not_ready(self, name: str) -> str | None:
        """What keeps the provider from answering, as a short sentence; None when nothing is known to."""
        config = self.registry[name]
        if not self.serves(config.kind):
            return f"providers of kind `{config.kind}` are not served by this version"
        kind = self.kinds[config.kind]
        return (
            kind.wrong_settings(config)
            or self.keys_of(name).why_not_ready()
            or kind.why_not_ready(config)
            or self._local.why_not_ready(config)
        )

    def wrong_settings(self, name: str) -> str | None:
        """What is wrong with the provider's entry that only its kind can tell, as a sentence."""
        config = self.registry[name]
        return self.kinds[config.kind].wrong_settings(config) if self.serves(config.kind) else None

    def ready(self) -> list[str]:
        """The providers that can answer now, in the order of the file."""
        return [name for name in self.registry if self.why_not_ready(name) is None]

    def granted_to(self, caller: Caller) -> GrantedProviders:
        """The providers as the caller may see them: those that it may use, and nothing of the others."""
        return GrantedProviders(self, caller)

    def keys_of(self, name: str) -> KeyPool:
        """The keys of the provider, and nobody else's."""
        if name not in self._keys:
            self._keys[name] = KeyPool(name, self.registry[name].api_key_env, self.keyring)
        return self._keys[name]

    def key_states(self) -> dict[str, tuple[KeyState, ...]]:
        """What is known of the keys of every provider, without the keys."""
        return {name: self.keys_of(name).state() for name in self.registry}

    def warm_up(self) -> None:
        """Load now what the first question would have to wait for. It takes a moment: not on the event loop."""
        for name in self.ready():
            if name in self._providers:
                # One that cannot be made keeps no other cold; its failure comes again with its first question.
                with suppress(ProviderFailure):
                    self._providers[name].made()
        self._http.warm_up()

    async def retire(self, in_use: "Collection[ProviderPool]") -> None:
        """Close what none of the pools in use has taken over. The connections that all share stay open."""
        others = {id(provider) for pool in in_use for provider in pool._providers.values()}
        for provider in [each for each in self._providers.values() if id(each) not in others]:
            await provider.aclose()

    async def aclose(self) -> None:
        """Close the connections to all providers."""
        providers = list(self._providers.values())
        self._directory.forget()
        self._providers.clear()
        for provider in providers:
            await provider.aclose()
        await self._http.aclose()

    async def models_now(self, name: str) -> tuple[ModelInfo, ...]:
        """The models that the provider lists, which is asked in any case. Raises a `ProviderFailure`."""
        return await self._models_of(name)

    def _take_over(self, before: "ProviderPool") -> None:
        same = [name for name, config in self.registry.items() if before.registry.get(name) == config]
        self._local = before._local
        self._keys = {name: before._keys[name] for name in same if name in before._keys}
        self._providers = {name: before._providers[name] for name in same if name in before._providers}
        self._directory.take_over(before._directory, same)

    async def _models_of(self, name: str) -> tuple[ModelInfo, ...]:
        provider = await self._loaded(name)
        if not callable(getattr(provider, "models", None)):
            raise ModelNotFound(f"providers of kind `{self.registry[name].kind}` list no models", provider=name)
        return await cast(ListsModels, provider).models()

    async def _loaded(self, name: str) -> ChatProvider:
        """The provider itself. What it stands on is loaded beside the event loop, on which others wait for answers."""
        kind = self.registry[name].kind
        if not self.serves(kind):
            raise ModelNotFound(f"providers of kind `{kind}` are not served by this version", provider=name)
        self.get(name)
        provider = self._providers[name]
        return provider.made() if provider.is_made else await asyncio.to_thread(provider.made)


def _made(kinds: Mapping[str, Kind], config: ProviderConfig, parts: Parts) -> ChatProvider:
    kind = kinds[config.kind]
    if wrong := kind.wrong_settings(config):
        raise ProviderFailure(wrong, provider=config.name)
    return kind.make(config, parts)


class _OpenedOnFirstUse:
    """The HTTP of all pools of one server, one after the other: what streams over it outlives its pool."""

    def __init__(self) -> None:
        self._http: SharedHttp | None = None
        self._opening = Lock()

    def __call__(self) -> "SharedHttp":
        """What all share, made now if there is none yet."""
        with self._opening:
            if self._http is None:
                from .http import SharedHttp

                self._http = SharedHttp()
            return self._http

    def warm_up(self) -> None:
        """Load what its connections stand on, if anybody has asked for it."""
        if self._http is not None:
            self._http.tls()

    async def aclose(self) -> None:
        """Close it, if it is open."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()


class _MadeOnFirstUse:
    """A provider that costs nothing until it is asked: what it stands on takes a moment to load."""

    def __init__(self, make: "Callable[[], ChatProvider]") -> None:
        self._make = make
        self._provider: ChatProvider | None = None
        self._making = Lock()
        """`warm_up` runs in a thread of its own, and a question may come meanwhile."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer of the provider."""
        return (self._provider or self.made()).stream(request)

    @property
    def is_made(self) -> bool:
        """Whether it is at hand."""
        return self._provider is not None

    def if_made(self) -> ChatProvider | None:
        """The provider, where it is at hand."""
        return self._provider

    def made(self) -> ChatProvider:
        """The provider itself."""
        with self._making:
            if self._provider is None:
                self._provider = self._make()
            return self._provider

    async def aclose(self) -> None:
        """Close what the provider keeps open beside the shared HTTP client, if there is anything."""
        if isinstance(self._provider, _KeepsOpen):
            await self._provider.aclose()


@runtime_checkable
class _Learns(Protocol):
    """A provider that heeds which parameters a model has refused."""

    def learned(self, model: str | None) -> Remedy:
        """Those parameters."""
        ...


@runtime_checkable
class _KeepsOpen(Protocol):
    """A provider with connections of its own."""

    async def aclose(self) -> None:
        """Close them."""
        ...
