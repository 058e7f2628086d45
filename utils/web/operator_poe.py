"""How the bots stand with Poe, for their owner.

GET  /admin/poe                 the address, the keys and the settings of each bot, and when Poe last called
POST /admin/poe/{bot}/sync      tells Poe of the bot's settings; with `force=true` also when it has them already
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from utils.problems import did_you_mean

from .operator_desk import Actions
from .operator_key import error

_POE = "/admin/poe"
_SYNC = "/sync"


class Relations(Protocol):
    """What is known of the bots at Poe."""

    def names(self) -> list[str]:
        """The bots that are served."""
        ...

    async def listing(self) -> Mapping[str, Any]:
        """How each of them stands."""
        ...

    async def sync(self, bot: str, *, force: bool) -> Mapping[str, Any]:
        """Tell Poe of its settings, and what came of it."""
        ...


class PoeDesk:
    """Shows what there is, and syncs one bot at a time."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations

    def actions(self, path: str) -> Actions:
        """What is done at the path, by method."""
        if path == _POE:
            return {"GET": self._listed}
        bot = path.removeprefix(f"{_POE}/").removesuffix(_SYNC)
        if path.startswith(f"{_POE}/") and path.endswith(_SYNC) and bot:
            return {"POST": self._syncing(bot)}
        return {}

    async def _listed(self, request: Request) -> Response:
        return JSONResponse(dict(await self._relations.listing()))

    def _syncing(self, bot: str) -> Callable[[Request], Awaitable[Response]]:
        async def synced(request: Request) -> Response:
            known = self._relations.names()
            if bot not in known:
                return error(404, f"There is no bot of this name.{did_you_mean(bot, known)}")
            is_forced = request.query_params.get("force", "").lower() in {"true", "1"}
            return JSONResponse(dict(await self._relations.sync(bot, force=is_forced)))

        return synced
