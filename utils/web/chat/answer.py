"""POST /chat: the answer to one message, and the next turn of its conversation."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

import msgspec
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from utils.chat import ChatMessage, ChatRequest, Delta, Origin
from utils.errors import BrokenStream
from utils.ledger.chats import Chats, Conversation, Turn

from ..asking import Asking
from ..catalogue import Asked, Wishes
from ..json_body import checked
from ..refusals import Refused
from ..said import Said, usage_json
from ..visit import EventStream, Visit, begun
from .body import ChatQuestion
from .keeping import Keeping


@dataclass
class Exchange:
    """A question on its way, and what has been said."""

    visit: Visit
    asking: Asking
    keeping: Keeping
    asked: Asked
    conversation: Conversation
    request: ChatRequest
    words: str
    said: Said = field(default_factory=Said)


async def answer(visit: Visit, asking: Asking, keeping: Keeping) -> ASGIApp:
    """The whole answer as JSON; or piece by piece as events, for who says `Accept: text/event-stream`."""
    question = checked(visit.body, ChatQuestion)
    wants_stream = "text/event-stream" in visit.request.headers.get("accept", "").lower()
    stack = ExitStack()
    with stack:
        exchange = await _exchange(question, visit, asking, keeping, stack, can_restart=not wants_stream)
        if wants_stream:
            return EventStream(await begun(_events(exchange, stack.pop_all())))
        with asking.visiting():
            async for _ in _heard(exchange):
                pass
        return JSONResponse(await _kept(exchange, exchange.said.reason))


async def _exchange(
    question: ChatQuestion, visit: Visit, asking: Asking, keeping: Keeping, stack: ExitStack, *, can_restart: bool
) -> Exchange:
    conversation, turns = await _before(question, visit, keeping, stack)
    named = question.bot, question.provider, question.model
    catalogue = asking.catalogue()
    if conversation is not None and not any(named):
        asked = catalogue.asked(visit.client, conversation.asked)
    else:
        asked = catalogue.asked(visit.client, question.model, bot=question.bot, provider=question.provider)
    system = question.system if question.system is not None else conversation.system if conversation else None
    if conversation is None:
        conversation = Chats.new(asked.name, question.message, system)
    conversation = msgspec.structs.replace(conversation, asked=asked.name, system=system)
    bot = asked.bot.config.bot_name if asked.bot else ""
    origin = Origin("chat", bot, visit.client.name, conversation.id, "", visit.reference)
    wishes = Wishes(question.temperature, question.max_tokens, can_restart=can_restart)
    request = asked.request(_messages(turns, question.message, system), wishes, origin)
    request = msgspec.structs.replace(request, messages=asked.fitted(request))
    asked.count(visit.client)
    return Exchange(visit, asking, keeping, asked, conversation, request, question.message)


async def _before(
    question: ChatQuestion, visit: Visit, keeping: Keeping, stack: ExitStack
) -> tuple[Conversation | None, list[Turn]]:
    """The conversation so far, in which nobody else may go on meanwhile."""
    id, owner = question.conversation_id, visit.client.owner
    if id is None:
        return None, []
    stack.enter_context(keeping.going_on(owner, id))
    conversation = await keeping.chats.find(owner, id)
    if conversation is None:
        raise no_such_conversation()
    return conversation, await keeping.chats.turns(owner, id)


def no_such_conversation() -> Refused:
    """It is not there, or it is somebody else's: which of the two nobody is told."""
    message = "There is no conversation with this id."
    return Refused(404, message, param="conversation_id", code="conversation_not_found")


def _messages(turns: list[Turn], words: str, system: str | None) -> tuple[ChatMessage, ...]:
    told = [ChatMessage("system", system)] if system else []
    before = [ChatMessage("user" if turn.role == "user" else "assistant", turn.text) for turn in turns]
    return (*told, *before, ChatMessage("user", words))


async def _heard(exchange: Exchange) -> AsyncGenerator[Delta, None]:
    """The answer. What was said of it is kept also when it breaks off, or when nobody listens any more."""
    has_ended = False
    try:
        async with aclosing(exchange.asked.chat.stream(exchange.request)) as deltas:
            async for delta in deltas:
                exchange.said.add(delta)
                yield delta
        has_ended = True
    finally:
        if not has_ended and exchange.said.words:
            await _kept(exchange, "cut")


async def _events(exchange: Exchange, stack: ExitStack) -> AsyncGenerator[bytes, None]:
    has_begun = False
    with stack, exchange.asking.visiting():
        async with aclosing(_heard(exchange)) as deltas:
            async for delta in deltas:
                if delta.restarts and has_begun:
                    raise BrokenStream("the answer began anew, and what was sent of it cannot be taken back")
                has_begun = has_begun or delta.has_content
                if frames := b"".join(_frames(delta)):
                    yield frames
        yield f"data: {dumps({'done': await _kept(exchange, exchange.said.reason)})}\n\n".encode("ascii")


def _frames(delta: Delta) -> Iterator[bytes]:
    for name, words in (("reasoning", delta.reasoning), ("text", delta.text)):
        if words:
            yield f'data: {{"{name}":{quoted(words)}}}\n\n'.encode("ascii")
    for image in delta.images:
        yield f'data: {{"image":{quoted(image.url)}}}\n\n'.encode("ascii")


async def _kept(exchange: Exchange, reason: str) -> dict[str, Any]:
    """Keep both turns, and give what is told of them."""
    said, visit = exchange.said, exchange.visit
    provider, model = exchange.asking.answered_by(visit.reference) or (exchange.asked.provider, exchange.asked.model)
    usage = said.usage
    turns = (
        Turn("user", exchange.words),
        Turn(
            "assistant",
            said.text,
            provider=provider,
            model=model,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            finish_reason=reason,
            reference=visit.reference,
        ),
    )
    keeping, conversation = exchange.keeping, exchange.conversation
    is_kept = keeping.is_possible and await keeping.kept(keeping.chats.add(visit.client.owner, conversation, turns))
    return {
        "conversation_id": conversation.id if is_kept else None,
        "text": said.text,
        **({"reasoning": said.reasoning} if said.reasoning else {}),
        **({"images": [image.url for image in said.images]} if said.images else {}),
        "bot": exchange.asked.bot.config.bot_name if exchange.asked.bot else None,
        "provider": provider,
        "model": model,
        "finish_reason": reason,
        "usage": usage_json(usage) if usage else None,
        "reference": visit.reference,
    }
