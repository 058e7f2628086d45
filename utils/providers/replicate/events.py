"""The bytes of Replicate's event stream become named events.

Its data is the answer itself and no JSON, so that every blank counts, and an event ends only with an empty line.
Lines end at a line feed only: U+2028 and its like are part of the answer.
"""

from typing import NamedTuple

from utils.errors import BrokenStream

_LONGEST_EVENT = 16 * 1024 * 1024


class Event(NamedTuple):
    """One event: `output`, `error`, `done` or `logs`, with its data."""

    name: str
    data: str


class NamedEvents:
    """Fed with what the network brings, in any pieces."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that are complete now."""
        self._size += len(chunk)
        if self._size > _LONGEST_EVENT:
            raise BrokenStream(f"an event of the stream is longer than {_LONGEST_EVENT} bytes")
        if b"\n" not in chunk:
            self._rest.append(chunk)
            return []
        *lines, rest = b"".join([*self._rest, chunk]).split(b"\n")
        self._rest = [rest]
        events = [event for line in lines if (event := self._take(line.removesuffix(b"\r")))]
        if events:
            self._size = len(rest)
        return events

    def _take(self, line: bytes) -> Event | None:
        if not line:
            event = Event(self._name, "\n".join(self._data)) if self._name else None
            self._name, self._data = "", []
            return event
        field, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if field == b"event":
            self._name = text
        elif field == b"data":
            self._data.append(text)
        return None
