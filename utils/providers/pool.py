"""The providers that are in use, each made when it is first asked, all on one HTTP client."""

from collections.abc import AsyncGenerator, Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from utils.chat import ChatProvider, ChatRequest, Delta
from utils.keys import find_api_key
from utils.registry import ProviderConfig, ProviderRegistry

if TYPE_CHECKING:
    from .http import SharedHttp


class ProviderPool:
    """Hands out the providers of a registry. Nothing is opened before the first question."""

    def __init__(self, registry: ProviderRegistry) -> None:
        self.registry = registry
        self._providers: dict[str, _MadeOnFirstUse] = {}
        self._http: SharedHttp | None = None
        self._opening = Lock()

    def get(self, name: str) -> ChatProvider:
        """The provider of that name; the same one every time. It is made when it is first asked."""
        if name not in self._providers:
            config = self.registry[name]
            self._providers[name] = _MadeOnFirstUse(lambda: KINDS[config.kind](config, self._shared_http))
        return self._providers[name]

    def serves(self, kind: str) -> bool:
        """Whether providers of this kind can be made."""
        return kind in KINDS

    def why_not_ready(self, name: str) -> str | None:
        """What keeps the provider from answering, as a short sentence; None when nothing is known to."""
        config = self.registry[name]
        if not self.serves(config.kind):
            return f"providers of kind `{config.kind}` are not served by this version"
        if config.api_key_env and not any(find_api_key(variable) for variable in config.api_key_env):
            return f"{' or '.join(config.api_key_env)} is not set"
        return None

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


def _openai_compatible(config: ProviderConfig, http: "Callable[[], SharedHttp]") -> ChatProvider:
    from .openai_provider import OpenAIProvider

    return OpenAIProvider(config, http())


def _demo(config: ProviderConfig, http: "Callable[[], SharedHttp]") -> ChatProvider:
    from .demo import DemoProvider, Pace

    return DemoProvider(config.name, Pace(first_token_ms=120, token_ms=12), config.model or "demo")


KINDS: Mapping[str, "Callable[[ProviderConfig, Callable[[], SharedHttp]], ChatProvider]"] = {
    "openai": _openai_compatible,
    "demo": _demo,
}
"""How a provider of each kind is made. What is imported there is not needed before."""
