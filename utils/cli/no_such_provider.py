"""What an owner is told who names a provider that is not there."""

from utils.errors import ConfigError
from utils.problems import did_you_mean
from utils.registry import ProviderConfig, ProviderRegistry


def provider_named(name: str, registry: ProviderRegistry) -> ProviderConfig:
    """The provider of that name. Raises a `ConfigError` with the nearest name, or with why it is not used."""
    if name in registry:
        return registry[name]
    if reason := registry.why_left_out(name):
        raise ConfigError(f"Provider `{name}` is not used: {reason}.")
    known = ", ".join(registry) or "none"
    raise ConfigError(f"There is no provider `{name}`.{did_you_mean(name, registry)} These are there: {known}.")
