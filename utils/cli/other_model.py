"""A bot that answers with another model than the one in its entry, as long as it is tried."""

from utils.bot_factory import BotFactory
from utils.errors import ConfigError
from utils.registry import BotConfig, BotConfigRegistry
from utils.registry.model_names import resolve
from utils.settings import Settings

from .no_such_bot import no_such_bot
from .no_such_provider import provider_named


def factory_with(bot: str, model: str, settings: Settings) -> BotFactory:
    """A factory that has made this bot, and no other, with this model. It falls back to nobody: the model is tried."""
    factory = BotFactory.from_files(settings)
    config = factory.configs.get(bot)
    if config is None:
        raise no_such_bot(bot, factory.configs)
    factory.configs = BotConfigRegistry([_with_model(config, model, factory)])
    factory.add_configured_bots()
    if not factory.mounted:
        reasons = " ".join(problem.message for problem in factory.problems if f"bot `{bot}`" in problem.message)
        raise ConfigError(f"Bot `{bot}` cannot be served with the model `{model}`. {reasons}".strip())
    return factory


def _with_model(config: BotConfig, model: str, factory: BotFactory) -> BotConfig:
    registry = factory.pool.registry
    named = resolve(model, registry, own=config.provider)
    if named is None:
        provider_named(model.partition(":")[0], registry)
        raise ConfigError(f"`{model}` names no model; write `model`, or `provider:model`.")
    chosen = named.model or registry[named.provider].model
    return config.model_copy(update={"provider": named.provider, "model": chosen, "fallbacks": ()})
