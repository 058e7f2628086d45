"""GET /v1/models and GET /v1/models/{id}: whom the client can ask."""

from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from utils.problems import did_you_mean

from ..asking import Asking
from ..refusals import Refused
from ..visit import Visit

_CREATED = 0
"""OpenAI's clients want a time here; nobody knows since when a model is there."""


async def list_models(visit: Visit, asking: Asking) -> ASGIApp:
    """Everyone who is ready to answer this client."""
    names = asking.catalogue().names(visit.client)
    return JSONResponse({"object": "list", "data": [_model(name, provider) for name, provider in names]})


async def show_model(visit: Visit, asking: Asking, name: str) -> ASGIApp:
    """One of them."""
    known = dict(asking.catalogue().names(visit.client))
    if name not in known:
        message = f"There is no model `{name[:100]}` that is ready.{did_you_mean(name, known)}"
        raise Refused(404, message, param="model", code="model_not_found")
    return JSONResponse(_model(name, known[name]))


def _model(name: str, provider: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": provider}
