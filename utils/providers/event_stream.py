"""The bytes of a server-sent event stream become the data of its events.

Lines end at a line feed only: what Python calls a line also ends at U+2028 or U+0085, and those occur inside the JSON.
Each `data:` line is taken as one event, for some servers leave out the blank line between two.
"""

from utils.errors import BrokenStream

_LONGEST_LINE = 16 * 1024 * 1024
_BEGINNING = 2000

_FIELDS = (b"data:", b":", b"event:", b"id:", b"retry:")
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
        if not self.is_one:
            chunk = self._looked_at(chunk)
        elif chunk.startswith(b"data: {") and chunk.endswith(b"}\n\n") and chunk.count(b"\n") == 2 and not self._rest:
            return [chunk[6:-2]]  # one event and nothing else: so come the words of a model that takes its time
        lines, line_end, rest = chunk.rpartition(b"\n")
        if line_end and self._rest:
            lines = b"".join([*self._rest, lines])
            self._rest, self._kept = [], 0
        if rest:
            self._keep(rest)
        return self._data_of(lines.split(b"\n")) if line_end else []

    def end(self) -> list[bytes]:
        """The data of a last line that came without its line end."""
        line = b"".join(self._rest)
        self._rest, self._kept = [], 0
        return self._data_of([line]) if line else []

    @property
    def document(self) -> bytes:
        """All that came, where it looks like a piece of JSON instead of an event stream."""
        return b"".join(self._document)

    def _looked_at(self, chunk: bytes) -> bytes:
        """The chunk, without the mark that some put before everything, once it is seen what this may be."""
        if not self.beginning:
            chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
        if len(self.beginning) < _BEGINNING:
            self.beginning += chunk[: _BEGINNING - len(self.beginning)]
        if self.beginning.lstrip().startswith(b"{"):
            self._keep_document(chunk)
        return chunk

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
        events = [data for line in lines if line.startswith(b"data:") and (data := line[5:].strip())]
        if not self.is_one and (events or any(line.startswith(_FIELDS) for line in lines)):
            self.is_one = True
            self.beginning = b""
            self._document.clear()
        return events
