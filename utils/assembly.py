"""One FastAPI app out of what a factory has made: its doors, its pages, and its life from the start to the end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, Protocol, TypeVar

import fastapi_poe as fp
import structlog
from fastapi import FastAPI

from utils.api_doors import ApiDoors, api_doors
from utils.generations import Generation, Generations
from utils.ledger.budgets import Limit
from utils.office import Office
from utils.operations import PoeRelations, desks
from utils.poe.door import BotsFirst, PoeDoor
from utils.poe.house import House
from utils.registry.editing import Examine
from utils.registry.watching import WatchedFiles
from utils.routing import Probes
from utils.routing.spans import sending_spans
from utils.settings import Settings, environment
from utils.warm_up import WarmUp
from utils.web import Catalogue, OperatorDoor, Overview, create_api
from utils.web.metrics import Watched
from utils.web.owners_pages import owners_pages
from utils.web.usage import BudgetsPage

_log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0


class Served(Generation, Protocol):
    """Bots and providers as the files describe them at one time, and what an app shows of them."""

    settings: Settings
    office: Office
    house: House

    @property
    def catalogue(self) -> Catalogue:
        """Whom programs can ask by the API."""
        ...

    def overview(self) -> Overview:
        """What may be shown of the server, as it is now."""
        ...

    def limits(self) -> list[Limit]:
        """Every budget that is in force now."""
        ...


AnyServed = TypeVar("AnyServed", bound=Served)


def assembled(first: AnyServed, examine: Examine) -> FastAPI:
    """The app that serves these bots. What the files say later, it takes over when it is told to."""
    settings, office, routes = first.settings, first.office, first.house.routes
    door = PoeDoor(
        first.mounted,
        max_body_bytes=settings.max_body_mb * 1024 * 1024,
        allow_without_key=settings.allow_without_key,
    )
    probes = Probes(routes.board)
    generations = Generations(first, door, lambda served: probes.look_after(served.pool))
    programs = fp.PoeBot()  # who stands for those that ask by the API, among the visitors
    doors = api_doors(
        settings,
        routes.board,
        lambda: generations.current.catalogue,
        lambda: door.visitors.visiting(programs),
        office.bills,
    )
    watched = Watched(office.tally, routes.board, routes.answers, office.ledger, lambda: len(door.open_answers))
    spending = BudgetsPage(lambda: generations.current.limits(), routes.budgets)

    def overview() -> Overview:
        return generations.current.overview()

    async def reload() -> Mapping[str, Any]:
        return {**asdict(await generations.reload()), "problems": overview().problems}

    operations = desks(
        settings,
        lambda: generations.current.pool,
        lambda: office.pricing.prices,
        PoeRelations(lambda: generations.current.mounted, door.calls, settings.public_url),
        reload,
        examine,
        routes.books,
    )
    app = create_api(
        overview,
        partial(_life, generations, door, doors, probes),
        lambda name, live: generations.current.pool.models(name, live=live),
        OperatorDoor(routes.board, reload, lambda: tuple(generations.current.pool.registry), desks=operations),
        doors={"/v1": doors.openai, "/chat": doors.chat, **owners_pages(office.database, watched, spending)},
        takes_of=lambda name, model: generations.current.pool.takes(name, model),
    )
    app.router.default = door
    app.add_middleware(BotsFirst, door=door)
    app.state.door = door
    app.state.overview = overview
    app.state.generations = generations
    app.state.doors = doors
    return app


@asynccontextmanager
async def _life(
    generations: Generations[AnyServed], door: PoeDoor, doors: ApiDoors, probes: Probes, app: FastAPI
) -> AsyncIterator[None]:
    """What is begun before the first visitor, and ended when the last one has gone."""
    first = generations.current
    settings, office, routes = first.settings, first.office, first.house.routes
    warm_up = WarmUp(
        partial(asyncio.to_thread, first.pool.warm_up),
        *([routes.budgets.ready] if first.limits() else ()),
        office.ledger.open,
        office.pricing.prices.loaded,
    )
    warm_up.begin()
    files = WatchedFiles([settings.provider_config, settings.bot_config])
    watching = asyncio.create_task(_reloading(generations, files)) if settings.watch_config else None
    probes.look_after(first.pool)
    async with sending_spans(routes.board, environment()):
        yield
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await probes.aclose()
        await asyncio.gather(door.open_answers.end_all(_GRACE_SECONDS), doors.end_all(_GRACE_SECONDS))
        await warm_up.aclose()
        await generations.aclose()
        await generations.current.house.aclose()
        # Each of them waits for a database, and one that hangs should not be waited for three times.
        await asyncio.gather(doors.aclose(), routes.budgets.aclose(), office.ledger.aclose())
    await office.aclose()


async def _reloading(generations: Generations[AnyServed], files: WatchedFiles) -> None:
    """Take over what changes in the files, for as long as this is not cancelled."""
    async for _ in files.changes():
        try:
            await generations.reload()
        except Exception as exc:  # what is served goes on as it is, and the next change may be better
            _log.exception("config.not_reloaded", error=type(exc).__name__)
