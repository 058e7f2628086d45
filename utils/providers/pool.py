"""The providers that are in use, each made when it is first asked, all on one HTTP client."""

from collections.abc import AsyncGenerator, Callable
from threading import Lock
from typing import TYPE_CHECKING

from utils.chat import ChatProvider, ChatRequest, Delta
from utils.keys import KeyPool, Keyring
from utils.registry import ProviderRegistry

from .kinds import KINDS, Parts

if TYPE_CHECKING:
    from .http import SharedHttp


class ProviderPool:
    """Hands out the providers of a registry. Nothing is opened before the first question."""

    def __init__(self, registry: ProviderRegistry, keyring: Keyring | None = None) -> None:
        self.registry = registry
        self.keyring = keyring or Keyring()
        self._keys: dict[str, KeyPool] = {}
        self._providers: dict[str, _MadeOnFirstUse] = {}
        self._http: SharedHttp | None = None
        self._opening = Lock()

    def get(self, name: str) -> ChatProvider:
        """The provider of that name; the same one every time. It is made when it is first asked."""
        if name not in self._providers:
            config, parts = self.registry[name], Parts(self._keys_of(name), self._shared_http)
            self._providers[name] = _MadeOnFirstUse(lambda: KINDS[config.kind].make(config, parts))
        return self._providers[name]

    def serves(self, kind: str) -> bool:
        """Whether providers of this kind can be made."""
        return kind in KINDS

    def why_not_ready(self, name: str) -> str | None:
        """What keeps the provider from answering, as a short sentence; None when nothing is known to."""
        config = self.registry[name]
        if not self.serves(config.kind):
            return f"providers of kind `{config.kind}` are not served by this version"
        return self._keys_of(name).why_not_ready() or KINDS[config.kind].why_not_ready(config)

    def ready(self) -> list[str]:
        """The providers that can answer now, in the order of the file."""
        return [name for name in self.registry if self.why_not_ready(name) is None]

    def warm_up(self) -> None:
        """Load now what the first question would have to wait for. Takes half a second: not on the event loop."""
        for name in self.ready():
            if name in self._providers:
                self._providers[name].made()
        if self._http is not None:
            self._http.client()

    async def aclose(self) -> None:
        """Close the connections to all providers."""
        self._providers.clear()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _keys_of(self, name: str) -> KeyPool:
        if name not in self._keys:
            self._keys[name] = KeyPool(name, self.registry[name].api_key_env, self.keyring)
        return self._keys[name]

    def _shared_http(self) -> "SharedHttp":
        with self._opening:
            if self._http is None:
                from .http import SharedHttp

                self._http = SharedHttp()
            return self._http


class _MadeOnFirstUse:
    """A provider that costs nothing until it is asked: what it stands on takes half a second to load."""

    def __init__(self, make: "Callable[[], ChatProvider]") -> None:
        self._make = make
        self._provider: ChatProvider | None = None
        self._making = Lock()
        """`warm_up` runs in a thread of its own, and a question may come meanwhile."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer of the provider."""
        return (self._provider or self.made()).stream(request)

    def made(self) -> ChatProvider:
        """The provider itself."""
        with self._making:
            if self._provider is None:
                self._provider = self._make()
            return self._provider
