"""The operator's door: what the owner of a running server does to it, with ADMIN_KEY and not without.

POST /admin/reload                      the files are read again
GET  /admin/targets                     everyone who is asked, and how they fare
POST /admin/targets/{target}/out        ask it no more; `reason` in the query or in a JSON body
POST /admin/targets/{target}/in         ask it again

What else there is below /admin is known to the desks: `operator_config`, `operator_trials`, `operator_poe`. Whatever
the path and the method are, the key is looked at first: without it, all of them are the same.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from utils.keys import Keyring
from utils.problems import did_you_mean
from utils.routing import Board

from .operator_body import BadBody, json_object
from .operator_desk import Actions, Desk
from .operator_key import OperatorKey, error
from .overview import target_card
from .taking_over import Reload, taken_over

_log = structlog.get_logger(__name__)

_LARGEST_BODY = 10_000
_LONGEST_REASON = 200
_SUCH_AS = '{"reason": "maintenance"}'
_TARGETS = "/admin/targets/"

Action = Callable[[Request], Awaitable[Response]]


class OperatorDoor:
    """An ASGI app for every path that begins with /admin."""

    def __init__(
        self,
        board: Board,
        reload: Reload,
        providers: Callable[[], Collection[str]],
        keyring: Keyring | None = None,
        wrong_key_seconds: float = 1.0,
        desks: Sequence[Desk] = (),
    ) -> None:
        """The `desks` know what else there is below /admin."""
        self._board = board
        self._reload = reload
        self._providers = providers
        self._key = OperatorKey(keyring=keyring, wrong_key_seconds=wrong_key_seconds)
        self._desks: Sequence[Desk] = (self, *desks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self._key.refusal(request)
        if response is None:
            response = await self._answer(request)
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    def actions(self, path: str) -> Actions:
        """What is done at the path, taken as it is: nothing in it is resolved, nor a slash at its end forgiven."""
        if path == "/admin/reload":
            return {"POST": self._reloaded}
        if path == "/admin/targets":
            return {"GET": self._listed}
        target, _, verb = path.removeprefix(_TARGETS).rpartition("/")
        if path.startswith(_TARGETS) and target and verb in {"out", "in"}:
            provider, _, model = target.partition(":")
            return {"POST": self._taken_out(provider, model) if verb == "out" else self._put_back(provider, model)}
        return {}

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        actions = next((found for desk in self._desks if (found := desk.actions(path))), {})
        if not actions:
            return error(404, "There is nothing at this address.")
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            allowed = [*actions, *(["HEAD"] if "GET" in actions else ())]
            return error(405, f"This is asked with {' or '.join(actions)}.", allow=", ".join(allowed))
        return await action(request)

    async def _reloaded(self, request: Request) -> Response:
        came = await taken_over(self._reload)
        if came.why_not:
            return error(500, f"What was served goes on, for the files could not be taken over: {came.why_not}")
        return JSONResponse(came.change)

    async def _listed(self, request: Request) -> Response:
        known = self._providers()
        states = [state for state in self._board.states() if state.provider in known]
        return JSONResponse({"targets": [dict(vars(target_card(state))) for state in states]})

    def _taken_out(self, provider: str, model: str) -> Action:
        async def action(request: Request) -> Response:
            try:
                reason = await _reason_in(request)
            except BadBody as exc:
                return error(exc.status, str(exc))
            if unknown := self._unknown(provider, model):
                return unknown
            lanes = self._board.take_out(provider, model or None, reason)
            _log.warning("operator.taken_out", target=_named(provider, model), lanes=lanes, reason=reason)
            return JSONResponse({"target": _named(provider, model), "lanes": lanes, "state": "open", "reason": reason})

        return action

    def _put_back(self, provider: str, model: str) -> Action:
        async def action(request: Request) -> Response:
            if unknown := self._unknown(provider, model):
                return unknown
            lanes = self._board.put_back(provider, model or None)
            _log.warning("operator.put_back", target=_named(provider, model), lanes=lanes)
            return JSONResponse({"target": _named(provider, model), "lanes": lanes})

        return action

    def _unknown(self, provider: str, model: str) -> Response | None:
        known = self._providers()
        if provider not in known:
            return error(404, f"There is no provider of this name.{did_you_mean(provider, known)}")
        models = {lane.model or "" for lane in self._board.lanes_of(provider)}
        if model and model not in models:
            return error(404, f"No bot asks this provider for this model.{did_you_mean(model, models)}")
        return None


def _named(provider: str, model: str) -> str:
    return f"{provider}:{model}" if model else provider


async def _reason_in(request: Request) -> str:
    """Why, from the query or the body, as one short line. Raises `BadBody` for one that says nothing."""
    try:
        said = await json_object(request, _LARGEST_BODY)
    except BadBody as exc:
        raise BadBody(f"{exc} A JSON object such as {_SUCH_AS} is enough.") from None
    if not isinstance(said.get("reason", ""), str):
        raise BadBody(f"The body should be a JSON object such as {_SUCH_AS}.")
    reason = " ".join((request.query_params.get("reason") or said.get("reason") or "").split())
    return reason[:_LONGEST_REASON] or "taken out by its owner"
