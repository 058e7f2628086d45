"""/chat/conversations: what was said before, for the one who has said it."""

from typing import Any

import msgspec
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from utils.ledger.chats import Conversation

from ..json_body import checked
from ..refusals import WrongField
from ..visit import Visit
from .answer import no_such_conversation
from .body import Rename
from .keeping import Keeping

_MOST_LISTED = 200
_MOST_SKIPPED = 1_000_000
_LONGEST_SEARCH = 200


async def list_conversations(visit: Visit, keeping: Keeping) -> ASGIApp:
    """The client's own, the latest first; with `q` only those in which it stands."""
    limit = _number(visit, "limit", 50, 1, _MOST_LISTED)
    offset = _number(visit, "offset", 0, 0, _MOST_SKIPPED)
    search = visit.request.query_params.get("q", "")
    if len(search) > _LONGEST_SEARCH:
        raise WrongField(f"`q` is longer than {_LONGEST_SEARCH} characters.", "q")
    found = await keeping.chats.listed(visit.client.owner, search=search, limit=limit, offset=offset)
    return JSONResponse({"conversations": [_card(each) for each in found]})


async def read_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """One of them, with everything that was said."""
    conversation = await keeping.chats.find(visit.client.owner, id)
    if conversation is None:
        raise no_such_conversation()
    turns = await keeping.chats.turns(visit.client.owner, id)
    return JSONResponse({**_card(conversation), "messages": [msgspec.to_builtins(turn) for turn in turns]})


async def rename_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """Give it another title."""
    title = checked(visit.body, Rename).title
    if not await keeping.chats.rename(visit.client.owner, id, title):
        raise no_such_conversation()
    return await read_conversation(visit, keeping, id)


async def delete_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """Forget it."""
    with keeping.going_on(visit.client.owner, id):
        if not await keeping.chats.delete(visit.client.owner, id):
            raise no_such_conversation()
    return Response(status_code=204)


def _card(conversation: Conversation) -> dict[str, Any]:
    card: dict[str, Any] = msgspec.to_builtins(conversation)
    return card


def _number(visit: Visit, name: str, default: int, least: int, most: int) -> int:
    said = visit.request.query_params.get(name, "")
    if not said:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and least <= int(said) <= most):
        raise WrongField(f"`{name}` should be a whole number from {least} to {most}.", name)
    return int(said)
