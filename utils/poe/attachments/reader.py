"""The messages of a conversation as a model can take them: every file is text, a picture, or a word on what it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import fastapi_poe as fp

from utils.chat import Image

from .image_fetcher import ImageFetcher
from .limits import Limits
from .part import Part, Room, is_picture, name_of, part_of
from .pictures import Fate, fates_of
from .sight import Sight
from .trouble import notes


@dataclass(frozen=True)
class Seen:
    """What the model gets of one message."""

    text: str
    """The files' text, then what was said."""
    images: tuple[Image, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences for the person about files that could not be used; only on what was said last."""


class AttachmentReader:
    """Reads the files of whole conversations. Keep one for all of them: it remembers the pictures that it fetched."""

    def __init__(self, fetch: ImageFetcher | None = None, limits: Limits = Limits()) -> None:  # noqa: B008 it is frozen
        self._fetch = fetch or ImageFetcher(limits)
        self._limits = limits

    async def read(self, messages: Sequence[fp.ProtocolMessage], sight: Sight) -> list[Seen]:
        """What the model gets of each message, in their order."""
        newest_first = messages[::-1]
        pictures = [file for message in newest_first for file in message.attachments if is_picture(file)]
        fates = iter(await fates_of(pictures, sight, self._fetch, self._limits))
        room = Room(self._limits)
        asked = next((index for index, message in enumerate(newest_first) if message.role == "user"), None)
        seen = [self._seen(message, fates, room, index == asked) for index, message in enumerate(newest_first)]
        return seen[::-1]

    def _seen(self, message: fp.ProtocolMessage, fates: Iterator[Fate], room: Room, is_asked: bool) -> Seen:
        files = message.attachments
        parts = [part_of(file, next(fates) if is_picture(file) else "unreadable", room) for file in files]
        troubles = [
            (part.trouble, name_of(file)) for file, part in zip(files, parts, strict=True) if is_asked and part.trouble
        ]
        return Seen(
            text=_text(message, parts),
            images=tuple(part.image for part in parts if part.image),
            notes=notes(troubles, self._limits),
        )

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._fetch.aclose()


def _text(message: fp.ProtocolMessage, parts: Sequence[Part]) -> str:
    return "\n\n".join(text for text in (*(part.text for part in parts), message.content) if text)
