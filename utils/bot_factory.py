"""The composition root: registries and settings in, one FastAPI app out.

from utils.bot_factory import create_app

app = create_app()
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import fastapi_poe as fp
import structlog
from fastapi import FastAPI

from utils.keys import access_key_names, masked, secrets_in
from utils.poe import BaseBot
from utils.poe.attachments import AttachmentReader
from utils.poe.charging import CostApi
from utils.poe.discovery import find_bots
from utils.poe.door import MountedBot, PoeDoor
from utils.poe.files import PoeFiles
from utils.poe.house import House
from utils.poe.making import findings, made_bot
from utils.problems import Problem
from utils.providers import ProviderPool
from utils.registry import BotConfig, BotConfigRegistry, ProviderRegistry
from utils.registry.bot_config_registry import is_reserved
from utils.routing import answering_for
from utils.settings import Settings, environment
from utils.version import VERSION
from utils.web import BotCard, Overview, ProviderCard, create_api

_log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0

CODE_BOTS = "bots"
"""The package in which bots written in Python lie."""


def create_app(
    settings: Settings | None = None, *, include_code_bots: bool = True, include_config_bots: bool = True
) -> FastAPI:
    """One app that serves every bot that can be served, and tells about those that cannot."""
    factory = BotFactory.of_everything(settings or Settings.read(), include_code_bots, include_config_bots)
    factory.log_what_is_wrong()
    return factory.create_app()


class BotFactory:
    """Makes the bots of one server. What cannot be made is among the `problems`, and the rest is served."""

    def __init__(self, settings: Settings, providers: ProviderRegistry, bots: BotConfigRegistry) -> None:
        self.settings = settings
        self.configs = bots
        self.pool = ProviderPool(providers)
        self.house = House(self.pool, AttachmentReader(), CostApi(), PoeFiles())
        self.mounted: list[MountedBot] = []
        self.problems: list[Problem] = [*settings.problems, *providers.problems, *bots.problems]

    @classmethod
    def from_files(cls, settings: Settings) -> "BotFactory":
        """A factory on the two files that the settings name."""
        providers = ProviderRegistry.load(settings.provider_config, environment())
        return cls(settings, providers, BotConfigRegistry.load(settings.bot_config, environment(), providers))

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

    def add_configured_bots(self) -> None:
        """A bot for every entry of the bot file."""
        for config in self.configs.values():
            try:
                problems = [
                    self.configs.problem(config.bot_name, message, *place)
                    for message, place in findings(config, self.pool)
                ]
                bot = None if problems else made_bot(config, answering_for(config, self.pool), self.house)
            except (Exception, SystemExit) as exc:  # the class may be somebody else's code
                message = f"`{config.bot_class}` fails when its bot is made: {type(exc).__name__}: {exc}."
                problems, bot = [self.configs.problem(config.bot_name, message, "bot_class")], None
            self.problems += problems
            if bot is not None:
                self._mount(bot, config.bot_name, config.access_key_env)

    def add_code_bots(self, package: str) -> None:
        """A bot for every class with a `bot_name` in the package. Names and paths that are taken stay as they are."""
        bots, problems = find_bots(package)
        self.problems += problems
        for bot in bots:
            name = str(bot.bot_name)
            if clash := self._clash(name, bot.path):
                file = f"{type(bot).__module__.replace('.', '/')}.py"
                self.problems.append(Problem(f"bot `{name}` is not served: {clash}.", file))
                continue
            if isinstance(bot, BaseBot):
                bot.connect(self.house)
            self._mount(bot, name)

    def create_app(self) -> FastAPI:
        """The app with the bots that have been added."""
        door = PoeDoor(
            self.mounted,
            max_body_bytes=self.settings.max_body_mb * 1024 * 1024,
            allow_without_key=self.settings.allow_without_key,
        )

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            warming_up = asyncio.create_task(asyncio.to_thread(self.pool.warm_up))
            yield
            await door.open_answers.end_all(_GRACE_SECONDS)
            await asyncio.gather(warming_up, return_exceptions=True)
            await asyncio.gather(
                *(mounted.bot.aclose() for mounted in self.mounted if isinstance(mounted.bot, BaseBot))
            )
            await self.house.aclose()

        app = create_api(self.overview, lifespan)
        app.router.default = door
        app.state.door = door
        app.state.overview = self.overview
        return app

    def overview(self) -> Overview:
        """What may be shown of the server, as it is now."""
        secrets = secrets_in(environment())
        return Overview(
            version=VERSION,
            bots=tuple(self._bot_card(mounted) for mounted in self.mounted),
            providers=tuple(self._provider_card(name) for name in self.pool.registry),
            problems=tuple(masked(str(problem), secrets) for problem in self.problems),
            has_errors=any(problem.severity == "error" for problem in self.problems),
            environment={
                "debug": self.settings.debug,
                "log_level": self.settings.log_level,
                "allow_without_key": self.settings.allow_without_key,
            },
        )

    def providers_not_ready(self) -> dict[str, str]:
        """Why not, by the name of the provider."""
        reasons = {name: self.pool.why_not_ready(name) for name in self.pool.registry}
        return {name: reason for name, reason in reasons.items() if reason}

    def bots_without_access_key(self) -> list[str]:
        """The bots that would let nobody in, unless anybody may come in without a key."""
        return [mounted.name for mounted in self.mounted if mounted.access_key() is None]

    def log_what_is_wrong(self) -> None:
        """Say once, in the log, what /health says whenever it is asked."""
        for problem in self.problems:
            log = _log.error if problem.severity == "error" else _log.warning
            log("config.problem", problem=str(problem))
        if not_ready := self.providers_not_ready():
            _log.warning("providers.not_ready", reasons=not_ready)
        if not self.settings.allow_without_key and (without := self.bots_without_access_key()):
            _log.warning("bots.without_access_key", bots=without)

    def _clash(self, name: str, path: str) -> str | None:
        if any(mounted.name == name for mounted in self.mounted):
            return "there is another bot of that name"
        if is_reserved(path):
            return f"the path {path} belongs to the server itself"
        if owner := next((mounted.name for mounted in self.mounted if mounted.path == path), None):
            return f"the path {path} is that of bot `{owner}`"
        return None

    def _mount(self, bot: fp.PoeBot, name: str, access_key_env: str | None = None) -> None:
        self.mounted.append(MountedBot(bot, name, bot.path.rstrip("/") or "/", access_key_names(name, access_key_env)))

    def _bot_card(self, mounted: MountedBot) -> BotCard:
        config = getattr(mounted.bot, "config", None)
        provider = model = None
        if isinstance(config, BotConfig):
            provider, model = config.provider, config.model or self.pool.registry[config.provider].model
        return BotCard(
            name=mounted.name,
            description=getattr(mounted.bot, "bot_description", ""),
            provider=provider,
            model=model,
            path=mounted.path,
            access_key_names=mounted.key_names,
            why_not_ready=self._why_not_ready(mounted, provider),
        )

    def _why_not_ready(self, mounted: MountedBot, provider: str | None) -> str | None:
        reason = self.pool.why_not_ready(provider) if provider else None
        if reason is None and mounted.access_key() is None and not self.settings.allow_without_key:
            return f"{' or '.join(mounted.key_names)} is not set"
        return reason

    def _provider_card(self, name: str) -> ProviderCard:
        config = self.pool.registry[name]
        return ProviderCard(
            name=name,
            api_base=masked(config.public_address, secrets_in(environment())),
            default_model=config.model,
            models=tuple(model.name for model in config.models),
            why_not_ready=self.pool.why_not_ready(name),
        )
