"""`config_manager.py keys grant`: one more name in the `allow` of a provider."""

from collections.abc import Iterable
from pathlib import Path

from utils.bot_factory import BotFactory
from utils.errors import ConfigError
from utils.problems import did_you_mean, short_path
from utils.registry import BotConfig
from utils.registry.editing import Change, SetField, refuse_unreadable

from .changing import Files, carry_out
from .keys_changes import telling
from .keys_listing import factory_of


@telling
def grant_provider(
    provider: str,
    caller: str,
    *,
    provider_config: Path | None,
    bot_config: Path | None,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """Let the caller use the provider. Gives 2 when there is no such provider or caller."""
    factory = factory_of(provider_config, bot_config)
    registry, file = factory.pool.registry, factory.settings.provider_config
    if provider not in registry:
        refuse_unreadable(file, "providers")
        hint = did_you_mean(provider, registry.names_in_file)
        raise ConfigError(f"{short_path(file)} has no provider `{provider}` that can be used.{hint}")
    _refuse_unknown(caller, factory)
    allow = registry[provider].allow
    changes: list[Change] = []
    if allow is not None and caller in allow:
        said = f"`{caller}` may use provider `{provider}` already."
    elif allow is None:
        # A list that named only the new one would shut out all who use the provider now.
        now = dict.fromkeys([*_users_of(provider, factory), caller])
        changes = [SetField("providers", provider, ("allow",), list(now))]
        said = f"From now on only these may use provider `{provider}`: {', '.join(now)}."
    else:
        changes = [SetField("providers", provider, ("allow", len(allow)), caller)]
        said = f"`{caller}` may use provider `{provider}` now."
    files = Files(file, factory.settings.bot_config)
    return carry_out(changes, files, said=said, said_of_none=said, dry_run=dry_run, as_json=as_json)


def _refuse_unknown(caller: str, factory: BotFactory) -> None:
    known = dict.fromkeys([*factory.configs, *(mounted.name for mounted in factory.mounted)])
    if "." not in caller and caller not in known:
        hint = did_you_mean(caller, known) or " A class or a module is named with its dots, as bots.poet.Poet."
        raise ConfigError(f"there is no bot `{caller}`.{hint}")


def _users_of(provider: str, factory: BotFactory) -> Iterable[str]:
    """The bots that can use the provider as it is, by their entries or because they are written in Python."""
    for mounted in factory.mounted:
        granted = getattr(mounted.bot, "providers", None)
        own = isinstance(getattr(mounted.bot, "config", None), BotConfig)
        if granted is not None and provider in granted.registry:
            yield mounted.name if own else f"{type(mounted.bot).__module__}.{type(mounted.bot).__qualname__}"
