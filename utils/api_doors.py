"""The doors of the HTTP API, /v1 and /chat, on one server: what they ask is what the bots ask, past Poe."""

import asyncio
import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial

from utils.keys.clients import ClientKeys
from utils.ledger.bills import Bills
from utils.ledger.budgets import Limit
from utils.ledger.budgets.till import limits_of
from utils.ledger.chats import Chats
from utils.ledger.database import Database
from utils.ledger.opening import database_of
from utils.poe import MultiProviderBot
from utils.poe.attachments import ImageFetcher
from utils.poe.attachments.trouble import NotLoaded, Trouble
from utils.poe.door import MountedBot
from utils.poe.house import House
from utils.poe.reading import fitted, system_message
from utils.registry import BotConfig
from utils.registry.budget_words import budgets_in
from utils.routing import Board
from utils.routing.rate_limit import RateLimit
from utils.settings import Settings
from utils.web import (
    Admission,
    ApiDoor,
    Asking,
    Catalogue,
    Keeping,
    PictureMissing,
    ServedBot,
    chat_door,
    openai_door,
)

_LANGUAGE = "en"


@dataclass(frozen=True)
class ApiDoors:
    """Both doors, and what they keep open."""

    openai: ApiDoor
    chat: ApiDoor
    clients: ClientKeys
    keeping: Keeping
    database: Database | None
    pictures: ImageFetcher

    async def end_all(self, grace: float) -> None:
        """Let answers come to their end within the grace, then end the others with a word of why."""
        await asyncio.gather(self.openai.end_all(grace), self.chat.end_all(grace))

    async def aclose(self) -> None:
        """What was said is kept, and the database and all connections are closed."""
        await self.keeping.aclose()
        await self.pictures.aclose()
        if self.database is not None:
            await self.database.aclose()


def api_doors(
    settings: Settings,
    board: Board,
    catalogue: Callable[[], Catalogue],
    visiting: Callable[[], AbstractContextManager[None]],
    bills: Bills,
) -> ApiDoors:
    """The doors. Nothing is read or opened before somebody comes."""
    clients = ClientKeys(settings.clients_file)
    admission = Admission(clients, allow_without_key=settings.allow_without_key)
    pictures = ImageFetcher()
    asking = Asking(catalogue, visiting, board, bills, partial(_picture, pictures))
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
        pictures,
    )


async def _picture(pictures: ImageFetcher, url: str) -> str:
    try:
        return await pictures.fetch(url)
    except NotLoaded as exc:
        raise PictureMissing(_WHY.get(exc.trouble, "it could not be loaded")) from exc


_WHY: Mapping[Trouble, str] = {
    "unreachable": "it could not be loaded from there",
    "too_slow": "it took too long to load",
    "too_large": "it is too large",
    "no_picture": "what is there is no PNG, JPEG, GIF or WebP",
}


def limits_of_clients(clients: ClientKeys) -> Iterator[Limit]:
    """The budgets of all clients that can be understood."""
    for client in clients.all():
        with suppress(ValueError):
            yield from limits_of(client.name, client.budget) if client.budget else ()


def what_is_wrong_with(clients: ClientKeys) -> Iterator[str]:
    """Every client whom nobody answers, because what it may spend or how often it may ask cannot be understood."""
    for client in clients.all():
        try:
            budgets_in(client.budget) if client.budget else ()
            RateLimit.parse(client.rate_limit) if client.rate_limit else None
        except ValueError as exc:
            yield f"client `{client.name}` of the API gets no answers: {str(exc).rstrip('.')}."


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
