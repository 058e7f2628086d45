"""The composition root: registries and settings in, bots and one FastAPI app out.

from utils.bot_factory import create_app

app = create_app()
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path
from typing import cast

import fastapi_poe as fp
import structlog
from fastapi import FastAPI

from utils.api_doors import catalogue_of, limits_of_clients, what_is_wrong_with
from utils.assembly import assembled
from utils.cards import Cards, providers_in
from utils.keys import Caller, access_key_names, masked
from utils.keys.clients import ClientKeys
from utils.ledger.budgets import Limit
from utils.ledger.prices import Prices
from utils.office import Office, office_of
from utils.poe import BaseBot
from utils.poe.attachments import AttachmentReader
from utils.poe.charging import CostApi
from utils.poe.discovery import find_bots
from utils.poe.door import MountedBot
from utils.poe.files import PoeFiles
from utils.poe.house import House
from utils.poe.making import caller_of, findings, made_bot
from utils.problems import Problem
from utils.providers import GrantedProviders, InstalledKinds, Kind, ProviderPool
from utils.providers.kinds import KINDS
from utils.registry import BotConfig, BotConfigRegistry, ProviderRegistry
from utils.registry.bot_config_registry import is_reserved
from utils.registry.keeping import saying_that_it_stays
from utils.routing import Routes
from utils.routing.records import Records
from utils.settings import Settings, environment
from utils.version import VERSION
from utils.web import Catalogue, Overview

_log = structlog.get_logger(__name__)

CODE_BOTS = "bots"
"""The package in which bots written in Python lie."""

PROGRAMS = Caller("utils.web", ("utils.web",))
"""Who asks a provider directly, by the API: a provider's `allow` may name it."""


def create_app(
    settings: Settings | None = None, *, include_code_bots: bool = True, include_config_bots: bool = True
) -> FastAPI:
    """One app that serves every bot that can be served, and tells about those that cannot."""
    factory = BotFactory.of_everything(settings or Settings.read(), include_code_bots, include_config_bots)
    factory.log_what_is_wrong()
    return factory.create_app()


def examined(settings: Settings, providers: Path, bots: Path) -> Sequence[Problem]:
    """What `check` finds in these two files."""
    factory = BotFactory.from_files(settings.with_changes(provider_config=providers, bot_config=bots))
    factory.add_configured_bots()
    return factory.problems


class BotFactory:
    """Makes the bots of one server. What cannot be made is among the `problems`, and the rest is served."""

    def __init__(
        self,
        settings: Settings,
        providers: ProviderRegistry,
        bots: BotConfigRegistry,
        kinds: Mapping[str, Kind] = KINDS,
        before: "BotFactory | None" = None,
    ) -> None:
        self.settings = settings
        self.configs = bots
        self.kinds = kinds
        self.pool: ProviderPool = ProviderPool(providers, kinds=kinds, before=before.pool if before else None)
        self._prices = Prices(providers, before.office.pricing.prices.market if before else None)
        self.office: Office = before.office if before else office_of(settings, self._prices)
        self.house: House = before.house.on(self.pool) if before else self._new_house()
        self.mounted: list[MountedBot] = []
        self.problems: list[Problem] = [*settings.problems, *providers.problems, *bots.problems]
        wrong = {name: self.pool.wrong_settings(name) for name in providers}
        self.problems += [providers.problem(name, said, "settings") for name, said in wrong.items() if said]
        self._serves_entries = False
        self._code_bots: list[fp.PoeBot] = []
        self._code_problems: list[Problem] = []
        self._last: dict[str, MountedBot] = {}
        """The bots of the entries as they were before, while this is made."""
        self._to_follow: list[GrantedProviders] = []
        self._to_renew: list[tuple[BaseBot, Caller]] = []

    @classmethod
    def from_files(cls, settings: Settings, before: "BotFactory | None" = None) -> "BotFactory":
        """A factory on the two files that the settings name; what was good `before` and is bad now stays as it was."""
        kinds = before.kinds if before else InstalledKinds()
        last = before.pool.registry if before else None
        providers = ProviderRegistry.load(settings.provider_config, environment(), kinds, last)
        stay = _kept_for_their_settings(providers, kinds, before.pool) if before else []
        last_bots = before.configs if before else None
        bots = BotConfigRegistry.load(settings.bot_config, environment(), providers, last_bots)
        factory = cls(settings, providers, bots, kinds, before)
        factory.problems += [*stay, *(kinds.problems if isinstance(kinds, InstalledKinds) else ())]
        return factory

    @classmethod
    def of_everything(
        cls, settings: Settings, include_code_bots: bool = True, include_config_bots: bool = True
    ) -> "BotFactory":
        """A factory that has made every bot that can be made."""
        factory = cls.from_files(settings)
        if include_config_bots and settings.multi_provider_enabled:
            factory.add_configured_bots()
        if include_code_bots:
            factory.add_code_bots(CODE_BOTS)
        return factory

    def next(self) -> "BotFactory":
        """A factory on the files as they are now, in which whatever has not changed is what it was."""
        factory = self.from_files(self.settings, before=self)
        if self._serves_entries:
            in_python = {id(bot) for bot in self._code_bots}
            factory._last = {mounted.name: mounted for mounted in self.mounted if id(mounted.bot) not in in_python}
            factory.add_configured_bots(before=self.configs)
            factory._last = {}
        factory._code_bots, factory._code_problems = self._code_bots, self._code_problems
        factory._mount_code_bots()
        return factory

    def begin(self, is_busy: Callable[[fp.PoeBot], bool]) -> None:
        """Called once, on the event loop, when these bots are served from now on."""
        self.office.pricing.prices = self._prices
        for providers in self._to_follow:
            providers.follow(self.pool)
        for bot, caller in self._to_renew:
            self._renew(bot, caller, is_busy=is_busy(bot))
        self._to_follow, self._to_renew = [], []

    def kept(self) -> list[str]:
        """What stays as it was, because what the files say of it now cannot be used."""
        names = [name for name in self.pool.registry if name in self.pool.registry.kept]
        bots = [mounted.name for mounted in self.mounted if mounted.name in self.configs.kept]
        return [*(f"provider {name}" for name in names), *(f"bot {name}" for name in bots)]

    def add_configured_bots(self, before: BotConfigRegistry | None = None) -> None:
        """A bot for every entry of the bot file."""
        self._serves_entries = True
        for config in list(self.configs.values()):
            mounted = self._mounted_of(config, before)
            if mounted is not None:
                self.mounted.append(mounted)

    def add_code_bots(self, package: str) -> None:
        """A bot for every class with a `bot_name` in the package. Names and paths that are taken stay as they are."""
        self._code_bots, self._code_problems = find_bots(package)
        self._mount_code_bots()

    def create_app(self) -> FastAPI:
        """The app with the bots that have been added. What the files say later, it takes over when it is told to."""
        return assembled(self, partial(examined, self.settings))

    def _new_house(self) -> House:
        record = Records(self.office.ledger, self.office.tally.add_pause)
        routes = Routes(
            self.pool,
            record=record,
            began=record.began,
            market=self._prices.market,
            budgets=self.office.new_budgets(),
        )
        return House(self.pool, routes, AttachmentReader(), CostApi(), PoeFiles())

    @cached_property
    def catalogue(self) -> Catalogue:
        """Whom programs can ask by the API."""
        return catalogue_of(self.mounted, self._house_of(PROGRAMS), self.settings)

    def overview(self) -> Overview:
        """What may be shown of the server, as it is now."""
        secrets, ledger = self.pool.keyring.secrets(), self.office.ledger.state()
        problems = [*self.problems, *self.key_problems(), *([Problem(ledger.trouble)] if ledger.trouble else [])]
        cards = Cards(self.settings, self.pool, self.house.routes.board, self.mounted, self.configs)
        return Overview(
            version=VERSION,
            bots=cards.bots(),
            providers=cards.providers(),
            problems=tuple(masked(str(problem), secrets) for problem in problems),
            has_errors=any(problem.severity == "error" for problem in problems),
            environment={
                "debug": self.settings.debug,
                "log_level": self.settings.log_level,
                "allow_without_key": self.settings.allow_without_key,
                "ledger": asdict(ledger),
            },
            targets=cards.targets,
        )

    def limits(self) -> list[Limit]:
        """Every budget that is in force now: of bots, of providers, and of clients of the API."""
        bots = [Limit(f"bot {name}", budget) for name, bot in self.configs.items() for budget in bot.budget]
        providers = [
            Limit(f"provider {name}", budget)
            for name, provider in self.pool.registry.items()
            for budget in provider.budget
        ]
        return [*bots, *providers, *limits_of_clients(ClientKeys(self.settings.clients_file))]

    def key_problems(self) -> list[Problem]:
        """What keeps keys of the encrypted store, or clients of the API, from being read, as it is now."""
        clients = ClientKeys(self.settings.clients_file)
        said = (*self.pool.keyring.problems(), *clients.problems(), *what_is_wrong_with(clients))
        return [Problem(message) for message in said]

    def providers_not_ready(self) -> dict[str, str]:
        """Why not, by the name of the provider."""
        reasons = {name: self.pool.why_not_ready(name) for name in self.pool.registry}
        return {name: reason for name, reason in reasons.items() if reason}

    def bots_without_access_key(self) -> list[str]:
        """The bots that would let nobody in, unless anybody may come in without a key."""
        return [mounted.name for mounted in self.mounted if mounted.access_key() is None]

    def log_what_is_wrong(self) -> None:
        """Say once, in the log, what /health says whenever it is asked."""
        for problem in [*self.problems, *self.key_problems()]:
            log = _log.error if problem.severity == "error" else _log.warning
            log("config.problem", problem=str(problem))
        if not_ready := self.providers_not_ready():
            _log.warning("providers.not_ready", reasons=not_ready)
        if not self.settings.allow_without_key and (without := self.bots_without_access_key()):
            _log.warning("bots.without_access_key", bots=without)

    def _mounted_of(self, config: BotConfig, before: BotConfigRegistry | None) -> MountedBot | None:
        """The bot of an entry: as it was when nothing of it has changed, or when it cannot be made anew."""
        last = self._last.get(config.bot_name)
        if not all(name in self.pool.registry for name in providers_in(config)):  # it was kept, and this is among why
            return last if last is not None and self._may_stay(last) else None
        try:
            problems = [
                self.configs.problem(config.bot_name, message, *place)
                for message, place in (*findings(config, self.pool), *self.house.routes.findings(config))
            ]
            mounted = None if problems else self._as_it_was(config, last) or self._mount_of(config)
        except (Exception, SystemExit) as exc:  # the class may be somebody else's code
            message = f"`{config.bot_class}` fails when its bot is made: {type(exc).__name__}: {exc}."
            problems, mounted = [self.configs.problem(config.bot_name, message, "bot_class")], None
        if problems and last is not None and before is not None and self._may_stay(last):
            self.configs.keep(config.bot_name, before, self.pool.registry)
            problems, mounted = saying_that_it_stays(problems), last
        self.problems += problems
        return mounted

    def _as_it_was(self, config: BotConfig, last: MountedBot | None) -> MountedBot | None:
        if last is None or getattr(last.bot, "config", None) != config:
            return None
        if isinstance(last.bot, BaseBot) and isinstance(last.bot.providers, GrantedProviders):
            if not last.bot.providers.is_the_same_for(caller_of(config, self.pool), self.pool):
                return None
            self._to_follow.append(last.bot.providers)
        return last

    def _may_stay(self, last: MountedBot) -> bool:
        """Whether a bot can go on as it was: its path is free, and its owner has taken no provider from it."""
        providers = last.bot.providers if isinstance(last.bot, BaseBot) else None
        is_allowed = not isinstance(providers, GrantedProviders) or providers.may_stay_beside(self.pool)
        return is_allowed and self._clash(last.name, last.path) is None

    def _mount_code_bots(self) -> None:
        self.problems += self._code_problems
        for bot in self._code_bots:
            name = str(bot.bot_name)
            if clash := self._clash(name, bot.path):
                file = f"{type(bot).__module__.replace('.', '/')}.py"
                self.problems.append(Problem(f"bot `{name}` is not served: {clash}.", file))
                continue
            if isinstance(bot, BaseBot):
                self._connect(bot, name)
            self.mounted.append(_mount(bot, name))

    def _connect(self, bot: BaseBot, name: str) -> None:
        cls = type(bot)
        caller = Caller(name, (f"{cls.__module__}.{cls.__qualname__}", cls.__module__))
        providers = bot.providers if hasattr(bot, "house") else None
        if providers is None:
            bot.connect(self._house_of(caller))
        elif isinstance(providers, GrantedProviders) and providers.is_the_same_for(caller, self.pool):
            self._to_follow.append(providers)
        else:
            self._to_renew.append((bot, caller))

    def _renew(self, bot: BaseBot, caller: Caller, *, is_busy: bool) -> None:
        """Let a bot in Python have other providers. An answer that it gives just now goes on with those before."""
        if not is_busy and isinstance(bot.providers, GrantedProviders):
            bot.providers.follow(self.pool)
            return
        other = copy(bot)
        other.house = self._house_of(caller)
        self._code_bots = [other if each is bot else each for each in self._code_bots]
        self.mounted = [replace(each, bot=other) if each.bot is bot else each for each in self.mounted]

    def _mount_of(self, config: BotConfig) -> MountedBot:
        chat, house = self.house.routes.for_bot(config), self._house_of(caller_of(config, self.pool), config)
        return _mount(made_bot(config, chat, house), config.bot_name, config.access_key_env)

    def _house_of(self, caller: Caller, config: BotConfig | None = None) -> House:
        """The house as this bot sees it: with the providers that it may use, and ways to no others."""
        granted = self.house.routes.recorded(caller, config)
        # What routes need of the pool, the granted part of it has too; what they ask they write down themselves.
        routes = copy(self.house.routes)
        routes.pool = cast(ProviderPool, granted.plain)
        return replace(self.house, providers=granted, routes=routes)

    def _clash(self, name: str, path: str) -> str | None:
        if any(mounted.name == name for mounted in self.mounted):
            return "there is another bot of that name"
        if is_reserved(path):
            return f"the path {path} belongs to the server itself"
        if owner := next((mounted.name for mounted in self.mounted if mounted.path == path), None):
            return f"the path {path} is that of bot `{owner}`"
        return None


def _kept_for_their_settings(
    providers: ProviderRegistry, kinds: Mapping[str, Kind], before: ProviderPool
) -> list[Problem]:
    """Let providers stay as they were whose `settings` only their kind finds wrong, and say so."""
    problems = []
    for name, config in list(providers.items()):
        wrong = kinds[config.kind].wrong_settings(config)
        if wrong and name in before.registry and before.wrong_settings(name) is None:
            providers.keep(name, before.registry)
            problems += saying_that_it_stays([providers.problem(name, wrong, "settings")])
    return problems


def _mount(bot: fp.PoeBot, name: str, access_key_env: str | None = None) -> MountedBot:
    return MountedBot(bot, name, bot.path.rstrip("/") or "/", access_key_names(name, access_key_env))
