"""An address with a key in its path that never shows it."""

import httpx


class HiddenAddress(httpx.URL):
    """Goes where it should, but reads as its host: httpx writes addresses into its log and into its errors."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}/***"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"
