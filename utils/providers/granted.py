"""The providers as one bot sees them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from utils.chat import ChatProvider, Embeddings, ModelInfo
from utils.errors import NotGranted
from utils.keys import Caller, Key, KeyPool
from utils.registry import ProviderRegistry

from .model_directory import Listing
from .takes import Takes

if TYPE_CHECKING:
    from .pool import ProviderPool


class GrantedProviders:
    """What a bot has of the pool: the providers that were granted to it. The others do not stand in its `registry`."""

    def __init__(self, pool: "ProviderPool", caller: Caller) -> None:
        self._caller = caller
        self.follow(pool)

    def follow(self, pool: "ProviderPool") -> None:
        """Be what this pool grants, from now on."""
        granted = pool.grants.granted(self._caller)
        self._pool = pool
        self.registry = ProviderRegistry(config for name, config in pool.registry.items() if name in granted)

    def stands_on(self, pool: "ProviderPool") -> bool:
        """Whether it is of this pool."""
        return self._pool is pool

    def is_the_same_for(self, caller: Caller, pool: "ProviderPool") -> bool:
        """Whether nothing would be different for the caller in this pool."""
        granted = pool.grants.granted(caller)
        return caller == self._caller and dict(self.registry) == {name: pool.registry[name] for name in granted}

    def may_stay_beside(self, pool: "ProviderPool") -> bool:
        """Whether nothing of it was taken from its caller: neither switched off nor granted to others only."""
        return not any(
            pool.registry.is_switched_off(name)
            or (name in pool.registry and not pool.grants.may_use(self._caller, name))
            for name in self.registry
        )

    def get(self, name: str) -> ChatProvider:
        """The provider of that name. Raises `NotGranted` when it is not one of the bot's."""
        return self._pool.get(self._granted(name))

    def capabilities(self, name: str, model: str) -> ModelInfo:
        """What is known of a provider's model, without asking anybody. Raises `NotGranted` like `get`."""
        return self._pool.capabilities(self._granted(name), model)

    def takes(self, name: str, model: str | None) -> Takes:
        """What a question to this model may say. Raises `NotGranted` like `get`."""
        return self._pool.takes(self._granted(name), model)

    async def models(self, name: str, *, live: bool = False) -> Listing:
        """The models of a provider. Raises `NotGranted` like `get`."""
        return await self._pool.models(self._granted(name), live=live)

    async def embed(self, name: str, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The texts as vectors of this provider. Raises `NotGranted` like `get`, or another `ProviderFailure`."""
        return await self._pool.embed(self._granted(name), texts, model)

    def serves(self, kind: str) -> bool:
        """Whether providers of this kind can be made."""
        return self._pool.serves(kind)

    def why_not_ready(self, name: str) -> str | None:
        """What keeps the provider from answering, as a short sentence. Raises `NotGranted` like `get`."""
        return self._pool.why_not_ready(self._granted(name))

    def ready(self) -> list[str]:
        """The providers of the bot that can answer now, in the order of the file."""
        return [name for name in self.registry if self.why_not_ready(name) is None]

    def keys_of(self, name: str) -> KeyPool:
        """The keys of a provider that was granted. Raises `NotGranted` like `get`."""
        return self._pool.keys_of(self._granted(name))

    def key_of(self, name: str) -> Key:
        """The key of a provider that was granted. Raises `NotGranted`, or `KeyMissing` when there is no key."""
        return self.keys_of(name).first()

    async def aclose(self) -> None:
        """Nothing: the connections are everybody's, and the server closes them."""

    def _granted(self, name: str) -> str:
        if name not in self.registry:
            why = self._pool.grants.why_not(self._caller, name) or f"may not use provider `{name}`."
            raise NotGranted(f"bot `{self._caller.name}` {why}")
        return name

    def __repr__(self) -> str:
        return f"<the providers of {self._caller.name!r}: {', '.join(self.registry)}>"
