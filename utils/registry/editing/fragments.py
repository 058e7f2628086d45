"""Values as YAML text: words as they are, quotes where they are needed, texts of several lines as blocks."""

import math
import re
from io import StringIO
from typing import Any

import yaml

from utils.errors import EditRefused

from ..yaml_file import parse

_WIDEST = 110
_TAG = "tag:yaml.org,2002:"


def inline(value: Any) -> str:
    """The value on one line, as it may stand between brackets."""
    text = _written(_node([value], is_flow=True)).strip()
    return text[1:-1]


def inline_pair(key: str, value: Any) -> str:
    """`key: value` as it may stand in braces."""
    return _written(_node({key: value}, is_flow=True)).strip()[1:-1]


def block_pair(key: str, value: Any) -> list[str]:
    """`key: value` as lines without an indent."""
    return _lines(_written(_node({key: value}, is_flow=False)))


def block_value(value: Any) -> tuple[str, list[str]]:
    """What stands behind `key: `, and the lines below; their indent is counted from the key's."""
    first, *below = block_pair("k", value)
    return first.removeprefix("k:").strip(), below


def block_entry(data: dict[str, Any]) -> list[str]:
    """The lines of a mapping, without an indent."""
    return [line for key, value in data.items() for line in block_pair(key, value)]


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _written(node: Any) -> str:
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.width, writer.allow_unicode = 10**9, True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    writer.serialize(node, stream)
    return stream.getvalue()


def _node(value: Any, *, is_flow: bool) -> Any:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    if isinstance(value, dict):
        pairs = [(_scalar(str(key), is_flow=True), _node(inner, is_flow=is_flow)) for key, inner in value.items()]
        return MappingNode(f"{_TAG}map", pairs, flow_style=is_flow or not value)
    if isinstance(value, list | tuple):
        fits = _fits_a_line(value)
        items = [_node(inner, is_flow=is_flow or fits or isinstance(inner, dict)) for inner in value]
        return SequenceNode(f"{_TAG}seq", items, flow_style=is_flow or fits)
    return _scalar(value, is_flow=is_flow)


def _fits_a_line(values: Any) -> bool:
    is_plain = not any(isinstance(value, dict | list | tuple) for value in values)
    return is_plain and sum(len(str(value)) + 2 for value in values) < _WIDEST


def _scalar(value: Any, *, is_flow: bool) -> Any:
    from ruamel.yaml.nodes import ScalarNode

    if isinstance(value, str):
        return ScalarNode(f"{_TAG}str", value, style=_style(value, is_flow))
    return ScalarNode(*_plain(value))


def _style(text: str, is_flow: bool) -> str | None:
    if "\n" in text:
        return "|" if not is_flow and _may_be_a_block(text) else '"'
    return None if _reads_as_itself(text) else '"'


def _may_be_a_block(text: str) -> bool:
    """Whether nothing invisible would be lost or misread; other texts are clearer in quotes."""
    first, *others = text.removesuffix("\n").split("\n")
    lines = [first, *others]
    is_clean = all(line == line.rstrip() and line.isprintable() for line in lines)
    return is_clean and first == first.lstrip() and bool(first) and bool(lines[-1])


def _reads_as_itself(text: str) -> bool:
    # The files are read by YAML 1.1, where `yes` is a switch and `1:30` a number; ruamel writes 1.2.
    try:
        return bool(parse(text) == text) and not re.match(r"[<=]", text)
    except yaml.YAMLError:
        return False


def _plain(value: Any) -> tuple[str, str]:
    if value is None:
        return f"{_TAG}null", "null"
    if isinstance(value, bool):
        return f"{_TAG}bool", str(value).lower()
    if isinstance(value, int) and parse(str(value)) == value:
        return f"{_TAG}int", str(value)
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)
        # Without a point YAML 1.1 takes `1e-05` for a word.
        return f"{_TAG}float", text if "e" not in text or "." in text else text.replace("e", ".0e")
    if isinstance(value, int | float):
        raise EditRefused(f"`{value}` is no number that a field can have.")
    raise ValueError(f"{type(value).__name__} cannot be written as YAML")
