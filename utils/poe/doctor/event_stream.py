"""Server-sent events, read strictly.

Nothing is repaired: every deviation is noted in `violations`, in words. Lines end with CR LF, LF or CR and with
nothing else; U+2028 and U+0085 are ordinary characters.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_LINE_END = re.compile(rb"\r\n|\n|\r")
_SHOWN = 80


@dataclass(frozen=True)
class Event:
    """One event with its data; `{}` where the data was no JSON object."""

    name: str
    data: dict[str, Any]


@dataclass
class EventStream:
    """Turns bytes into events, however the network has cut them."""

    violations: list[str] = field(default_factory=list)
    _rest: bytes = b""
    _name: str | None = None
    _data: list[str] = field(default_factory=list)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that are complete with this chunk."""
        self._rest += chunk
        # A CR at the end may be the first half of a CR LF.
        end = len(self._rest) - self._rest.endswith(b"\r")
        *lines, rest = _LINE_END.split(self._rest[:end])
        self._rest = rest + self._rest[end:]
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[Event]:
        """The stream is over: what is complete only now, and a violation for what never became so."""
        if self._rest.endswith(b"\r"):
            yield from self._line(self._rest[:-1])
            self._rest = b""
        if self._rest or self._name is not None or self._data:
            self.violations.append("the stream ends in the middle of an event, without the blank line after it")

    def _line(self, line: bytes) -> Iterator[Event]:
        if not line:
            yield from self._dispatch()
        elif not line.startswith(b":"):
            try:
                name, _, value = line.decode("utf-8").partition(":")
            except UnicodeDecodeError:
                self._violated("a line is no UTF-8", repr(line))
                return
            self._field(name, value.removeprefix(" "))

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._data.append(value)
        elif name == "event" and self._name is None:
            self._name = value
        elif name == "event":
            self._violated("an event has two names", value)
        elif name not in ("id", "retry"):
            self._violated("a line is no field of an event", name)

    def _dispatch(self) -> Iterator[Event]:
        name, data = self._name, "\n".join(self._data)
        has_data = bool(self._data)
        self._name, self._data = None, []
        if name is None and not has_data:
            return  # after a comment, or two blank lines
        if not name:
            self._violated("an event has no name", data)
        if not has_data:
            self._violated("an event has no data", name or "")
        yield Event(name or "", self._object(data) if has_data else {})

    def _object(self, data: str) -> dict[str, Any]:
        try:
            value = json.loads(data, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self._violated("the data of an event is no JSON", data)
            return {}
        if isinstance(value, dict):
            return value
        self._violated("the data of an event is no JSON object", data)
        return {}

    def _violated(self, rule: str, seen: str) -> None:
        self.violations.append(f"{rule}: {seen[:_SHOWN]}" if seen else rule)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
