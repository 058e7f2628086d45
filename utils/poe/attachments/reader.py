"""The messages of a conversation as a model can take them: every file is text, a picture, or a word on what it was."""

from collections.abc import Sequence

import fastapi_poe as fp
import msgspec

from utils.chat import Image

from .image_fetcher import ImageFetcher
from .limits import Limits
from .part import Part, Room, is_picture, name_of, part_of
from .pictures import fates_of
from .sight import Sight
from .trouble import notes


class Seen(msgspec.Struct, frozen=True):
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

    async def read(self, messages: Sequence[fp.ProtocolMessage], sight: Sight, language: str = "en") -> list[Seen]:
        """What the model gets of each message, in their order. The notes are in the language of the one who asks."""
        if not any(message.attachments for message in messages):
            return [Seen(message.content) for message in messages]
        newest_first = messages[::-1]
        pictures = [file for message in newest_first for file in message.attachments if is_picture(file)]
        fates = iter(await fates_of(pictures, sight, self._fetch, self._limits))
        room = Room(self._limits)
        asked = next((index for index, message in enumerate(newest_first) if message.role == "user"), None)
        seen = []
        for index, message in enumerate(newest_first):
            files = message.attachments
            parts = [part_of(file, next(fates) if is_picture(file) else "unreadable", room) for file in files]
            images = tuple(part.image for part in parts if part.image)
            met = zip(files, parts, strict=True) if index == asked else ()
            troubles = [(part.trouble, name_of(file)) for file, part in met if part.trouble]
            seen.append(Seen(_text(message, parts), images, notes(troubles, self._limits, language)))
        return seen[::-1]

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._fetch.aclose()


def _text(message: fp.ProtocolMessage, parts: Sequence[Part]) -> str:
    return "\n\n".join(text for text in (*(part.text for part in parts), message.content) if text)
