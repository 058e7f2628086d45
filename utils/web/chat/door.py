"""The paths /chat and /chat/conversations."""

from functools import partial

from ..admission import Admission
from ..api_door import Actions, ApiDoor
from ..asking import Asking
from .answer import answer
from .conversations import (
    begin_conversation,
    delete_conversation,
    list_conversations,
    read_conversation,
    rename_conversation,
)
from .keeping import Keeping

_ONE = "/chat/conversations/"


def chat_door(admission: Admission, asking: Asking, keeping: Keeping, *, max_body_bytes: int) -> ApiDoor:
    """The door for people with curl."""
    actions: dict[str, Actions] = {
        "/chat": {"POST": partial(answer, asking=asking, keeping=keeping)},
        "/chat/conversations": {
            "GET": partial(list_conversations, keeping=keeping),
            "POST": partial(begin_conversation, asking=asking, keeping=keeping),
        },
    }

    def actions_at(path: str) -> Actions:
        id = path.removeprefix(_ONE)
        if path.startswith(_ONE) and id and "/" not in id:
            return {
                "GET": partial(read_conversation, keeping=keeping, id=id),
                "PATCH": partial(rename_conversation, keeping=keeping, id=id),
                "DELETE": partial(delete_conversation, keeping=keeping, id=id),
            }
        return actions.get(path, {})

    return ApiDoor(admission, actions_at, max_body_bytes=max_body_bytes, route_of=asking.route_of)
