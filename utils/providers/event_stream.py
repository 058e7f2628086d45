"""The bytes of a server-sent event stream become the data of its events.

Lines end at a line feed only: what Python calls a line also ends at U+2028 or U+0085, and those occur inside the JSON.
Each `data:` line is taken as one event, for some servers leave out the blank line between two.
"""

from utils.errors import BrokenStream

_LONGEST_LINE = 16 * 1024 * 1024
_BEGINNING = 2000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DONE = b"[DONE]"


class EventStream:
    """Fed with what the network brings, in any pieces. `is_one` tells whether it looks like an event stream at all."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._kept = 0
        self.is_one = False
        self.beginning = b""
        """The first bytes while it does not look like one, to say what came instead."""
        self._document: list[bytes] = []
        self._document_size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that are complete now."""
        if not self.beginning:
            chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
        if not self.is_one and len(self.beginning) < _BEGINNING:
            self.beginning += chunk[: _BEGINNING - len(self.beginning)]
        if not self.is_one and self.beginning.lstrip().startswith(b"{"):
            self._keep_document(chunk)
        end = chunk.rfind(b"\n")
        if end < 0:
            self._keep(chunk)
            return []
        lines = b"".join([*self._rest, chunk[:end]]).split(b"\n")
        self._rest, self._kept = [], 0
        self._keep(chunk[end + 1 :])
        return self._data_of(lines)

    def end(self) -> list[bytes]:
        """The data of a last line that came without its line end."""
        line = b"".join(self._rest)
        self._rest, self._kept = [], 0
        return self._data_of([line]) if line else []

    @property
    def document(self) -> bytes:
        """All that came, where it looks like a piece of JSON instead of an event stream."""
        return b"".join(self._document)

    def _keep_document(self, chunk: bytes) -> None:
        self._document.append(chunk)
        self._document_size += len(chunk)
        if self._document_size > _LONGEST_LINE:
            raise BrokenStream(f"an answer in one piece of more than {_LONGEST_LINE} bytes is not read")

    def _keep(self, rest: bytes) -> None:
        """Wait for the end of the line. Pieces are joined once, for a picture is one line of some megabytes."""
        self._rest.append(rest)
        self._kept += len(rest)
        if self._kept > _LONGEST_LINE:
            raise BrokenStream(f"a line of the stream is longer than {_LONGEST_LINE} bytes")

    def _data_of(self, lines: list[bytes]) -> list[bytes]:
        events = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        if events or (not self.is_one and any(line.startswith((b":", b"event:", b"id:", b"retry:")) for line in lines)):
            self.is_one = True
            self._document.clear()
        return [data for data in events if data]
