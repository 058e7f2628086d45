"""Replies that a person is offered under an answer, to send with one click."""

import asyncio
import re
from collections.abc import Iterable
from contextlib import aclosing

import fastapi_poe as fp
import msgspec
import structlog

from utils.chat import ChatMessage, ChatProvider, ChatRequest

from .presentation import added_to, presented
from .way import Way

_log = structlog.get_logger(__name__)

_MOST_REPLIES = 5
_MOST_THOUGHT_OF = 3
_LONGEST_REPLY = 80
_LONGEST_QUOTE = 2000
"""So many characters of question and answer tell what may be said next; the rest would only cost."""
_TASK = (
    "You suggest what a person may say next in a chat. Give two or three short replies from the person's point of "
    "view, in the language of the chat, at most eight words each. One reply on each line, and nothing else: no "
    "numbers, no bullets, no quotation marks, no introduction."
)
_BULLET = re.compile(r"^(?:[-*•–]|\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"^(?:([\"'`]|\*\*)(.+)\1|[“„«](.+)[”“»])$")
_RULE = re.compile(r"^[-*_=# ]*$")


def fixed_replies(replies: Iterable[str]) -> list[fp.PartialResponse]:
    """The replies as events: each on one line and once, five at most."""
    lines = dict.fromkeys(" ".join(reply.split()) for reply in replies)
    kept = [line for line in lines if line][:_MOST_REPLIES]
    return [fp.PartialResponse(text=line, is_suggested_reply=True) for line in kept]


async def thought_of_replies(
    chat: ChatProvider, request: ChatRequest, answer: str, *, timeout_seconds: float = 5.0
) -> list[str]:
    """Up to three short replies that the model thinks of, given the question and its answer; none when that fails."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return _replies_in(await _said(chat, _question(request, answer)))
    except Exception as exc:  # the answer has been given: whatever goes wrong here must not spoil it
        _log.debug("suggested_replies.failed", error=type(exc).__name__)
        return []


def _question(request: ChatRequest, answer: str) -> ChatRequest:
    """The model, its limits and its parameters stay, for those it is known to accept."""
    asked = next((message.text for message in reversed(request.messages) if message.role == "user"), "")
    chat = f"The person said:\n{asked[-_LONGEST_QUOTE:]}\n\nThe answer was:\n{answer[-_LONGEST_QUOTE:]}"
    messages = (ChatMessage("system", _TASK), ChatMessage("user", chat))
    return msgspec.structs.replace(request, messages=messages, tools=(), stop=())


async def _said(chat: ChatProvider, request: ChatRequest) -> str:
    async with aclosing(presented(chat.stream(request), Way())) as events:
        said = ""
        async for event in events:
            said = added_to(said, event)
        return said


def _replies_in(text: str) -> list[str]:
    """The lines; none at all when they are too many or too long to be what was asked for."""
    lines = [_bare(line) for line in text.splitlines()]
    replies = list(dict.fromkeys(line for line in lines if not (_RULE.match(line) or line.endswith(":"))))
    if len(replies) > _MOST_REPLIES or any(len(reply) > _LONGEST_REPLY for reply in replies):
        return []
    return replies[:_MOST_THOUGHT_OF]


def _bare(line: str) -> str:
    """The line without the bullet and the quotation marks that were not asked for."""
    return _QUOTED.sub(r"\2\3", _BULLET.sub("", line.strip())).strip()
