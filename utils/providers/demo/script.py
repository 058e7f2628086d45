"""One answer before it is given: a request becomes pieces, an ending, a pace, and perhaps some trouble."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat

from utils.chat import ChatRequest, Delta, ToolCallDelta, Usage

from .conversation import Talk, reply, requested_calls, tool_names
from .directives import NO_TROUBLE, Orders, Trouble, orders_in_message, orders_in_model
from .pace import Pace

# Leading blanks belong to the word, so that the pieces together are the text. Words are cut
# because some scripts have no blanks.
_PIECE = re.compile(r"\s*\S{1,16}|\s+")
_FLOODING = Delta(("x" * 63 + "\n") * 1024)
_FLOODS_PER_MEBIBYTE = 16


@dataclass(frozen=True)
class Script:
    """What is going to be said, in which pieces, how it ends, how fast, and what goes wrong."""

    pieces: tuple[Delta, ...]
    finish_reason: str
    usage: Usage
    pace: Pace
    trouble: Trouble = NO_TROUBLE
    quirks: frozenset[str] = frozenset()

    @property
    def begun(self) -> tuple[Delta, ...]:
        """The pieces up to the trouble, all of them if there is none."""
        return self.pieces[: self.trouble.after]


def script_for(request: ChatRequest, model: str, pace: Pace, tokens: int | None = None) -> Script:
    """The answer to the request. It has as many `tokens` as these, if neither message nor model order otherwise."""
    said, orders = _orders(request, model)
    talk = Talk(request.messages, said, tool_names(request.tools))
    calls = orders.calls or (() if orders.complaint else requested_calls(talk))
    orders = replace(orders, calls=calls, tokens=tokens if orders.tokens is None else orders.tokens)
    whole = tuple(_pieces(orders, talk))
    pieces = whole if request.max_tokens is None else whole[: max(request.max_tokens, 0)]
    return Script(
        pieces,
        orders.finish_reason or _finish_reason(orders, cut=len(pieces) < len(whole)),
        _usage(request, pieces),
        _own_pace(orders, pace),
        orders.trouble,
        orders.quirks,
    )


def pieces_of(text: str) -> list[str]:
    """The text in tokens; joined they are the text again, whatever it is."""
    return _PIECE.findall(text)


def _orders(request: ChatRequest, model: str) -> tuple[str, Orders]:
    by_model = orders_in_model(model)
    if request.messages and request.messages[-1].role == "tool":
        # The message has been obeyed before the tools were called; a second time would go on for ever.
        return "", replace(by_model, calls=())
    last = next((message.text for message in reversed(request.messages) if message.role == "user"), "")
    return orders_in_message(last, by_model)


def _pieces(orders: Orders, talk: Talk) -> Iterator[Delta]:
    for number in range(orders.thoughts):
        yield Delta(reasoning=f"{' ' * bool(number)}thought{number}")
    if orders.mebibytes:
        yield from repeat(_FLOODING, orders.mebibytes * _FLOODS_PER_MEBIBYTE)
        return
    for text in pieces_of(_still_to_say(_text(orders, talk), talk)):
        yield Delta(text=text)
    for index, (name, arguments) in enumerate(orders.calls):
        # Unique within the conversation, as an id must be.
        call_id = f"call_{len(talk.messages)}_{index}"
        yield Delta(tool_calls=(ToolCallDelta(index, call_id, name),))
        for text in pieces_of(arguments):
            yield Delta(tool_calls=(ToolCallDelta(index, arguments=text),))


def _still_to_say(text: str, talk: Talk) -> str:
    """The rest of the text where its beginning is given as an answer to go on from; else all of it."""
    last = talk.messages[-1] if talk.messages else None
    return text.removeprefix(last.text) if last and last.role == "assistant" else text


def _text(orders: Orders, talk: Talk) -> str:
    if orders.complaint:
        return orders.complaint
    if orders.echo is not None:
        return orders.echo
    if orders.calls:
        return ""
    if orders.tokens is not None:
        return " ".join(f"tok{number}" for number in range(orders.tokens))
    return reply(talk)


def _finish_reason(orders: Orders, *, cut: bool) -> str:
    if cut:
        return "length"
    return "tool_calls" if orders.calls else "stop"


def _usage(request: ChatRequest, pieces: tuple[Delta, ...]) -> Usage:
    return Usage(
        input_tokens=sum(len(pieces_of(message.text)) for message in request.messages),
        output_tokens=len(pieces),
        reasoning_tokens=sum(bool(piece.reasoning) for piece in pieces),
    )


def _own_pace(orders: Orders, pace: Pace) -> Pace:
    return Pace(
        pace.first_token_ms if orders.first_token_ms is None else orders.first_token_ms,
        pace.token_ms if orders.token_ms is None else orders.token_ms,
    )
