"""/chat/conversations: what was said before, for the one who has said it."""

from typing import Any

import msgspec
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from utils.ledger.chat_turns import Turn
from utils.ledger.chats import Chats, Conversation

from ..asking import Asking
from ..json_body import checked
from ..refusals import WrongField
from ..visit import Visit
from .body import Begun, Rename
from .exchange import no_such_conversation
from .keeping import Keeping
from .told import as_markdown, turn_told

_MOST_LISTED = 200
_MOST_SKIPPED = 1_000_000
_LONGEST_SEARCH = 200
_FORMATS = ("json", "markdown")


async def list_conversations(visit: Visit, keeping: Keeping) -> ASGIApp:
    """The client's own, the latest first; with `q` only those in which it stands."""
    limit = _number(visit, "limit", 50, 1, _MOST_LISTED)
    offset = _number(visit, "offset", 0, 0, _MOST_SKIPPED)
    search = visit.request.query_params.get("q", "")
    if len(search) > _LONGEST_SEARCH:
        raise WrongField(f"`q` is longer than {_LONGEST_SEARCH} characters.", "q")
    found = await keeping.chats.listed(visit.client.owner, search=search, limit=limit, offset=offset)
    return JSONResponse({"conversations": [_card(each) for each in found]})


async def begin_conversation(visit: Visit, asking: Asking, keeping: Keeping) -> ASGIApp:
    """Keep what was said elsewhere, so that it can be gone on with."""
    begun = checked(visit.body, Begun)
    asked = asking.catalogue().asked(visit.client, begun.model, bot=begun.bot, provider=begun.provider)
    conversation = Chats.new(asked.name, begun.messages[0].text, begun.system)
    turns = [
        Turn("user", each.text)
        if each.role == "user"
        else Turn("assistant", each.text, provider=asked.provider, model=asked.model)
        for each in begun.messages
    ]
    await keeping.chats.add(visit.client.owner, conversation, turns)
    return await read_conversation(visit, keeping, conversation.id)


async def read_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """One of them, with everything that was said; as a page to read with `format=markdown`."""
    format = visit.request.query_params.get("format", "json")
    if format not in _FORMATS:
        raise WrongField("`format` should be `json` or `markdown`.", "format")
    await keeping.settled(visit.client.owner, id)
    conversation = await keeping.chats.find(visit.client.owner, id)
    if conversation is None:
        raise no_such_conversation()
    turns = await keeping.chats.turns(visit.client.owner, id)
    if format == "markdown":
        return PlainTextResponse(as_markdown(conversation, turns), media_type="text/markdown")
    return JSONResponse({**_card(conversation), "messages": [turn_told(turn) for turn in turns]})


async def rename_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """Give it another title."""
    title = checked(visit.body, Rename).title
    await keeping.settled(visit.client.owner, id)
    if not await keeping.chats.rename(visit.client.owner, id, title):
        raise no_such_conversation()
    return await read_conversation(visit, keeping, id)


async def delete_conversation(visit: Visit, keeping: Keeping, id: str) -> ASGIApp:
    """Forget it."""
    await keeping.settled(visit.client.owner, id)
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
