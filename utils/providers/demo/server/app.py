"""The routes of the demo server."""

from collections import deque

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..pace import AT_ONCE, Pace
from ..script import script_for
from .bodies import BadRequest, ChatBody, EmbeddingsBody, checked, decoded
from .embeddings import embeddings_json
from .replies import Reply, reply_to
from .turn import Turn
from .wire import Completion, error_json, models_json

_REMEMBERED_REQUESTS = 1000
_MODELS = ("demo", "demo-slow-50", "demo-think-20", "demo-tokens-300", "demo-fail-503", "demo-break-5", "demo-hang")


def demo_app(pace: Pace = AT_ONCE, tokens: int | None = None) -> Starlette:
    """The demo as a server. Where no message orders otherwise, its answers have as many `tokens` as these.

    `app.state.requests` holds the last requests as pairs of headers and body, `app.state.open_streams` counts the
    answers that are under way.
    """
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", _chat, methods=["POST"]),
            Route("/v1/embeddings", _embeddings, methods=["POST"]),
            Route("/v1/models", _models),
        ],
        exception_handlers={BadRequest: _explain, HTTPException: _refuse},
    )
    app.state.pace = pace
    app.state.tokens = tokens
    app.state.requests = deque[tuple[dict[str, str], object]](maxlen=_REMEMBERED_REQUESTS)
    app.state.open_streams = 0
    return app


async def _chat(request: Request) -> Reply:
    state = request.app.state
    body = checked(await _body_of(request), ChatBody)
    script = script_for(body.as_request(), body.model, state.pace, state.tokens)
    return reply_to(Turn(script, Completion(body.model), body.includes_usage), stream=bool(body.stream))


async def _embeddings(request: Request) -> Response:
    return JSONResponse(embeddings_json(checked(await _body_of(request), EmbeddingsBody)))


async def _models(request: Request) -> Response:
    return JSONResponse(models_json(_MODELS))


async def _body_of(request: Request) -> object:
    body = decoded(await request.body())
    request.app.state.requests.append((dict(request.headers), body))
    return body


async def _explain(request: Request, error: Exception) -> Response:
    param = error.param if isinstance(error, BadRequest) else None
    return JSONResponse(error_json(400, str(error), param), 400)


async def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = f"There is no {request.method} {request.url.path} here. Try POST /v1/chat/completions."
    return JSONResponse(error_json(status, message), status)
