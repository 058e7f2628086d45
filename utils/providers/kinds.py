"""The ways of speaking to a provider, and what one of each kind is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from utils.chat import ChatProvider
from utils.keys import KeyPool
from utils.registry import ProviderConfig

from . import azure
from .bedrock import settings as bedrock
from .replicate import settings as replicate

if TYPE_CHECKING:
    from .http import SharedHttp


@dataclass(frozen=True)
class Parts:
    """What a provider may use besides its entry in the file."""

    keys: KeyPool
    """Its own keys, and no other's."""
    http: "Callable[[], SharedHttp]"
    """What all providers share to ask over HTTP. It is asked for when a provider is made, and lasts as long."""


def _nothing(config: ProviderConfig) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """How a provider of this kind is made. What `make` imports is not loaded before the first question."""

    make: Callable[[ProviderConfig, Parts], ChatProvider]
    why_not_ready: Callable[[ProviderConfig], str | None] = _nothing
    """What keeps it from answering besides a missing key, as a short sentence. Asked often: it has to be quick."""
    wrong_settings: Callable[[ProviderConfig], str | None] = _nothing
    """What is wrong with the entry's `settings`, or with the entry for this kind, as a sentence for its owner."""


def _openai_compatible(config: ProviderConfig, parts: Parts) -> ChatProvider:
    from .openai_provider import OpenAIProvider

    return OpenAIProvider(config, parts)


def _demo(config: ProviderConfig, parts: Parts) -> ChatProvider:
    from .demo import DemoProvider, Pace

    return DemoProvider(config.name, Pace(first_token_ms=120, token_ms=12), config.model or "demo")


def _azure(config: ProviderConfig, parts: Parts) -> ChatProvider:
    from .openai_provider import OpenAIProvider

    return OpenAIProvider(config, parts, azure.azure)


def _bedrock(config: ProviderConfig, parts: Parts) -> ChatProvider:
    from .bedrock.provider import BedrockProvider

    return BedrockProvider(config, parts)


def _replicate(config: ProviderConfig, parts: Parts) -> ChatProvider:
    from .replicate.provider import ReplicateProvider

    return ReplicateProvider(config, parts)


KINDS: Mapping[str, Kind] = {
    "openai": Kind(_openai_compatible),
    "azure": Kind(_azure, wrong_settings=azure.wrong_settings),
    "bedrock": Kind(_bedrock, bedrock.why_not_ready, bedrock.wrong_settings),
    "replicate": Kind(_replicate, wrong_settings=replicate.wrong_settings),
    "demo": Kind(_demo),
}
"""The kinds that are at hand."""
