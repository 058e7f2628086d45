"""The composition root: registries and settings in, one FastAPI app out.

from utils.bot_factory import create_app

app = create_app()
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any, cast

import fastapi_poe as fp
import structlog
from fastapi import FastAPI

from utils.api_doors import api_doors, catalogue_of
from utils.cards import Cards, providers_in
from utils.generations import Generations
from utils.keys import Caller, access_key_names, masked
from utils.keys.clients import ClientKeys
from utils.ledger import Ledger
from utils.ledger.budgets import Budgets
from utils.ledger.budgets.in_database import InDatabase
from utils.ledger.database import Database
from utils.ledger.opening import database_of, ledger_of
from utils.ledger.overheard import Overheard
from utils.ledger.prices import Prices
from utils.ledger.pricing import Pricing
from utils.ledger.summaries.rollups import roll_up
from utils.poe import BaseBot
from utils.poe.attachments import AttachmentReader
from utils.poe.charging import CostApi
from utils.poe.discovery import find_bots
from utils.poe.door import MountedBot, PoeDoor
from utils.poe.files import PoeFiles
from utils.poe.house import House
from utils.poe.making import caller_of, findings, made_bot
from utils.problems import Problem
from utils.providers import GrantedProviders, InstalledKinds, Kind, ProviderPool
from utils.providers.kinds import KINDS
from utils.registry import BotConfig, BotConfigRegistry, ProviderRegistry
from utils.registry.bot_config_registry import is_reserved
from utils.registry.keeping import saying_that_it_stays
from utils.registry.watching import WatchedFiles
from utils.routing import Probes, Routes
from utils.routing.records import Records
from utils.routing.spans import sending_spans
from utils.settings import Settings, environment
from utils.version import VERSION
from utils.web import Catalogue, OperatorDoor, Overview, create_api
from utils.web.metrics import Watched
from utils.web.metrics_tally import Tally
from utils.web.owners_pages import owners_pages

_log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0

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
        prices = Prices(providers, before.pricing.prices.market if before else None)
        self.pricing: Pricing = before.pricing if before else Pricing(prices)
        self.tally: Tally = before.tally if before else Tally()
        self.ledger: Ledger = before.ledger if before else self._new_ledger()
        self._prices = prices
        self.database: Database | None = before.database if before else database_of(self.settings)
        """What the event loop of the server reads and keeps beside the records; None where nothing is kept."""
        self.house: House = before.house.on(self.pool) if before else self._new_house(prices)
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
        self.pricing.prices = self._prices
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
        door = PoeDoor(
            self.mounted,
            max_body_bytes=self.settings.max_body_mb * 1024 * 1024,
            allow_without_key=self.settings.allow_without_key,
        )
        board = self.house.routes.board
        probes = Probes(board)
        generations = Generations(self, door, lambda factory: probes.look_after(factory.pool))
        programs = fp.PoeBot()  # who stands for those that ask by the API, among the visitors
        doors = api_doors(
            self.settings,
            board,
            lambda: generations.current.catalogue,
            lambda: door.visitors.visiting(programs),
        )
        usage = self.database
        watched = Watched(self.tally, board, self.house.routes.answers, self.ledger, lambda: len(door.open_answers))
        files = WatchedFiles([self.settings.provider_config, self.settings.bot_config])

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            warming_up = asyncio.create_task(asyncio.to_thread(self.pool.warm_up))
            opening = asyncio.gather(self.ledger.open(), self._prices.loaded(), return_exceptions=True)
            watching = asyncio.create_task(_reloading(generations, files)) if self.settings.watch_config else None
            probes.look_after(generations.current.pool)
            budgets = self.house.routes.budgets
            readying = asyncio.gather(*([budgets.ready()] if self._has_budgets else ()), return_exceptions=True)
            told = AsyncExitStack()
            await told.enter_async_context(sending_spans(board, environment()))
            yield
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            await probes.aclose()
            await asyncio.gather(door.open_answers.end_all(_GRACE_SECONDS), doors.end_all(_GRACE_SECONDS))
            await doors.aclose()
            await asyncio.gather(warming_up, return_exceptions=True)
            await generations.aclose()
            await generations.current.house.aclose()
            await budgets.aclose()
            await told.aclose()
            await asyncio.gather(opening, readying)
            await self.ledger.aclose()
            if usage is not None:
                await usage.aclose()

        def overview() -> Overview:
            return generations.current.overview()

        async def reload() -> Mapping[str, Any]:
            return {**asdict(await generations.reload()), "problems": overview().problems}

        app = create_api(
            overview,
            lifespan,
            lambda name, live: generations.current.pool.models(name, live=live),
            OperatorDoor(board, reload, lambda: tuple(generations.current.pool.registry)),
            doors={"/v1": doors.openai, "/chat": doors.chat, **owners_pages(usage, watched)},
        )
        app.router.default = door
        app.state.door = door
        app.state.overview = overview
        app.state.generations = generations
        app.state.doors = doors
        return app

    def _new_house(self, prices: Prices) -> House:
        budgets = Budgets(InDatabase(self.database) if self.database else None, user_id=self.ledger.people.of)
        routes = Routes(self.pool, record=Records(self.ledger), market=prices.market, budgets=budgets)
        return House(self.pool, routes, AttachmentReader(), CostApi(), PoeFiles())

    @property
    def _has_budgets(self) -> bool:
        providers = (provider.budget for provider in self.pool.registry.values())
        return any((*providers, *(bot.budget for bot in self.configs.values())))

    def _new_ledger(self) -> Ledger:
        """Whatever is written into it is counted for /metrics, too."""
        ledger = ledger_of(self.settings, priced=self.pricing.priced, also=(roll_up,))
        return Overheard(ledger, [lambda record: self.tally.add(self.pricing.priced_at_once(record))])

    @cached_property
    def catalogue(self) -> Catalogue:
        """Whom programs can ask by the API."""
        return catalogue_of(self.mounted, self._house_of(PROGRAMS), self.settings)

    def overview(self) -> Overview:
        """What may be shown of the server, as it is now."""
        secrets = self.pool.keyring.secrets()
        problems = [*self.problems, *self.key_problems()]
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
                "ledger": asdict(self.ledger.state()),
            },
            targets=cards.targets,
        )

    def key_problems(self) -> list[Problem]:
        """What keeps keys of the encrypted store, or clients of the API, from being read, as it is now."""
        clients = ClientKeys(self.settings.clients_file)
        return [Problem(message) for message in (*self.pool.keyring.problems(), *clients.problems())]

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
        chat, house = self.house.routes.for_bot(config), self._house_of(caller_of(config, self.pool))
        return _mount(made_bot(config, chat, house), config.bot_name, config.access_key_env)

    def _house_of(self, caller: Caller) -> House:
        """The house as this bot sees it: with the providers that it may use, and ways to no others."""
        granted = self.pool.granted_to(caller)
        # What routes need of the pool, the granted part of it has too.
        routes = copy(self.house.routes)
        routes.pool = cast(ProviderPool, granted)
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


async def _reloading(generations: Generations["BotFactory"], files: WatchedFiles) -> None:
    """Take over what changes in the files, for as long as this is not cancelled."""
    async for _ in files.changes():
        try:
            await generations.reload()
        except Exception as exc:  # what is served goes on as it is, and the next change may be better
            _log.exception("config.not_reloaded", error=type(exc).__name__)
