"""The pictures of the last minutes. Poe sends the whole conversation with every turn, so they come again and again."""

import time
from collections import OrderedDict
from collections.abc import Callable


class RecentPictures:
    """Remembers by address, for a while and up to a size; what was not asked for the longest goes first."""

    def __init__(
        self, bytes_at_most: int = 32_000_000, seconds: float = 600, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bytes_at_most = bytes_at_most
        self._seconds = seconds
        self._clock = clock
        self._bytes = 0
        self._pictures: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def get(self, url: str) -> str | None:
        """The picture of that address, as a `data:` address, if it is still remembered."""
        self._forget_the_old()
        if url not in self._pictures:
            return None
        self._pictures.move_to_end(url)
        return self._pictures[url][1]

    def put(self, url: str, picture: str) -> None:
        """Remember the picture."""
        self._forget(url)
        self._pictures[url] = (self._clock() + self._seconds, picture)
        self._bytes += len(picture)
        while self._bytes > self._bytes_at_most:
            self._forget(next(iter(self._pictures)))

    def _forget_the_old(self) -> None:
        now = self._clock()
        for url in [url for url, (until, _) in self._pictures.items() if until <= now]:
            self._forget(url)

    def _forget(self, url: str) -> None:
        _, picture = self._pictures.pop(url, (0, ""))
        self._bytes -= len(picture)
