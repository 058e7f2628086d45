"""Why a file could not be used, or not whole, and what the person who sent it reads about that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from .limits import Limits

Trouble = Literal[
    "blind", "unreadable", "unreachable", "too_slow", "too_large", "no_picture", "too_many", "no_room", "cut"
]

NOTES: Mapping[Trouble, str] = {
    "blind": "I cannot see pictures, so I did not look at {names}.",
    "unreadable": "I cannot read {names}.",
    "unreachable": "I could not open {names}. Sending it again may help.",
    "too_slow": "It took too long to open {names}. Sending it again may help.",
    "too_large": "I did not look at {names}: a picture may have {limits.megabytes_per_image:g} MB at most.",
    "no_picture": "I did not look at {names}: I can see PNG, JPEG, GIF and WebP pictures only.",
    "too_many": "I did not look at {names}: I can see {limits.images} at a time.",
    "no_room": "There was no room left for {names}.",
    "cut": "I read only the beginning of {names}, the rest was too long.",
}


class NotLoaded(Exception):
    """The picture is not to be had; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def notes(troubles: Iterable[tuple[Trouble, str]], limits: Limits) -> tuple[str, ...]:
    """A sentence for each kind of trouble, naming all files that met it."""
    names_by_trouble: dict[Trouble, list[str]] = {}
    for trouble, name in troubles:
        names_by_trouble.setdefault(trouble, []).append(name)
    return tuple(
        NOTES[trouble].format(names=_listed(names), limits=limits) for trouble, names in names_by_trouble.items()
    )


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
