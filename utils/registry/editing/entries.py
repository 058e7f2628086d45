"""Whole entries: one is added in the style of the others, replaced, or taken out with what was said about it.

A comment belongs to an entry when it stands directly above, without a blank line between, and is not the heading of
several: a heading has a ruler (`---`, `===`), speaks of what is `below`, `following` or `these`, or stands above
entries that follow each other without a blank line. A line of comment that is indented deeper than the dash belongs
to the entry above it.
"""

import re
from typing import Any

from ..yaml_file import Location
from .fragments import block_entry, inline
from .places import Place, after_colon, dash_before, line_end, line_start, lines_end, places_of
from .splices import inserted, newline_of, refuse_shared, with_value, without_value

_HEADING = re.compile(r"[-=#*~─═]{3,}|\b(?:below|following|these)\b", re.IGNORECASE)


def with_entry(text: str, key: str, data: dict[str, Any], own_lines: list[str] | None = None) -> str:
    """The text with one more entry at the end of its list, in the `own_lines` of its owner where there are any."""
    root = places_of(text)
    entries = _list_of(root, key)
    if root is None or root.kind != "mapping" or entries is None:
        return inserted(text, len(text), [f"{key}:", *_dashed(own_lines or block_entry(data), "  - ")])
    refuse_shared(text, [root, entries], None)
    if entries.kind != "sequence" or not entries.items:
        return _with_first(text, root, key, data, own_lines)
    if entries.is_flow:
        return _with_in_brackets(text, entries, data)
    last = entries.items[-1]
    dash = dash_before(text, entries, len(entries.items) - 1)
    column = dash - line_start(text, dash)
    offset = max(last.column - column, 2) if "\n" not in text[dash : last.start] else 2
    lines = _entry_lines(last, data, "-" + " " * (offset - 1), own_lines)
    end = _end_with_comments(text, last, column)
    gap = [""] if _are_apart(text, entries) else []
    return inserted(text, end, [*gap, *lines], column)


def with_entry_replaced(
    text: str, key: str, number: int, data: dict[str, Any], own_lines: list[str] | None = None
) -> str:
    """The text with this data in place of an entry; the comment above it stays."""
    root, entries = _root_and_list(text, key)
    old = entries.items[number]
    if entries.is_flow or (old.is_flow and own_lines is None):
        return with_value(text, (key, number), data)
    refuse_shared(text, [root, entries, old], old)
    dash = dash_before(text, entries, number)
    column = dash - line_start(text, dash)
    lines = _dashed(own_lines or block_entry(data), "- ")
    end = lines_end(text, old)
    rest = text[end:]
    kept = text[: line_start(text, dash)]
    if not rest and not text.endswith("\n"):
        return inserted(kept, len(kept), lines, column).rstrip("\r\n")
    newline = newline_of(text)
    return kept + "".join(f"{' ' * column}{line}{newline}" if line else newline for line in lines) + rest


def without_entry(text: str, key: str, number: int) -> str:
    """The text without the entry, its own comment, and the blank lines that set it apart."""
    root, entries = _root_and_list(text, key)
    entry = entries.items[number]
    refuse_shared(text, [root, entries, entry], entry)
    if entries.is_flow:
        return _without_in_brackets(text, entries, (key, number))
    dash = dash_before(text, entries, number)
    column = dash - line_start(text, dash)
    end = _end_with_comments(text, entry, column)
    start = _start_with_comments(text, entries, number, dash, column)
    if len(entries.items) == 1:
        return _emptied(text, root, key, start, end)
    if number + 1 < len(entries.items):
        end = _behind_blank_lines(text, end)
    else:
        start = _before_blank_lines(text, start)
    kept, rest = text[:start], text[end:]
    if not rest and not text.endswith("\n"):
        kept = kept.removesuffix("\n").removesuffix("\r")
    return kept + rest


def _without_in_brackets(text: str, entries: Place, location: Location) -> str:
    if len(entries.items) > 1:
        return without_value(text, location)
    return text[: entries.items[0].start] + text[entries.items[0].end :]


def _list_of(root: Place | None, key: str) -> Place | None:
    pair = root.pair(key) if root is not None else None
    return pair[1] if pair else None


def _root_and_list(text: str, key: str) -> tuple[Place, Place]:
    """Both, where it is known that there is an entry."""
    root = places_of(text)
    if root is None:
        raise KeyError(key)
    return root, root.the_pair(key)[1]


def _dashed(lines: list[str], dash: str) -> list[str]:
    blank = " " * len(dash)
    return [dash + lines[0], *((blank + line if line else "") for line in lines[1:])]


def _entry_lines(model: Place, data: dict[str, Any], dash: str, own_lines: list[str] | None) -> list[str]:
    if own_lines is not None:
        return _dashed(own_lines, dash)
    return [dash + inline(data)] if model.is_flow else _dashed(block_entry(data), dash)


def _with_first(text: str, root: Place, key: str, data: dict[str, Any], own_lines: list[str] | None) -> str:
    name, value = root.the_pair(key)
    if root.is_flow:
        return with_value(text, (key,), [data])
    colon = after_colon(text, name) or name.end
    text = text[:colon] + text[value.end :] if value.end > value.start else text
    return inserted(text, line_end(text, colon), _dashed(own_lines or block_entry(data), "- "), name.column + 2)


def _with_in_brackets(text: str, entries: Place, data: dict[str, Any]) -> str:
    last = entries.items[-1]
    begin = line_start(text, last.start)
    is_on_its_own_line = not text[begin : last.start].strip() and len(entries.items) > 1
    end = line_end(text, last.end)
    if is_on_its_own_line and re.fullmatch(r"[ \t]*(?:#.*)?\r?\n", text[last.end : end]):
        # The comment behind the last entry stays with it.
        line = f"{text[begin : last.start]}{inline(data)}{newline_of(text)}"
        return f"{text[: last.end]},{text[last.end : end]}{line}{text[end:]}"
    gap = newline_of(text) + text[begin : last.start] if is_on_its_own_line else " "
    return f"{text[: last.end]},{gap}{inline(data)}{text[last.end :]}"


def _are_apart(text: str, entries: Place) -> bool:
    """Whether a blank line stands between the entries."""
    if len(entries.items) == 1:
        only = entries.items[0]
        return "\n" in text[only.start : only.end]
    *_, before, last = entries.items
    return re.search(r"\n[ \t]*\r?\n", text[before.end : last.start]) is not None


def _end_with_comments(text: str, entry: Place, column: int) -> int:
    """The end of the entry with the lines of comment right below that are indented like its fields."""
    end = lines_end(text, entry)
    while (match := re.compile(r"([ \t]*)#").match(text, end)) and len(match[1]) > column and end < len(text):
        end = line_end(text, end)
    return end


def _start_with_comments(text: str, entries: Place, number: int, dash: int, column: int) -> int:
    start = line_start(text, dash)
    top = start
    while top > 0:
        above = line_start(text, top - 1)
        match = re.match(r"([ \t]*)#", text[above:top])
        if not match or len(match[1]) > column:
            break
        top = above
    return start if _is_heading(text, text[top:start], entries, number) else top


def _is_heading(text: str, comment: str, entries: Place, number: int) -> bool:
    if _HEADING.search(comment):
        return True
    if not comment or number + 1 == len(entries.items):
        return False
    following = text[lines_end(text, entries.items[number]) : dash_before(text, entries, number + 1)]
    return not following.strip() and "\n" not in following


def _emptied(text: str, root: Place, key: str, start: int, end: int) -> str:
    name, _ = root.the_pair(key)
    colon = after_colon(text, name) or name.end
    kept = text[:colon] + " []" + text[colon:start]
    rest = text[end:]
    if not rest and not text.endswith("\n"):
        kept = kept.removesuffix("\n").removesuffix("\r")
    return kept + rest


def _behind_blank_lines(text: str, at: int) -> int:
    while at < len(text) and not text[at : line_end(text, at)].strip():
        at = line_end(text, at)
    return at


def _before_blank_lines(text: str, at: int) -> int:
    while at > 0 and not text[line_start(text, at - 1) : at].strip():
        at = line_start(text, at - 1)
    return at
