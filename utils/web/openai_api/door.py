"""The paths below /v1."""

from functools import partial

from ..admission import Admission
from ..api_door import Actions, ApiDoor
from ..asking import Asking
from .completions import complete
from .embeddings import embed
from .models import list_models, show_model

_A_MODEL = "/v1/models/"


def openai_door(admission: Admission, asking: Asking, *, max_body_bytes: int) -> ApiDoor:
    """The door that OpenAI's clients come in by."""
    actions: dict[str, Actions] = {
        "/v1/chat/completions": {"POST": partial(complete, asking=asking)},
        "/v1/embeddings": {"POST": partial(embed, asking=asking)},
        "/v1/models": {"GET": partial(list_models, asking=asking)},
    }

    def actions_at(path: str) -> Actions:
        name = path.removeprefix(_A_MODEL)
        if name and name != path:
            return {"GET": partial(show_model, asking=asking, name=name)}
        return actions.get(path, {})

    return ApiDoor(admission, actions_at, max_body_bytes=max_body_bytes, route_of=asking.route_of, instead=_INSTEAD)


_COMPLETIONS = "ask POST /v1/chat/completions instead."
_INSTEAD = {
    "/v1/completions": f"Plain completions are not made here: {_COMPLETIONS}",
    "/v1/responses": f"The Responses API is not spoken here: {_COMPLETIONS}",
    "/v1/messages": f"Anthropic's API is not spoken here: {_COMPLETIONS}",
}
"""What clients look for that know another API, and what there is."""
