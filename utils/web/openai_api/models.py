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
    known = _known(visit, asking)
    return JSONResponse({"object": "list", "data": [_model(name, provider) for name, provider in known.items()]})


async def show_model(visit: Visit, asking: Asking, name: str) -> ASGIApp:
    """One of them."""
    known = _known(visit, asking)
    if name not in known:
        message = f"There is no model `{name[:100]}` that is ready.{did_you_mean(name, known)}"
        raise Refused(404, message, param="model", code="model_not_found")
    return JSONResponse(_model(name, known[name]))


def _known(visit: Visit, asking: Asking) -> dict[str, str]:
    """The provider of each that can be asked: for an answer, then for vectors."""
    catalogue = asking.catalogue()
    return {**dict(catalogue.names(visit.client)), **dict(catalogue.makers_of_vectors(visit.client))}


def _model(name: str, provider: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": provider}
