"""POST /chat: the answer to one message, and the next turn of its conversation."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, aclosing
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from utils.chat import Delta
from utils.ledger.chat_turns import Turn

from ..asking import Asking
from ..event_stream import EventStream
from ..json_body import checked
from ..visit import Visit
from .body import ChatQuestion
from .exchange import Exchange, exchange_of
from .keeping import Keeping
from .told import attempts_told, money, tried, usage_told


async def answer(visit: Visit, asking: Asking, keeping: Keeping) -> ASGIApp:
    """The whole answer as JSON; or piece by piece as events, for who says `Accept: text/event-stream`."""
    question = checked(visit.body, ChatQuestion)
    wants_stream = "text/event-stream" in visit.request.headers.get("accept", "").lower()
    with ExitStack() as stack:
        exchange = await exchange_of(question, visit, asking, keeping, stack)
        if wants_stream:
            return EventStream(_events(exchange, asking, keeping, stack.pop_all()))
        with asking.visiting():
            async for _ in _heard(exchange, keeping):
                pass
        return JSONResponse(await _kept(exchange, keeping, exchange.said.reason))


async def _heard(exchange: Exchange, keeping: Keeping) -> AsyncGenerator[Delta, None]:
    """The answer. What was said of it is kept also when it breaks off, or when nobody listens any more.

    What is known of one that has failed is told beside the error.
    """
    has_ended = False
    try:
        async with aclosing(exchange.asked.chat.stream(exchange.request)) as deltas:
            async for delta in deltas:
                exchange.heard(delta)
                yield delta
        has_ended = True
    finally:
        if not has_ended:
            exchange.visit.beside_error = _known(await _kept(exchange, keeping, "cut"))


async def _events(
    exchange: Exchange, asking: Asking, keeping: Keeping, stack: ExitStack
) -> AsyncGenerator[bytes, None]:
    has_begun = False
    has_told_where = not _is_wanted(exchange, keeping)
    with stack, asking.visiting():
        async with aclosing(_heard(exchange, keeping)) as deltas:
            async for delta in deltas:
                if delta.restarts and has_begun:
                    yield _REPLACE
                has_begun = has_begun or delta.has_content
                frames = b"".join(_frames(delta))
                if exchange.said.words and not has_told_where:
                    has_told_where = True
                    frames = _where(exchange) + frames
                if frames:
                    yield frames
        done = await _kept(exchange, keeping, exchange.said.reason)
        yield f"data: {dumps({'done': done})}\n\n".encode("ascii")


_REPLACE = b'data: {"replace":true}\n\n'
"""Another takes over and begins anew: what was shown so far is void."""


def _where(exchange: Exchange) -> bytes:
    """In which conversation the words are kept, from the first of them on: whoever stops the answer can go on in it."""
    return f'data: {{"conversation_id":{quoted(exchange.conversation.id)}}}\n\n'.encode("ascii")


def _is_wanted(exchange: Exchange, keeping: Keeping) -> bool:
    return exchange.is_to_be_kept and keeping.is_possible


def _frames(delta: Delta) -> Iterator[bytes]:
    for name, words in (("reasoning", delta.reasoning), ("text", delta.text)):
        if words:
            yield f'data: {{"{name}":{quoted(words)}}}\n\n'.encode("ascii")
    for image in delta.images:
        yield f'data: {{"image":{quoted(image.url)}}}\n\n'.encode("ascii")


async def _kept(exchange: Exchange, keeping: Keeping, reason: str) -> dict[str, Any]:
    """Keep both turns, but for an answer that was cut before its first word, and give what is told of them."""
    visit, conversation, said = exchange.visit, exchange.conversation, exchange.said
    turn = await _turn(exchange, reason)
    owner, both = visit.client.owner, (exchange.question, turn)
    is_worth_it = _is_wanted(exchange, keeping) and (reason != "cut" or said.words)
    is_kept = is_worth_it and await keeping.kept(
        owner, conversation.id, keeping.chats.add(owner, conversation, both, in_place_of=exchange.in_place_of)
    )
    answered = exchange.bill.answered
    return {
        "conversation_id": conversation.id if is_kept else None,
        "text": turn.text,
        **({"reasoning": turn.reasoning} if turn.reasoning else {}),
        **({"images": list(turn.images)} if turn.images else {}),
        "bot": exchange.asked.bot_name or None,
        "provider": turn.provider,
        "model": turn.model,
        "finish_reason": reason,
        "usage": usage_told(said.usage),
        "cost": money(turn.cost),
        "cost_source": turn.cost_source,
        "cached": bool(answered and answered.cached),
        "first_content": turn.first_content,
        "seconds": turn.seconds,
        "attempts": attempts_told(turn),
        **({"notes": list(exchange.notes)} if exchange.notes else {}),
        "reference": visit.reference,
    }


def _known(told: dict[str, Any]) -> dict[str, Any]:
    """Without what there is nothing of."""
    return {name: each for name, each in told.items() if each not in (None, "")}


async def _turn(exchange: Exchange, reason: str) -> Turn:
    said, answered = exchange.said, exchange.bill.answered
    usage, (cost, source) = said.usage, await exchange.bill.total()
    images = tuple(image.url for image in said.images)
    return Turn(
        "assistant",
        said.text,
        provider=answered.provider if answered else exchange.asked.provider,
        model=(answered.model if answered else exchange.asked.model) or None,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cached_tokens=usage.cached_tokens if usage else None,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cost=cost,
        cost_source=source,
        first_content=None if exchange.first_content is None else round(exchange.first_content, 3),
        seconds=round(exchange.seconds, 3),
        finish_reason=reason,
        reference=exchange.visit.reference,
        attempts=tuple(tried(each) for each in exchange.bill.attempts),
        reasoning=said.reasoning or None,
        images=images,
        pictures=len(images),
    )
