"""The way in to the HTTP API, whichever of its paths is asked for: the key first, and every failure in one form."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import structlog
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from utils.errors import PoeBotsError
from utils.logs import request_reference

from .admission import Admission
from .event_stream import Stalled
from .refusals import Refused, refusal_of
from .visit import Action, Visit, body_of, new_reference, while_listened_to

_log = structlog.get_logger(__name__)

Actions = Mapping[str, Action]
"""What is done at a path, by the method."""


class ApiDoor:
    """An ASGI app. `actions_at` gives what can be done at a path; nothing for one where nothing is."""

    def __init__(
        self,
        admission: Admission,
        actions_at: Callable[[str], Actions],
        *,
        max_body_bytes: int,
        route_of: Callable[[str], str | None] = lambda reference: None,
        instead: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`instead` says for paths where nothing is what to ask instead."""
        self._admission = admission
        self._actions_at = actions_at
        self._max_body_bytes = max_body_bytes
        self._route_of = route_of
        self._instead = instead
        self._open: dict[asyncio.Task[object], Visit] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        reference = new_reference()
        visit = Visit(Request(scope, receive), reference, partial(self._route_of, reference))
        send = visit.sending(send)
        task = asyncio.current_task()
        if task is not None:
            self._open[task] = visit
        try:
            with request_reference(visit.reference):
                await self._served(visit, scope, receive, send)
        except asyncio.CancelledError:
            if visit.ended_by is None or task is None:
                raise  # it was not we who cancelled
            task.uncancel()
            if visit.ended_by == "server":
                await self._told(visit, _SHUTTING_DOWN, scope, receive, send)
        except Stalled:  # no word of why would reach anybody; without its end, the connection is closed
            _log.info("api.stalled", ref=visit.reference, client=visit.client.name)
        except Exception as exc:  # here a program waits for an answer, whatever has happened
            refusal = refusal_of(exc)
            self._log(visit, refusal, exc)
            await self._told(visit, refusal, scope, receive, send)
        finally:
            if task is not None:
                self._open.pop(task, None)

    async def end_all(self, grace: float = 0.0) -> None:
        """Let answers come to their end within the grace, then end the others with a word of why."""
        if grace and self._open:
            await asyncio.wait(tuple(self._open), timeout=grace)
        for task, visit in tuple(self._open.items()):
            if not visit.is_over and visit.ended_by is None:
                visit.ended_by = "server"
                task.cancel()

    async def _served(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        visit.client = await self._admission.let_in(visit.request)
        actions = self._actions_at(scope["path"])
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if not actions:
            message = self._instead.get(scope["path"], "There is nothing at this address.")
            raise Refused(404, message, code="unknown_url")
        if method not in actions:
            allowed = ", ".join(actions)
            raise Refused(405, f"This is asked with {allowed}.", code="method_not_allowed", headers={"allow": allowed})
        if method != "GET":
            visit.body = await body_of(visit.request, self._max_body_bytes)
        if method == "POST":
            self._admission.count(visit.client)

        async def answered() -> None:
            response = await actions[method](visit)
            await response(scope, receive, send)

        await while_listened_to(visit, receive, answered())

    async def _told(self, visit: Visit, refusal: Refused, scope: Scope, receive: Receive, send: Send) -> None:
        if visit.is_over:
            return
        if visit.has_begun:
            frame = refusal.frame(visit.reference, visit.beside_error)
            await send({"type": "http.response.body", "body": frame, "more_body": False})
            return
        await refusal.response(visit.reference, visit.beside_error)(scope, receive, send)

    def _log(self, visit: Visit, refusal: Refused, exc: BaseException) -> None:
        if isinstance(exc, Refused) and refusal.status < 500:
            return
        expected = isinstance(exc, PoeBotsError)
        (_log.warning if expected else _log.error)(
            "api.failed",
            ref=visit.reference,
            client=visit.client.name,
            status=refusal.status,
            error=type(exc).__name__,
            said=str(exc) if expected else None,
            exc_info=None if expected else exc,
        )


_SHUTTING_DOWN = Refused(503, "The server goes. Ask again in a moment.", code="shutting_down", retries=True)
