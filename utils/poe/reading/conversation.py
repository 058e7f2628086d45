"""Poe's turns as the model's messages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat, takewhile
from typing import Any, Protocol

import fastapi_poe as fp

from utils.chat import ChatMessage, Image, Role

from .speakers import names_shown
from .tool_order import paired
from .tool_turns import as_calls, as_results, calls_in, results_in

_ROLES: Mapping[str, Role] = {"system": "system", "user": "user", "bot": "assistant", "tool": "assistant"}
"""Whose words a turn's text is. A tool's turn comes to words only when its results cannot be read."""
_LONGEST_QUOTATION = 2000


class Seen(Protocol):
    """What the model gets of one message: its files and its words."""

    @property
    def text(self) -> str:
        """The files' text, then what was said."""
        ...

    @property
    def images(self) -> Sequence[Image]:
        """The pictures that came with it."""
        ...


def messages_of(
    query: Sequence[fp.ProtocolMessage],
    seen: Iterable[Seen] = (),
    *,
    system: str | None = None,
    bot_name: str = "",
    users: Sequence[fp.User] = (),
    tool_calls: Sequence[Mapping[str, Any]] = (),
    tool_results: Sequence[Mapping[str, Any]] = (),
) -> tuple[ChatMessage, ...]:
    """The whole conversation behind one system message. No turn is empty, and every tool's result follows its call.

    A message for which nothing was `seen` is taken by its words alone. `tool_calls` and `tool_results` are the newest
    ones, which Poe sends beside the conversation.
    """
    turns: list[ChatMessage] = []
    for message, view, name in zip(query, chain(seen, repeat(None)), names_shown(query, users, bot_name), strict=False):
        turns += _turns(message, view, name)
    turns += (*as_calls(tool_calls), *as_results(tool_results))
    return tuple(paired(list(_opened(system, turns))))


def last_words(request: fp.QueryRequest) -> str:
    """What the person said last."""
    return request.query[-1].content if request.query else ""


def _opened(system: str | None, turns: Sequence[ChatMessage]) -> Iterator[ChatMessage]:
    """The turns with all that stands before the conversation in one system message: some models take only one."""
    opening = [turn.text for turn in takewhile(lambda turn: turn.role == "system", turns)]
    texts = [text for text in (system, *opening) if text and text.strip()]
    if texts:
        yield ChatMessage("system", "\n\n".join(texts))
    yield from turns[len(opening) :]


def _turns(message: fp.ProtocolMessage, seen: Seen | None, name: str | None) -> Sequence[ChatMessage]:
    """The message as the model's turns: none when it is empty, several when it holds several results of tools."""
    if message.role == "tool":
        expanded = results_in(message.content)
    elif message.role == "bot" and message.message_type == "function_call":
        expanded = calls_in(message.content)
    else:
        expanded = None
    return _spoken(message, seen, name) if expanded is None else expanded


def _spoken(message: fp.ProtocolMessage, seen: Seen | None, name: str | None) -> Sequence[ChatMessage]:
    # To the model, another bot is one more person in the room.
    role: Role = _ROLES[message.role] if name is None else "user"
    # Providers take pictures from the user only.
    images = tuple(seen.images) if seen and role == "user" else ()
    text = message.content if seen is None else seen.text
    words = "" if text.isspace() else text
    if message.role == "user" and message.referenced_message is not None:
        words = "\n\n".join(filter(None, (_quotation(message.referenced_message), words)))
    if not words and not images:
        return ()
    if name is not None:
        words = f"{name}: {words}" if words else f"{name}:"
    return (ChatMessage(role, words, images),)


def _quotation(quoted: fp.ProtocolMessage) -> str:
    """What the person replies to, as a quotation; empty where there were no words."""
    text = quoted.content.strip()
    if not text:
        return ""
    if len(text) > _LONGEST_QUOTATION:
        text = text[: _LONGEST_QUOTATION - 1] + "…"
    return "\n".join(["In reply to:", *(f"> {line}" for line in text.splitlines())])
