"""The way in for Poe: one path for each bot, behind its own access key.

404 no such bot · 405 not a POST · 401 not Poe · 413 too large · 400 not understood · 501 not known · 200 the rest
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import fastapi_poe as fp
import structlog
from fastapi_poe.types import BaseRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from utils.keys import Keyring, find_access_key

from ..base_bot import BaseBot
from ..pace import UNPACED, Pace
from ..reading import PoeQuery, tools_of
from .answer import Answer
from .calls import Calls
from .query import BadRequest, query_request, read_body, report_request
from .stream import OpenAnswers
from .visitors import Visitors

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MountedBot:
    """A bot at its path, and where its access key is found."""

    bot: fp.PoeBot
    name: str
    path: str
    key_names: tuple[str, ...]
    keyring: Keyring = field(default_factory=Keyring, repr=False, compare=False)

    def access_key(self) -> str | None:
        """The key that Poe has to show, as it is now."""
        return self.bot.access_key or find_access_key(self.key_names, self.keyring)


class PoeDoor:
    """An ASGI app that finds the bot for a path and hands it what Poe asks."""

    def __init__(self, bots: Iterable[MountedBot], *, max_body_bytes: int, allow_without_key: bool) -> None:
        self.serve(bots)
        self.visitors = Visitors()
        self.open_answers = OpenAnswers()
        self.calls = Calls()
        self._max_body_bytes = max_body_bytes
        self._allow_without_key = allow_without_key

    def serve(self, bots: Iterable[MountedBot]) -> None:
        """Let these be the bots from now on. Answers of others that are being given come to their end."""
        self.bots = {mounted.path: mounted for mounted in bots}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        mounted = self.bots.get(scope["path"].rstrip("/") or "/")
        if mounted is None:
            response: Response | None = _refusal(404, "There is nothing at this address.")
        elif scope["method"] != "POST":
            response = _refusal(405, f"{mounted.name} is a bot for Poe, which talks to it with POST.", allow="POST")
        elif reason := self._why_not_let_in(request, mounted, key := mounted.access_key()):
            response = _refusal(401, reason, **{"www-authenticate": "Bearer"})
        else:
            with self.visitors.visiting(mounted.bot):
                response = await self._let_in(mounted, key, request, send)
        if response is not None:
            await response(scope, receive, send)

    async def _let_in(self, mounted: MountedBot, key: str | None, request: Request, send: Send) -> Response | None:
        """Do what is asked. Returns the response, or None when it has been sent."""
        try:
            raw = read_body(await self._body(request))
            self.calls.add(mounted.name, raw)
            if raw["type"] != "query":
                return await _told(mounted.bot, raw, request)
            query = query_request(raw, key, request)
            del raw  # it is the whole conversation once more, and an answer may take minutes
            await self._answer(mounted, query, request, send)
            return None
        except _TooLarge:
            return _refusal(413, f"The request is larger than {self._max_body_bytes} bytes.")
        except BadRequest as exc:
            return _refusal(400, str(exc))
        except ClientDisconnect:
            return None

    async def _answer(self, mounted: MountedBot, query: PoeQuery, request: Request, send: Send) -> None:
        answer = Answer(mounted.bot, query, fp.RequestContext(http_request=request))
        key = (mounted.path, query.conversation_id, query.message_id) if query.message_id else None
        await self.open_answers.give(key, answer, _pace_of(mounted.bot, query), answer.asides(), request.receive, send)

    def _why_not_let_in(self, request: Request, mounted: MountedBot, expected: str | None) -> str | None:
        if expected is None:
            if self._allow_without_key:
                # Browsers name where a page came from; without this, any page could talk to the bots of this machine.
                return "Pages of other servers may not talk to this bot." if "origin" in request.headers else None
            return f"This bot has no access key: {mounted.key_names[0]} is not set on the server."
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        matches = hmac.compare_digest(given.strip().encode(), expected.encode())
        return None if matches and scheme.lower() == "bearer" else "The access key is missing or wrong."

    async def _body(self, request: Request) -> bytes:
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_body_bytes:
            raise _TooLarge
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_body_bytes:
                raise _TooLarge
        return bytes(body)


class BotsFirst:
    """The way past the routes of the server: no bot lies where one of them could."""

    def __init__(self, app: ASGIApp, door: PoeDoor) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it to the bot at this path, or to the rest of the server."""
        is_for_a_bot = scope["type"] == "http" and scope["path"] in self._door.bots
        await (self._door if is_for_a_bot else self._app)(scope, receive, send)


class _TooLarge(Exception):
    """The body is over the limit."""


def _pace_of(bot: fp.PoeBot, query: fp.QueryRequest) -> Pace:
    """The bot's own pace, without status lines for a program that offers tools: it would take them for the answer."""
    pace = bot.pace if isinstance(bot, BaseBot) else UNPACED
    return replace(pace, first_content=0) if tools_of(query) else pace


def _refusal(status: int, message: str, **headers: str) -> Response:
    return JSONResponse({"error": message}, status, headers)


async def _told(bot: fp.PoeBot, raw: Mapping[str, Any], request: Request) -> Response:
    """Settings, feedback, reactions and error reports: one JSON answer each."""
    if raw["type"] not in _HANDLERS:
        return _refusal(501, "This type of request is not known here.")
    model, handle = _HANDLERS[raw["type"]]
    said = report_request(model, raw, request)
    answer = await handle(bot, said, fp.RequestContext(http_request=request)) if said else None
    return JSONResponse(answer or {})


async def _settings(bot: fp.PoeBot, request: Any, context: fp.RequestContext) -> dict[str, Any]:
    return (await bot.get_settings_with_context(request, context)).model_dump()


_HANDLERS: Mapping[str, tuple[type[BaseRequest], Callable[[fp.PoeBot, Any, fp.RequestContext], Awaitable[Any]]]] = {
    "settings": (fp.SettingsRequest, _settings),
    "report_feedback": (
        fp.ReportFeedbackRequest,
        lambda bot, said, context: bot.on_feedback_with_context(said, context),
    ),
    "report_reaction": (
        fp.ReportReactionRequest,
        lambda bot, said, context: bot.on_reaction_with_context(said, context),
    ),
    "report_error": (fp.ReportErrorRequest, lambda bot, said, context: bot.on_error_with_context(said, context)),
}
