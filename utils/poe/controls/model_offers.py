"""Which models a person may choose from: the bot's own, and what `models:` adds."""

from collections.abc import Iterator
from typing import NamedTuple

from utils.problems import did_you_mean
from utils.registry import BotConfig, ProviderRegistry
from utils.registry.model_names import resolve

from .findings import Finding


class Offer(NamedTuple):
    """A model that may be chosen, by its provider's own name for it."""

    provider: str
    model: str

    @property
    def value(self) -> str:
        """How Poe sends it back."""
        return f"{self.provider}:{self.model}"


def offers(config: BotConfig, registry: ProviderRegistry) -> dict[Offer, str]:
    """What may be chosen, with a readable name for each. The bot's own model comes first."""
    own = own_offer(config, registry)
    added = [offer for entry in config.models if (offer := offer_of(entry, config, registry))]
    offered = list(dict.fromkeys([own, *added] if own else added))
    several_providers = len({offer.provider for offer in offered}) > 1
    return {
        offer: f"{name} ({offer.provider})" if several_providers else name
        for offer, name in ((offer, _readable(offer, registry)) for offer in offered)
    }


def own_offer(config: BotConfig, registry: ProviderRegistry) -> Offer | None:
    """The model that answers when nobody chooses."""
    provider = registry.get(config.provider)
    model = config.model or (provider.model if provider else None)
    return Offer(config.provider, provider.full_model_name(model) if provider else model) if model else None


def offer_of(entry: str, config: BotConfig, registry: ProviderRegistry) -> Offer | None:
    """The model that is meant: one of the bot's own provider, or `provider:model` of any. None when neither is."""
    named = resolve(entry, registry, config.provider)
    return Offer(named.provider, named.model) if named and named.model else None


def wrong_model_offers(config: BotConfig, registry: ProviderRegistry) -> Iterator[Finding]:
    """The entries of `models` that offer nothing, each with its place in the bot's entry."""
    for at, entry in enumerate(config.models):
        if says := _why_wrong(entry.strip(), config, registry):
            yield f"`models.{at}` {says}", ("models", at)


def _why_wrong(entry: str, config: BotConfig, registry: ProviderRegistry) -> str | None:
    if _is_listed(entry, config.provider, registry):
        return None
    provider, colon, model = entry.partition(":")
    if not entry or (colon and not model):
        return "names no model; write `model`, or `provider:model`."
    if not colon:
        return f"is a provider; write `{entry}:model`." if entry in registry else None
    return _why_unusable(provider, entry, config, registry)


def _why_unusable(provider: str, entry: str, config: BotConfig, registry: ProviderRegistry) -> str | None:
    if provider in registry:
        return None
    if reason := registry.why_left_out(provider):
        return f"offers provider `{provider}`, which is not used: {reason}."
    hint = did_you_mean(provider, registry.names_in_file)
    hint = hint or f" If it is a model of `{config.provider}`, write `{config.provider}:{entry}`."
    return f"offers provider `{provider}`, which providers.yaml does not define.{hint}"


def _is_listed(model: str, provider: str, registry: ProviderRegistry) -> bool:
    return bool(model) and provider in registry and registry[provider].lists_model(model)


def _readable(offer: Offer, registry: ProviderRegistry) -> str:
    listed = registry[offer.provider].model_config_of(offer.model) if offer.provider in registry else None
    return (listed.alias if listed else None) or offer.model
