"""A question as bytes, and where it goes."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00\r\n]*")
_OURS = frozenset(("connection", "content-length", "host", "transfer-encoding"))
"""Headers that say how the bytes are to be read."""
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~"
_KEPT_IN_QUERIES = _KEPT_IN_PATHS + "?"


class Where(NamedTuple):
    """A server."""

    scheme: str
    host: str
    port: int

    @property
    def as_header(self) -> str:
        """Its name for the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache
def where(address: str) -> tuple[Where, str]:
    """The server, and the path to ask for there. Raises a ValueError where the address is none."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{parts.scheme}://{parts.hostname} is no address of a web server")
    if "@" in parts.netloc:
        raise ValueError("a name and a password in the address are not sent; use `headers`")
    host = parts.hostname.encode("idna").decode("ascii")
    path = quote(parts.path or "/", safe=_KEPT_IN_PATHS)
    query = quote(parts.query, safe=_KEPT_IN_QUERIES)
    return Where(parts.scheme, host, parts.port or _PORTS[parts.scheme]), f"{path}?{query}" if query else path


def request_bytes(method: str, server: Where, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """The whole request. Raises a ValueError where something cannot be a header."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {server.as_header}"]
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in _OURS:
            raise ValueError(f"{name!r} cannot be sent as a header")
        lines.append(f"{name}: {value}")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    # What else than ASCII may be in a header, no two servers agree about.
    return "\r\n".join((*lines, "\r\n")).encode("ascii") + (body or b"")
