"""Who answers for a bot: its provider, and those it falls back to."""

from utils.chat import ChatProvider
from utils.providers import ProviderPool
from utils.registry import BotConfig

from .chain import Chain, Target


def answering_for(config: BotConfig, pool: ProviderPool) -> ChatProvider:
    """One provider, or several that answer as one."""
    if not config.fallbacks:
        return pool.get(config.provider)
    targets = [(config.provider, config.model), *config.fallback_targets]
    return Chain([Target(pool.get(name), name, model or pool.registry[name].model) for name, model in targets])
