"""One message of a conversation, and the row that it is kept as."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from .rows import BILLIONTHS, MICROSECONDS

MOST_PICTURE_CHARACTERS = 8_000_000
"""Of the pictures of one message; what is more is not kept."""
MOST_PICTURES_OF_ALL = 32_000_000
"""The same of one conversation; the oldest go first."""


class Tried(msgspec.Struct, frozen=True):
    """One attempt at an answer, as anybody may know it: no key is named."""

    provider: str
    model: str | None
    outcome: str
    error: str | None
    """The class of the failure; None where there was none."""
    seconds: float


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message, and for an answer who gave it and what it took."""

    role: str
    text: str
    at: float = 0.0
    """When, in seconds since 1970."""
    provider: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    """None where nobody has counted."""
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: Decimal | None = None
    """In US dollars; None where it is not known."""
    cost_source: str | None = None
    first_content: float | None = None
    """Seconds until the first of it was there."""
    seconds: float | None = None
    finish_reason: str | None = None
    """Why the answer ended; `cut` when nobody listened any more or it broke off."""
    reference: str | None = None
    attempts: tuple[Tried, ...] = ()
    """In the order in which they were begun."""
    reasoning: str | None = None
    images: tuple[str, ...] = ()
    """The addresses of its pictures, as far as they are kept; many have the picture itself in them."""
    pictures: int = 0
    """How many it came with."""


def row_of(conversation: str, turn: Turn, now: float) -> dict[str, Any]:
    """The message as a row: money and time as whole numbers, and nothing that a database refuses."""
    said = {name: getattr(turn, name) for name in Turn.__struct_fields__}
    return {
        **said,
        "conversation": conversation,
        "text": plain(turn.text),
        "reasoning": plain(turn.reasoning) if turn.reasoning else None,
        "at": micro(turn.at or now),
        "cost": None if turn.cost is None else round(turn.cost * BILLIONTHS),
        "first_content": None if turn.first_content is None else micro(turn.first_content),
        "seconds": None if turn.seconds is None else micro(turn.seconds),
        "attempts": msgspec.json.encode(turn.attempts).decode() if turn.attempts else None,
        "images": msgspec.json.encode(_within(turn.images)).decode() if turn.images else None,
        "pictures": turn.pictures or len(turn.images) or None,
    }


def turn_of(row: Any) -> Turn:
    """The message of this row."""
    said = {name: getattr(row, name) for name in Turn.__struct_fields__}
    times = {name: None if said[name] is None else said[name] / MICROSECONDS for name in ("first_content", "seconds")}
    return Turn(
        **{
            **said,
            **times,
            "at": row.at / MICROSECONDS,
            "cost": None if row.cost is None else Decimal(row.cost) / BILLIONTHS,
            "attempts": msgspec.json.decode(row.attempts, type=tuple[Tried, ...]) if row.attempts else (),
            "images": msgspec.json.decode(row.images, type=tuple[str, ...]) if row.images else (),
            "pictures": row.pictures or 0,
        }
    )


def too_many(newest_first: Iterable[tuple[int, int]]) -> Sequence[int]:
    """Of rows with so many characters of pictures, those that there is no room for."""
    left, gone = MOST_PICTURES_OF_ALL, []
    for number, characters in newest_first:
        left -= characters
        if left < 0:
            gone.append(number)
    return gone


def micro(seconds: float) -> int:
    """The time in microseconds."""
    return round(seconds * MICROSECONDS)


def plain(text: str) -> str:
    """The text without what PostgreSQL takes in no column: nulls and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _within(images: Iterable[str]) -> list[str]:
    left, kept = MOST_PICTURE_CHARACTERS, []
    for image in images:
        if len(image) <= left:
            left -= len(image)
            kept.append(image)
    return kept
