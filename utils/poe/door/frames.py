"""The events of an answer as the bytes that Poe reads.

The JSON is escaped to ASCII, for not every reader of event streams leaves U+2028 inside a line alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from json import dumps
from json.encoder import encode_basestring_ascii
from typing import Any

import fastapi_poe as fp
from sse_starlette import ServerSentEvent

from ..status_line import StatusLine

DONE = b"event: done\r\ndata: {}\r\n\r\n"
PING = b": ping\r\n\r\n"
PADDING = b":" + b" " * 2048 + b"\r\n\r\n"
"""A comment that fills the buffers of proxies, so that what follows is passed on at once."""


@dataclass(frozen=True)
class Replacement:
    """Asides that take the place of all that was said before."""

    text: str


@dataclass(frozen=True)
class Status:
    """A line that is shown while there are no words, and no part of the answer."""

    text: str


Piece = str | Replacement | Status | bytes
"""A part of an answer: words, a replacement for all words, a line for now, or the frames of anything else."""

_META = b"event: meta"
_TEXT, _REPLACE, _END = 'event: text\r\ndata: {"text": ', 'event: replace_response\r\ndata: {"text": ', "}\r\n\r\n"


def text_frame(text: str) -> bytes:
    """Asides that are put behind those that were said before."""
    return f"{_TEXT}{encode_basestring_ascii(text)}{_END}".encode("ascii")


def replace_frame(text: str) -> bytes:
    """Asides that take the place of all that was said before."""
    return f"{_REPLACE}{encode_basestring_ascii(text)}{_END}".encode("ascii")


def frame(event: str, data: dict[str, Any]) -> bytes:
    """Any event."""
    return f"event: {event}\r\ndata: {dumps(data)}\r\n\r\n".encode("ascii")


def pieces_of(event: Any) -> Sequence[Piece]:
    """The pieces of one thing that a bot has yielded, in their order."""
    if type(event) is not fp.PartialResponse and (pieces := _pieces_of_another_kind(event)) is not None:
        return pieces
    index = {} if event.index is None else {"index": event.index}
    pieces = []
    if event.attachment:
        pieces.append(file_frame(event.attachment, **index))
    if event.data is not None:
        pieces.append(frame("json", {**event.data, **index}))
    if event.is_suggested_reply:
        pieces.append(frame("suggested_reply", {"text": event.text, **index}))
    elif event.is_replace_response:
        replaced = frame("replace_response", {"text": event.text, **index}) if index else Replacement(event.text)
        pieces.append(replaced)
    elif event.text:
        pieces.append(frame("text", {"text": event.text, **index}) if index else event.text)
    return pieces


def is_meta_frame(frames: bytes) -> bool:
    """Whether this is only what an answer opens with, and nothing of the answer itself."""
    return frames.startswith(_META) and frames.count(b"event: ") == 1


def file_frame(attachment: fp.Attachment, **index: int) -> bytes:
    """A file that belongs to the answer."""
    data = {"url": attachment.url, "content_type": attachment.content_type, "name": attachment.name}
    # Poe shows a broken reference when `inline_ref` is there and empty.
    inline = {"inline_ref": attachment.inline_ref} if attachment.inline_ref else {}
    return frame("file", {**data, **inline, **index})


def _error_frame(event: fp.ErrorResponse) -> bytes:
    # Its `raw_response` stays here: bots put exceptions into it, and those hold addresses and keys.
    data: dict[str, Any] = {"text": event.text, "allow_retry": event.allow_retry}
    return frame("error", data | ({"error_type": event.error_type} if event.error_type else {}))


def _meta_frame(event: fp.MetaResponse) -> bytes:
    return _frame_of_meta(event.content_type, event.refetch_settings, event.linkify, event.suggested_replies)


@lru_cache
def _frame_of_meta(content_type: str, refetch_settings: bool, linkify: bool, suggested_replies: bool) -> bytes:
    """Each bot says the same before every answer."""
    said = {"content_type": content_type, "refetch_settings": refetch_settings, "linkify": linkify}
    return frame("meta", {**said, "suggested_replies": suggested_replies})


def _pieces_of_another_kind(event: Any) -> list[Piece] | None:
    """The pieces of what is no `PartialResponse`, or more than one; None where it is not known as such."""
    if isinstance(event, str):
        return [event]
    if isinstance(event, StatusLine):
        return [Status(event.text)]
    if isinstance(event, ServerSentEvent):
        return [event.encode()]
    if isinstance(event, fp.MetaResponse):
        return [_meta_frame(event)]
    if isinstance(event, fp.ErrorResponse):
        return [_error_frame(event)]
    if isinstance(event, fp.DataResponse):
        return [frame("data", {"metadata": event.metadata})]
    return None


FIRST_META = _meta_frame(fp.MetaResponse(text="", content_type="text/markdown", linkify=True, suggested_replies=False))
"""What an answer opens with when its bot does not say otherwise."""
