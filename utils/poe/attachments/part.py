"""What one file becomes for the model."""

from dataclasses import dataclass

import fastapi_poe as fp

from utils.chat import Image

from .limits import Limits
from .pictures import Fate
from .trouble import Trouble

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Part:
    """A file's share of a message: text or a picture, and what went wrong with it."""

    text: str = ""
    image: Image | None = None
    trouble: Trouble | None = None


class Room:
    """How many characters there still is room for."""

    def __init__(self, limits: Limits) -> None:
        self._per_file = limits.characters_per_file
        self._left = limits.characters

    def take(self, text: str) -> str:
        """As much of the text as fits."""
        kept = text[: max(0, min(self._per_file, self._left))]
        self._left -= len(kept)
        return kept


def part_of(file: fp.Attachment, fate: Fate, room: Room) -> Part:
    """The picture where it can be shown, else the text that Poe found in the file, else that there was a file."""
    if isinstance(fate, Image):
        return Part(image=fate)
    kind, heading, verb = _PICTURE if is_picture(file) else _FILE
    name = name_of(file)
    words = _words(file)
    if not words:
        return Part(f"(A {kind} {name} was attached, which you cannot {verb}.)", trouble=fate)
    kept = room.take(words)
    if not kept:
        return Part(f"(A {kind} {name} was attached, for which there is no room.)", trouble="no_room")
    whole = f"Below is {heading} {name}:\n\n{kept}"
    if len(kept) < len(words):
        return Part(f"{whole}\n\n(The rest of {name} is left out.)", trouble="cut")
    return Part(whole)


_FILE = ("file", "the content of", "read")
_PICTURE = ("picture", "a description of the picture", "see")


def is_picture(file: fp.Attachment) -> bool:
    """Whether it says that it is a picture, of whatever format."""
    return file.content_type.strip().lower().startswith("image/")


def name_of(file: fp.Attachment) -> str:
    """Its name on one line."""
    return " ".join(file.name.split())[:_LONGEST_NAME] or "attachment"


def _words(file: fp.Attachment) -> str:
    words = file.parsed_content or ""
    if is_picture(file):
        # Poe writes `filename***description`.
        before, stars, after = words.partition("***")
        words = after if stars else before
    return words if words.strip() else ""
