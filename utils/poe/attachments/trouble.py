"""Why a file could not be used, or not whole, and what the person who sent it reads about that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from ..words import Text, say
from .limits import Limits

Trouble = Literal[
    "blind", "unreadable", "unreachable", "too_slow", "too_large", "no_picture", "too_many", "no_room", "cut"
]

NOTES: Mapping[Trouble, Text] = {
    "blind": Text.FILE_BLIND,
    "unreadable": Text.FILE_UNREADABLE,
    "unreachable": Text.FILE_UNREACHABLE,
    "too_slow": Text.FILE_TOO_SLOW,
    "too_large": Text.FILE_TOO_LARGE,
    "no_picture": Text.FILE_NO_PICTURE,
    "too_many": Text.FILE_TOO_MANY,
    "no_room": Text.FILE_NO_ROOM,
    "cut": Text.FILE_CUT,
}


class NotLoaded(Exception):
    """The picture is not to be had; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def notes(troubles: Iterable[tuple[Trouble, str]], limits: Limits, language: str) -> tuple[str, ...]:
    """A sentence for each kind of trouble, naming all files that met it."""
    names_by_trouble: dict[Trouble, list[str]] = {}
    for trouble, name in troubles:
        names_by_trouble.setdefault(trouble, []).append(name)
    most = {"megabytes": f"{limits.megabytes_per_image:g}", "images": limits.images}
    return tuple(
        say(NOTES[trouble], language, names=_listed(names, language), **most)
        for trouble, names in names_by_trouble.items()
    )


def _listed(names: Sequence[str], language: str) -> str:
    *others, last = names
    return say(Text.FILES_AND_LAST, language, others=", ".join(others), last=last) if others else last
