"""A value inside an entry is replaced, added or taken out; whatever stands around it stays, to the byte."""

import re
from typing import Any

from utils.errors import EditRefused

from ..yaml_file import Location
from .fragments import block_pair, block_value, inline, inline_pair
from .places import Place, after_colon, dash_before, line_end, line_start, lines_end, places_of

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*)*")
_BLOCK_HEADER = re.compile(r"(?:[&!]\S*[ \t]+)*[|>][-+0-9]*")
_COMMA = re.compile(r"\s*,")


def with_value(text: str, location: Location, value: Any) -> str:
    """The text with this value at the location; what is missing on the way there is made."""
    way = _way(text, location)
    if len(way) == len(location) + 1:
        refuse_shared(text, way, way[-1])
        return _replaced(text, way[-2], location[-1], value)
    refuse_shared(text, way, None)
    at = len(way) - 1
    return _grown(text, way, location[:at], location[at:], value)


def without_value(text: str, location: Location) -> str:
    """The text without the key, or the element, at the location."""
    way = _way(text, location)
    if len(way) <= len(location):
        raise EditRefused(_not_there(text, way, location), reason="missing")
    refuse_shared(text, way, way[-1])
    container = way[-2]
    if len(container.pairs or container.items) == 1 and len(location) > 1:
        return with_value(text, location[:-1], {} if container.kind == "mapping" else [])
    if container.kind == "sequence":
        number = int(location[-1])
        parts = [(item, item) for item in container.items]
        if not container.is_flow:
            return _without_lines(text, dash_before(text, container, number), container.items[number])
        return _without_in_brackets(text, parts, number)
    pair = container.the_pair(str(location[-1]))
    if container.is_flow:
        return _without_in_brackets(text, container.pairs, container.pairs.index(pair))
    return _without_pair(text, container, container.pairs.index(pair))


def refuse_shared(text: str, way: list[Place], changed: Place | None) -> None:
    """Raises where the change would be one of another place too, which has this one as an alias."""
    around = way[:-1] if changed is not None else way
    inside = list(changed.inner()) if changed is not None else []
    if shared := next((place for place in (*around, *inside) if place.used_elsewhere), None):
        raise EditRefused(
            f"line {_line(text, shared)} has the anchor `&{shared.anchor}`, and an alias elsewhere stands for the same"
            " value: it would change there too. Change it by hand.",
            reason="shared",
        )
    if alias := next((place for place in around if place.kind == "alias"), None):
        raise EditRefused(
            f"on line {_line(text, alias)} stands the alias `*{alias.value}`: the value would change wherever else it"
            " is used. Change it by hand.",
            reason="shared",
        )


def newline_of(text: str) -> str:
    """How its lines end."""
    return "\r\n" if "\r\n" in text else "\n"


def inserted(text: str, at: int, lines: list[str], indent: int = 0) -> str:
    """The text with the lines in it; a missing newline at its end stays missing."""
    newline = newline_of(text)
    block = "".join(f"{' ' * indent}{line}{newline}" if line else newline for line in lines)
    if at == len(text) and text and not text.endswith("\n"):
        return text + newline + block.removesuffix(newline)
    return text[:at] + block + text[at:]


def _way(text: str, location: Location) -> list[Place]:
    root = places_of(text)
    return list(root.at(location)) if root else []


def _line(text: str, place: Place) -> int:
    return text.count("\n", 0, place.start) + 1


def _not_there(text: str, way: list[Place], location: Location) -> str:
    place, step = way[-1], location[len(way) - 1]
    name = ".".join(str(part) for part in location[2:])
    if place.kind == "mapping" and place.pair("<<"):
        return f"`{step}` does not stand in the entry itself: it may come from the anchor that it merges."
    return f"there is no `{name}` (looked at line {_line(text, place)})."


def _grown(text: str, way: list[Place], there: Location, missing: Location, value: Any) -> str:
    parent, (step, *rest) = way[-1], missing
    for inner in reversed(rest):
        if isinstance(inner, int) and inner:
            raise EditRefused(f"there is no element {inner} to set.", reason="missing")
        value = [value] if isinstance(inner, int) else {inner: value}
    if parent.kind == "mapping":
        return _with_pair(text, parent, str(step), value)
    if parent.kind == "sequence" and step == len(parent.items):
        return _with_item(text, parent, value)
    if parent.kind == "scalar" and parent.style is None and parent.value in ("", "null", "~"):
        return with_value(text, there, [value] if step == 0 else {str(step): value})
    what = f"has no element {step}" if parent.kind == "sequence" else f"has no `{step}` inside: it is one value"
    raise EditRefused(f"`{'.'.join(str(part) for part in there[2:])}` {what}.", reason="missing")


def _replaced(text: str, container: Place, step: str | int, value: Any) -> str:
    if container.kind == "sequence":
        number = int(step)
        old = container.items[number]
        after = old.start if container.is_flow else dash_before(text, container, number) + 1
        return _spliced(text, old, after, inline(value), [], container.column)
    key, old = container.the_pair(str(step))
    colon = after_colon(text, key)
    if colon is None and not container.is_flow:
        raise EditRefused(f"line {_line(text, key)} is written in a way (`? key`) that is changed by hand only.")
    if container.is_flow:
        head = inline_pair("k", value).removeprefix("k: ")
        return _spliced(text, old, colon or key.end, head if colon else f": {head}", [], container.column)
    head, body = block_value(value)
    return _spliced(text, old, colon or key.end, head, body, key.column)


def _spliced(text: str, old: Place, after: int, head: str, body: list[str], indent: int) -> str:
    """`head` in place of the old value on the line where it begins, `body` in place of its further lines."""
    start, end, lines_from, lines_to = _extent(text, old, after)
    before, between, below = text[:start], text[end:lines_from], text[lines_to:]
    if start == after and head and text[after - 1] in ":-" and not head.startswith(":"):
        head = f" {head}"
    if not head:
        before = before.rstrip(" \t")
    new = before + head + between
    if body:
        return _same_end(text, inserted(new, len(new), body, indent) + below)
    return _same_end(text, new + below)


def _extent(text: str, old: Place, after: int) -> tuple[int, int, int, int]:
    """From where to where the old value stands on its first line, and which whole lines are its own."""
    if old.is_block_text:
        header = _BLOCK_HEADER.match(text, old.start)
        end = header.end() if header else old.start
        lines_from = line_end(text, end)
        return old.start, end, lines_from, max(lines_from, lines_end(text, old))
    if old.is_block_collection:
        first = dash_before(text, old, 0) if old.kind == "sequence" else old.pairs[0][0].start
        lines_from = line_start(text, first)
        if lines_from <= after:
            end = old.end - len(text[: old.end]) + len(text[: lines_end(text, old)].rstrip("\r\n"))
            return old.start, end, end, end
        if old.start < lines_from:
            match = _PROPERTIES.match(text, old.start)
            return old.start, match.end() if match else old.start, lines_from, lines_end(text, old)
        return after, after, lines_from, lines_end(text, old)
    start = old.start
    if "\n" in text[after:start] and not text[after:start].strip():
        start = after
    lines_from = max(line_end(text, old.end), old.end)
    return start, old.end, lines_from, lines_from


def _same_end(old: str, new: str) -> str:
    """A newline at the end is there if it was there."""
    if old.endswith("\n") and not new.endswith("\n"):
        return new + newline_of(old)
    if not old.endswith("\n") and new.endswith("\n"):
        return new.removesuffix("\n").removesuffix("\r")
    return new


def _with_pair(text: str, mapping: Place, key: str, value: Any) -> str:
    if mapping.is_flow:
        return _with_in_brackets(
            text, mapping, mapping.pairs[-1][1] if mapping.pairs else None, inline_pair(key, value)
        )
    return inserted(text, lines_end(text, mapping), block_pair(key, value), mapping.pairs[0][0].column)


def _with_item(text: str, sequence: Place, value: Any) -> str:
    if sequence.is_flow:
        return _with_in_brackets(text, sequence, sequence.items[-1] if sequence.items else None, inline(value))
    column = dash_before(text, sequence, 0) - line_start(text, dash_before(text, sequence, 0))
    return inserted(text, lines_end(text, sequence), [f"- {inline(value)}"], column)


def _with_in_brackets(text: str, collection: Place, last: Place | None, fragment: str) -> str:
    if last is None:
        at = text.index("{" if collection.kind == "mapping" else "[", collection.start) + 1
        return text[:at] + fragment + text[at:]
    return f"{text[: last.end]}, {fragment}{text[last.end :]}"


def _without_in_brackets(text: str, parts: list[tuple[Place, Place]], number: int) -> str:
    (first, last) = parts[number]
    start, end = first.start, last.end
    comma = _COMMA.match(text, end)
    is_alone = not text[line_start(text, start) : start].strip()
    if comma and is_alone and re.match(r"[ \t]*(?:#.*)?\r?\n", text[comma.end() :]):
        return text[: line_start(text, start)] + text[line_end(text, comma.end()) :]
    if comma and number + 1 < len(parts):
        following = re.compile(r"[ \t]*").match(text, comma.end())
        return text[:start] + text[following.end() if following else comma.end() :]
    before = parts[number - 1][1].end if number else start
    if number and text[before:start].strip() == ",":
        return text[:before] + text[end:]
    return text[:start] + text[comma.end() if comma else end :]


def _without_pair(text: str, mapping: Place, number: int) -> str:
    key, value = mapping.pairs[number]
    begin = line_start(text, key.start)
    if not text[begin : key.start].strip():
        return _without_lines(text, key.start, value)
    end = lines_end(text, value)
    if number + 1 < len(mapping.pairs):
        following = mapping.pairs[number + 1][0].start
        if not text[end:following].strip() and "\n" not in text[end:following]:
            return text[: key.start] + text[following:]
        return text[: key.start].rstrip(" ") + newline_of(text) + text[end:]
    raise EditRefused("nothing would be left of it.", reason="missing")


def _without_lines(text: str, start: int, last: Place) -> str:
    end = max(lines_end(text, last), line_end(text, start))
    return _same_end(text, text[: line_start(text, start)] + text[end:])
