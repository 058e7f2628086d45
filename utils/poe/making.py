"""An entry of bots.yaml becomes a bot, or findings that say why not."""

from collections.abc import Iterator

import fastapi_poe as fp
from pydantic import ValidationError

from utils.chat import ChatProvider
from utils.errors import ConfigError
from utils.keys import Caller
from utils.providers import ProviderPool
from utils.registry import BotConfig, ModelConfig

from .base_bot import BaseBot
from .charging import wrong_charge
from .controls import offers, wrong_controls_of
from .discovery import import_bot_class
from .house import House
from .multi_provider_bot import MultiProviderBot
from .settings_response import wrong_settings

Finding = tuple[str, tuple[str | int, ...]]
"""A sentence, and where in the entry its cause stands."""


def findings(config: BotConfig, pool: ProviderPool) -> Iterator[Finding]:
    """What speaks against this bot that only its class, its provider or Poe's own types can tell."""
    try:
        base = import_bot_class(config.bot_class)
    except ConfigError as exc:
        yield str(exc), ("bot_class",)
        return
    yield from ((message, ("poe", *place)) for message, place in wrong_settings(config.poe))
    yield from wrong_controls_of(config, pool.registry)
    yield from _not_granted(config, pool)
    yield from _kinds_not_served(config, pool)
    yield from _wrong_own_settings(config, base)
    yield from _wrong_charge(config, pool)


def caller_of(config: BotConfig, pool: ProviderPool) -> Caller:
    """The bot as the rules about providers know it."""
    module = config.bot_class.rpartition(".")[0]
    return Caller(config.bot_name, (config.bot_class, module), frozenset(_named_in(config, pool)))


def made_bot(config: BotConfig, chat: ChatProvider, house: House) -> fp.PoeBot:
    """A bot of a class of its own, so that what a class says of itself is said of this bot."""
    base = import_bot_class(config.bot_class)
    facts = {
        "config": config,
        "bot_name": config.bot_name,
        "bot_description": config.bot_description,
        "version": config.version,
        "poe_settings": config.poe,
        "__module__": base.__module__,
    }
    made: type[fp.PoeBot] = type(config.bot_name, (base,), facts)
    bot = made(chat) if issubclass(made, MultiProviderBot) else made()
    bot.bot_name, bot.path = config.bot_name, config.served_at
    if isinstance(bot, BaseBot):
        bot.connect(house)
        bot.configure(config.settings)
    return bot


def _named_in(config: BotConfig, pool: ProviderPool) -> dict[str, tuple[str | int, ...]]:
    """The providers that the entry names, and where."""
    own: tuple[str, tuple[str | int, ...]] = (config.provider, ("provider",))
    named = [
        own,
        *((offer.provider, ("models",)) for offer in offers(config, pool.registry)),
        *((name, ("fallbacks", at)) for at, (name, _) in enumerate(config.fallback_targets)),
        *((target.provider, ("targets", at)) for at, target in enumerate(config.targets)),
    ]
    if config.context_fallback:
        named.append((config.context_fallback.partition(":")[0], ("context_fallback",)))
    if not config.targets:
        named.append(own)
    return dict(named)


def _not_granted(config: BotConfig, pool: ProviderPool) -> Iterator[Finding]:
    caller = caller_of(config, pool)
    for name, place in _named_in(config, pool).items():
        if reason := pool.grants.why_not(caller, name):
            yield reason, place


def _kinds_not_served(config: BotConfig, pool: ProviderPool) -> Iterator[Finding]:
    for name, place in _named_in(config, pool).items():
        kind = pool.registry[name].kind
        if not pool.serves(kind):
            yield f"providers of kind `{kind}` are not served by this version.", place


def _wrong_own_settings(config: BotConfig, base: type[fp.PoeBot]) -> Iterator[Finding]:
    if not issubclass(base, BaseBot):
        if config.settings:
            yield f"`{config.bot_class}` takes no settings: it is no BaseBot.", ("settings",)
        return
    try:
        base.check_settings(config.settings)
    except ValidationError as exc:
        for error in exc.errors(include_input=False):
            name = ".".join(str(step) for step in error["loc"])
            yield f"its setting `{name}`: {error['msg'][:1].lower()}{error['msg'][1:]}.", ("settings", *error["loc"])


def _wrong_charge(config: BotConfig, pool: ProviderPool) -> Iterator[Finding]:
    if config.charge is None:
        return
    provider = pool.registry[config.provider]
    name = config.model or provider.model or ""
    model = provider.model_config_of(name) or ModelConfig(name=name)
    if sentence := wrong_charge(config.charge, model.price, name):
        yield sentence, ("charge",)
