"""A body that is compressed, though nobody asked for that."""

import zlib

_GZIP_OR_ZLIB = 47
_MOST_AT_ONCE = 1024 * 1024

PACKINGS = frozenset(("gzip", "x-gzip", "deflate"))
OTHER_PACKINGS = frozenset(("br", "compress", "zstd"))
"""What is not unpacked here."""


class Packed:
    """Unpacks what it is given, in pieces of a bearable size: a little that is packed can become very much."""

    def __init__(self) -> None:
        self._unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)

    def next(self, data: bytes = b"") -> bytes:
        """The next piece of what has been given so far and of this; empty when there is none. Raises a `zlib.error`."""
        return self._unpacking.decompress(self._unpacking.unconsumed_tail + data, _MOST_AT_ONCE)
