"""The FastAPI app with the listings, before any bot is in it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Lifespan

from utils.providers.takes import Takes

from .below import Below
from .models import ModelsOf, TakesOf, model_list
from .openapi import openapi_document
from .operator import OperatorDoor
from .overview import BotOffers, Overview, public
from .page import page
from .switch import is_on, what_it_takes

_READ = ["GET", "HEAD"]

_log = structlog.get_logger(__name__)


def create_api(
    overview: Callable[[], Overview],
    lifespan: Lifespan[FastAPI] | None = None,
    models_of: ModelsOf | None = None,
    operator: OperatorDoor | None = None,
    doors: Mapping[str, ASGIApp] = MappingProxyType({}),
    takes_of: TakesOf = lambda provider, model: Takes(),
) -> FastAPI:
    """An app that tells about the server; every error in it is JSON. A door answers for all that is below its path."""
    api = FastAPI(title="Poe bots", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(Exception, _unexpected_error)

    @api.api_route("/", methods=_READ, response_class=HTMLResponse)
    async def home(request: Request) -> HTMLResponse:
        return HTMLResponse(page(overview(), _address(request)), headers=_PAGE_HEADERS)

    @api.api_route("/health", methods=_READ, response_model=None)
    async def health() -> dict[str, Any]:
        seen = overview()
        return {
            "status": seen.status,
            "version": seen.version,
            "providers": [provider.name for provider in seen.providers],
            "bots": [bot.name for bot in seen.bots],
            "bot_count": len(seen.bots),
            "environment": dict(seen.environment),
            "problems": list(seen.problems),
            "targets": [public(card) for card in seen.targets()],
        }

    @api.api_route("/bots", methods=_READ, response_model=None)
    async def bots() -> dict[str, Any]:
        return {
            bot.name: {
                "description": bot.description,
                "provider": bot.provider,
                "model": bot.model,
                "path": bot.path,
                "ready": bot.why_not_ready is None,
                **({"why_not_ready": bot.why_not_ready} if bot.why_not_ready else {}),
                **({"why_shut": bot.why_shut} if bot.why_shut else {}),
                **_offers(bot.offers()),
            }
            for bot in overview().bots
        }

    @api.api_route("/providers", methods=_READ, response_model=None)
    async def providers() -> dict[str, Any]:
        return {
            provider.name: {
                "api_base": provider.api_base,
                "default_model": provider.default_model,
                "models": list(provider.models),
                "ready": provider.why_not_ready is None,
                **({"why_not_ready": provider.why_not_ready} if provider.why_not_ready else {}),
            }
            for provider in overview().providers
        }

    @api.api_route("/providers/{name}/models", methods=_READ, response_model=None)
    async def models(request: Request) -> JSONResponse:
        # Parameters that FastAPI declares would bring all of pydantic.v1 along.
        if (live := is_on(request, "live")) is None:
            raise HTTPException(400, what_it_takes("live"))
        return await model_list(request.path_params["name"], overview().providers, models_of, takes_of, live=live)

    @api.api_route("/openapi.json", methods=_READ, response_model=None)
    async def schema(request: Request) -> JSONResponse:
        return JSONResponse(openapi_document(_address(request)))

    # Whatever the method: a door answers all of it, so that nothing below it is anybody else's.
    behind_keys: dict[str, ASGIApp] = {**({"/admin": operator} if operator else {}), **doors}
    api.router.routes += [Below(path, door) for path, door in behind_keys.items()]
    return api


def _offers(offers: BotOffers) -> dict[str, Any]:
    return {
        "takes": asdict(offers.takes),
        "models": list(offers.models),
        "targets": [public(card) for card in offers.targets],
    }


def _address(request: Request) -> str:
    """Where this server is, as the one who asks sees it. Behind a proxy that ends TLS, the proxy says so."""
    behind_tls = request.headers.get("x-forwarded-proto") == "https" or (request.url.hostname or "").endswith(
        ".modal.run"
    )
    url = request.base_url.replace(scheme="https") if behind_tls else request.base_url
    return str(url).rstrip("/")


_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


async def _http_error(request: Request, exc: Any) -> JSONResponse:
    message = "There is nothing at this address." if exc.status_code == 404 else exc.detail
    return JSONResponse({"error": message}, exc.status_code, dict(exc.headers or {}))


async def _unexpected_error(request: Request, exc: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    _log.error("request.failed", ref=reference, path=request.scope["path"], exc_info=exc)
    return JSONResponse({"error": "Something went wrong on this server.", "reference": reference}, 500)
