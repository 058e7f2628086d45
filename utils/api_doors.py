"""The doors of the HTTP API, /v1 and /chat, on one server: what they ask is what the bots ask, past Poe."""

import asyncio
import datetime
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from utils.keys.clients import ClientKeys
from utils.ledger.chats import Chats
from utils.ledger.database import Database
from utils.ledger.opening import database_of
from utils.poe import MultiProviderBot
from utils.poe.door import MountedBot
from utils.poe.house import House
from utils.poe.reading import fitted, system_message
from utils.registry import BotConfig
from utils.routing import Board
from utils.settings import Settings
from utils.web import Admission, ApiDoor, Asking, Catalogue, Keeping, ServedBot, chat_door, openai_door

_LANGUAGE = "en"


@dataclass(frozen=True)
class ApiDoors:
    """Both doors, and what they keep open."""

    openai: ApiDoor
    chat: ApiDoor
    clients: ClientKeys
    keeping: Keeping
    database: Database | None

    async def end_all(self, grace: float) -> None:
        """Let answers come to their end within the grace, then end the others with a word of why."""
        await asyncio.gather(self.openai.end_all(grace), self.chat.end_all(grace))

    async def aclose(self) -> None:
        """What was said is kept, and the database is closed."""
        await self.keeping.aclose()
        if self.database is not None:
            await self.database.aclose()


def api_doors(
    settings: Settings,
    board: Board,
    catalogue: Callable[[], Catalogue],
    visiting: Callable[[], AbstractContextManager[None]],
) -> ApiDoors:
    """The doors. Nothing is read or opened before somebody comes."""
    clients = ClientKeys(settings.clients_file)
    admission = Admission(clients, allow_without_key=settings.allow_without_key)
    asking = Asking(catalogue, visiting, board)
    database = database_of(settings)
    days = settings.chat_retention_days or None
    keeping = Keeping(Chats(database, retention_days=days) if database else None)
    most = settings.max_body_mb * 1024 * 1024
    return ApiDoors(
        openai_door(admission, asking, max_body_bytes=most),
        chat_door(admission, asking, keeping, max_body_bytes=most),
        clients,
        keeping,
        database,
    )


def catalogue_of(mounted: Iterable[MountedBot], house: House, settings: Settings) -> Catalogue:
    """Whom clients can ask: the bots of the bot file, and the providers of this house."""
    bots = [_served(each.bot) for each in mounted if isinstance(each.bot, MultiProviderBot)]
    return Catalogue(bots, house.providers, house.routes, default=settings.default_model or None, fit=fitted)


def _served(bot: MultiProviderBot) -> ServedBot:
    routes = bot.house.routes
    return ServedBot(
        bot.config, bot.chat, bot.providers, routes, partial(_instructions, bot.config), routes.limiter(bot.config)
    )


def _instructions(config: BotConfig) -> str | None:
    today = datetime.datetime.now(datetime.UTC).date()
    return system_message(config.system_message, bot_name=config.bot_name, language=_LANGUAGE, today=today)
