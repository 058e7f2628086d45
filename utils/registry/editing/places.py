"""Where each value of a YAML text stands, to the character."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ..yaml_file import Location

_DASH = re.compile(r" *-(?=\s|$)")
_COLON = re.compile(r"[ \t]*:")


@dataclass
class Place:
    """A value and the characters that it takes; blanks and comments behind it are not part of it."""

    kind: Literal["scalar", "mapping", "sequence", "alias"]
    start: int
    end: int
    column: int
    value: str = ""
    """The text of a scalar, the name of an alias."""
    style: str | None = None
    anchor: str | None = None
    is_flow: bool = False
    pairs: list[tuple["Place", "Place"]] = field(default_factory=list)
    items: list["Place"] = field(default_factory=list)
    used_elsewhere: bool = False
    """Whether an alias stands for it."""

    @property
    def is_block_text(self) -> bool:
        """Whether it is a text on lines of its own, after `|` or `>`."""
        return self.kind == "scalar" and self.style in ("|", ">")

    @property
    def is_block_collection(self) -> bool:
        """Whether it is a mapping or a list without brackets."""
        return self.kind in ("mapping", "sequence") and not self.is_flow

    def pair(self, key: str) -> tuple["Place", "Place"] | None:
        """The key and the value of a mapping, where it has them itself."""
        return next((pair for pair in self.pairs if pair[0].value == key), None)

    def the_pair(self, key: str) -> tuple["Place", "Place"]:
        """The same for a key that is known to be there."""
        if found := self.pair(key):
            return found
        raise KeyError(key)

    def inner(self) -> Iterator["Place"]:
        """Itself and every place inside."""
        yield self
        for part in (*self.items, *(part for pair in self.pairs for part in pair)):
            yield from part.inner()

    def at(self, location: Location) -> Iterator["Place"]:
        """Itself, and those on the way to the location as far as there are any."""
        yield self
        if not location:
            return
        step, *rest = location
        if self.kind == "sequence" and isinstance(step, int) and step < len(self.items):
            yield from self.items[step].at(tuple(rest))
        elif self.kind == "mapping" and (pair := self.pair(str(step))):
            yield from pair[1].at(tuple(rest))


def places_of(text: str) -> Place | None:
    """The whole text as places, or None where it holds no value. The text is valid YAML."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        from ruamel.yaml import YAML

        parser = YAML(typ="safe", pure=True)
        parser.version = (1, 1)  # as PyYAML, which loads the files, has it
        self._text = text
        self._events = iter(parser.parse(text))
        self._anchors: dict[str, Place] = {}

    def read(self) -> Place | None:
        for event in self._events:
            name = type(event).__name__
            if name not in ("StreamStartEvent", "DocumentStartEvent"):
                return None if name == "StreamEndEvent" else self._place(event)
        return None

    def _place(self, event: Any) -> Place:
        place = _MADE[type(event).__name__](event)
        if place.kind == "alias":
            self._anchors[place.value].used_elsewhere = True
        elif place.anchor:
            self._anchors[place.anchor] = place
        if place.kind in ("mapping", "sequence"):
            self._fill(place)
        if place.is_block_text and not self._keeps_blank_lines(place):
            place.end = place.start + len(self._text[place.start : place.end].rstrip())
        return place

    def _fill(self, place: Place) -> None:
        parts = []
        for event in self._events:
            if type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                if place.is_flow:
                    place.end = event.end_mark.index
                break
            parts.append(self._place(event))
        if place.kind == "mapping":
            place.pairs = list(zip(parts[::2], parts[1::2], strict=True))
            for key, value in place.pairs:
                self._move_behind_its_colon(key, value)
        else:
            place.items = parts
        if not place.is_flow and parts:
            # The parser ends a block where the next one begins, behind the comments in between.
            place.end = max(place.start, *(part.end for part in parts))

    def _move_behind_its_colon(self, key: Place, value: Place) -> None:
        # The parser has a missing value begin where the next key does.
        if value.start == value.end and value.kind == "scalar":
            value.start = value.end = after_colon(self._text, key) or key.end

    def _keeps_blank_lines(self, place: Place) -> bool:
        return "+" in self._text[place.start : place.end].splitlines()[0].partition("#")[0]


def _scalar(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place("scalar", start.index, end.index, start.column, event.value, event.style, event.anchor)


def _alias(event: Any) -> Place:
    return Place("alias", event.start_mark.index, event.end_mark.index, event.start_mark.column, event.anchor)


def _collection(event: Any) -> Place:
    kind: Literal["mapping", "sequence"] = "mapping" if type(event).__name__ == "MappingStartEvent" else "sequence"
    start, end = event.start_mark, event.end_mark
    return Place(kind, start.index, end.index, start.column, anchor=event.anchor, is_flow=bool(event.flow_style))


_MADE = {
    "ScalarEvent": _scalar,
    "AliasEvent": _alias,
    "MappingStartEvent": _collection,
    "SequenceStartEvent": _collection,
}


def after_colon(text: str, key: Place) -> int | None:
    """The place right behind the colon of this key, or None where it has none, as `a` in `{a, b}`."""
    match = _COLON.match(text, key.end)
    return match.end() if match else None


def dash_before(text: str, sequence: Place, number: int) -> int:
    """Where the dash of this element of a block list stands."""
    item = sequence.items[number]
    if number == 0 and text[sequence.start] == "-":
        return sequence.start
    at = line_end(text, sequence.items[number - 1].end - 1 if number else sequence.start)
    while at <= item.start:
        if match := _DASH.match(text, at):
            return match.end() - 1
        at = line_end(text, at)
    raise ValueError("an element without a dash")


def line_start(text: str, at: int) -> int:
    """The beginning of the line on which this character stands."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """The beginning of the next line, or the end of the text."""
    found = text.find("\n", max(at, 0))
    return len(text) if found < 0 else found + 1


def lines_end(text: str, place: Place) -> int:
    """The end of the last line that this value takes, with the comment that stands there."""
    return place.end if place.end > place.start and text[place.end - 1] == "\n" else line_end(text, place.end)
