"""Which model is meant: its name, its alias, or `provider:model`, and a name may have colons of its own."""

from collections.abc import Mapping
from typing import NamedTuple

from .provider_config import ProviderConfig


class Named(NamedTuple):
    """A model at a provider, by the provider's own name for it. No model means the provider's default."""

    provider: str
    model: str | None

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" if self.model else self.provider


def resolve(text: str, providers: Mapping[str, ProviderConfig], own: str | None = None) -> Named | None:
    """The model that is meant, or None when none can be.

    What the provider `own` lists wins, then `provider:model` of one that is known, then any name without a colon at
    `own`. Without `own`, a provider's name stands for its default model, and a model for the only one that lists it.
    """
    text = text.strip()
    if not text:
        return None
    if own is not None and own in providers and providers[own].lists_model(text):
        return Named(own, providers[own].full_model_name(text))
    if own is None and text in providers:
        return Named(text, None)
    provider, colon, model = text.partition(":")
    if colon and provider in providers:
        return Named(provider, providers[provider].full_model_name(model.strip()) or None)
    if own is None:
        return _by_model_alone(text, providers)
    return None if colon else Named(own, text)


def places_of(model: str, providers: Mapping[str, ProviderConfig]) -> list[str]:
    """The providers that list a model of this name or alias."""
    return [name for name, provider in providers.items() if provider.lists_model(model)]


def _by_model_alone(model: str, providers: Mapping[str, ProviderConfig]) -> Named | None:
    places = places_of(model, providers)
    return Named(places[0], providers[places[0]].full_model_name(model)) if len(places) == 1 else None
