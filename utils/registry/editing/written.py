"""The entries of a file as their owner has written them, and an entry that is about to be written."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from utils.errors import EditRefused

from ..yaml_file import Elements, Location, Section, parse
from . import change
from .differences import differences, is_same
from .field_paths import plain
from .fragments import block_entry
from .places import Place, dash_before, lines_end, places_of
from .splices import with_value
from .stored import without_mark


@dataclass(frozen=True)
class Written:
    """One entry of a file."""

    name: str
    """Empty where it has none."""
    line: int
    data: Mapping[str, Any]
    text: str
    """Its lines without the dash, with the comments between them."""


def written_in(text: str, section: change.Section) -> list[Written]:
    """The entries of a text, in their order; none where it cannot be read. What is no mapping is left out."""
    _, text = without_mark(text)
    try:
        tree = parse(text)
    except yaml.YAMLError:
        return []
    elements = tree.get(section) if isinstance(tree, Section) else None
    root = places_of(text) if isinstance(elements, Elements) else None
    if root is None or not isinstance(elements, Elements):
        return []
    _, entries = root.the_pair(section)
    return [
        Written(change.name_of(data, section), data.line, plain(data), _text_of(text, entries, number, plain(data)))
        for number, data in enumerate(elements)
        if isinstance(data, Section)
    ]


def entry_in(text: str) -> tuple[str, dict[str, Any]]:
    """The lines of one entry without a dash, and what they say. Raises `EditRefused` with what is wrong with them."""
    text = text.replace("\r\n", "\n").strip("\n") + "\n"
    dash = len(text) - len(text.lstrip(" "))
    if text[dash : dash + 2] == "- ":
        text = text[:dash] + "  " + text[dash + 2 :]
    text = textwrap.dedent(text)
    try:
        data = plain(parse(text))
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        what = getattr(exc, "problem", None) or "it holds something that is no text"
        raise EditRefused(f"the entry is no valid YAML{where}: {what}.") from exc
    if not isinstance(data, dict):
        raise EditRefused("the entry should be lines such as `bot_name: Poet`.")
    return text, data


def as_text(data: Mapping[str, Any]) -> str:
    """The lines of an entry that says this."""
    return "\n".join(block_entry(dict(data))) + "\n"


def with_all_of(text: str, given: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The lines of an entry that say `given`, changed so that they say `data`; quotes stay where they can."""
    changes = [each for each in differences(dict(given), dict(data)) if not each.is_removal]
    in_place = text
    for each in changes:
        before = _at(given, each.location)
        in_place = in_place.replace(before, each.value, 1) if isinstance(before, str) else in_place
    if says(in_place, data):
        return in_place
    for each in changes:
        text = with_value(text, each.location, each.value)
    return text


def says(text: str, data: Mapping[str, Any]) -> bool:
    """Whether the lines of an entry, read alone, say this."""
    try:
        return is_same(plain(parse(text)), dict(data))
    except yaml.YAMLError:
        return False


def _at(data: Any, location: Location) -> Any:
    for step in location:
        data = data[step]
    return data


def _text_of(text: str, entries: Place, number: int, data: dict[str, Any]) -> str:
    found = _lines_of(text, entries, number)
    try:
        return found if says(found, data) else as_text(data)  # it may stand on anchors that lie elsewhere
    except (EditRefused, ValueError):
        return found  # what YAML can say and we never write, such as bytes


def _lines_of(text: str, entries: Place, number: int) -> str:
    item = entries.items[number]
    if entries.is_flow:
        return text[item.start : item.end] + "\n"
    behind_dash = dash_before(text, entries, number) + 1
    begins_below = "\n" in text[behind_dash : item.start]
    first, *others = text[behind_dash if begins_below else item.start : lines_end(text, item)].split("\n")
    blank = " " * item.column
    lines = [first.strip() if begins_below else first, *(line.removeprefix(blank) for line in others)]
    return "\n".join(line.removesuffix("\r") for line in lines).strip("\n") + "\n"
