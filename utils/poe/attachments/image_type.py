"""The format of a picture, told from its first bytes: what a server says of it is not believed."""

import re
from collections.abc import Mapping

_BEGINNINGS: Mapping[str, re.Pattern[bytes]] = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}


def image_type(data: bytes) -> str | None:
    """The media type, or None for anything that models do not see."""
    return next((name for name, beginning in _BEGINNINGS.items() if beginning.match(data)), None)
