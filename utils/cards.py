"""The server as others may see it: a card for each bot, provider and target. Nothing secret is put on them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice

from utils.keys import masked
from utils.poe import BaseBot
from utils.poe.controls.model_offers import offers
from utils.poe.controls.ready_made import EFFORTS, MODELS_OWN_EFFORT
from utils.poe.door import MountedBot
from utils.providers import GrantedProviders, ProviderPool
from utils.providers.takes import Takes
from utils.registry import BotConfig, BotConfigRegistry
from utils.registry.routing_config import TargetConfig
from utils.routing import Board
from utils.routing.board import LaneState
from utils.settings import Settings
from utils.web import BotCard, BotOffers, ProviderCard, TargetCard, target_card

_MOST_TARGETS = 100


def providers_in(config: BotConfig) -> set[str]:
    """The providers that may answer for the bot."""
    roomy = {config.context_fallback.partition(":")[0]} if config.context_fallback else set()
    return {config.provider, *(target.provider for target in config.all_targets), *roomy}


class Cards:
    """Everything is looked up when it is asked for."""

    def __init__(
        self,
        settings: Settings,
        pool: ProviderPool,
        board: Board,
        mounted: Sequence[MountedBot],
        configs: BotConfigRegistry,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._board = board
        self._mounted = mounted
        self._configs = configs

    def bots(self) -> tuple[BotCard, ...]:
        """The bots that are served, in their order."""
        return tuple(self._bot(mounted) for mounted in self._mounted)

    def providers(self) -> tuple[ProviderCard, ...]:
        """The providers of the file."""
        return tuple(self._provider(name) for name in self._pool.registry)

    def targets(self) -> tuple[TargetCard, ...]:
        """What is known of the targets, of a hundred at most."""
        named: Collection[str] = {name for config in self._configs.values() for name in providers_in(config)}
        states = (state for state in self._board.states() if state.provider in {*self._pool.registry, *named})
        return tuple(target_card(state) for state in islice(states, _MOST_TARGETS))

    def _bot(self, mounted: MountedBot) -> BotCard:
        config = getattr(mounted.bot, "config", None)
        provider = model = shut = None
        if isinstance(config, BotConfig):
            known = self._providers_of(mounted).registry.get(config.provider)
            provider, model = config.provider, config.model or (known.model if known else None)
            shut = self._why_shut(config)
        return BotCard(
            name=mounted.name,
            description=getattr(mounted.bot, "bot_description", ""),
            provider=provider,
            model=model,
            path=mounted.path,
            access_key_names=mounted.key_names,
            why_not_ready=self._why_not_ready(mounted, config if isinstance(config, BotConfig) else None),
            why_shut=shut,
            **({"offers": partial(self._offers, mounted, config)} if isinstance(config, BotConfig) else {}),
        )

    def _offers(self, mounted: MountedBot, config: BotConfig) -> BotOffers:
        targets = dict.fromkeys((target.provider, self._model_of(target)) for target in config.all_targets)
        states = (state for name in targets for state in self._states if (state.provider, state.model) == name)
        offered = offers(config, self._providers_of(mounted).registry)
        return BotOffers(
            self._takes(config), tuple(offer.value for offer in offered), tuple(target_card(state) for state in states)
        )

    def _takes(self, config: BotConfig) -> Takes:
        """What its first target takes; where the bot shows a control for thinking, its owner knows better."""
        first = config.all_targets[0]
        if first.provider not in self._pool.registry:
            return Takes()
        takes = self._pool.takes(first.provider, first.model)
        if "reasoning_effort" not in config.controls or takes.reasoning_effort:
            return takes
        return replace(takes, reasoning_effort=tuple(effort for effort in EFFORTS if effort != MODELS_OWN_EFFORT))

    @cached_property
    def _states(self) -> tuple[LaneState, ...]:
        return tuple(self._board.states())

    def _why_shut(self, config: BotConfig) -> str | None:
        """Which of its targets is asked now: when none is, why not."""
        board = self._board
        reasons = [board.why_shut(target.provider, self._model_of(target)) for target in config.all_targets]
        return next(iter(reasons)) if reasons and all(reasons) else None

    def _model_of(self, target: TargetConfig) -> str | None:
        known = self._pool.registry.get(target.provider)
        return target.model or (known.model if known else None)

    def _providers_of(self, mounted: MountedBot) -> ProviderPool | GrantedProviders:
        """Those that it stands on: one that was kept as it was may ask a provider that is in no file any more."""
        return mounted.bot.providers if isinstance(mounted.bot, BaseBot) else self._pool

    def _why_not_ready(self, mounted: MountedBot, config: BotConfig | None) -> str | None:
        """Why its first target cannot answer, where none of them can."""
        providers = self._providers_of(mounted)
        names = dict.fromkeys(target.provider for target in config.all_targets) if config else ()
        reasons = [providers.why_not_ready(name) for name in names if name in providers.registry]
        reason = reasons[0] if reasons and all(reasons) else None
        if reason is None and mounted.access_key() is None and not self._settings.allow_without_key:
            return self._pool.keyring.why_missing(mounted.key_names)
        return reason

    def _provider(self, name: str) -> ProviderCard:
        config = self._pool.registry[name]
        return ProviderCard(
            name=name,
            api_base=masked(config.public_address, self._pool.keyring.secrets()),
            default_model=config.model,
            models=tuple(model.name for model in config.models),
            why_not_ready=self._pool.why_not_ready(name),
        )
