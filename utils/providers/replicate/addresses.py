"""To which of the addresses that an answer names the key may go.

A prediction is asked about and cancelled below the entry's own `api_base`, by its id. Only its stream is elsewhere:
Replicate serves it from another of its hosts, which wants the key too.
"""

from urllib.parse import SplitResult, urlsplit

DEFAULT_BASE = "https://api.replicate.com/v1"

_HOME = "replicate.com"


def may_have_the_key(url: str, api_base: str) -> bool:
    """Whether the address is the entry's own host, or, for Replicate itself, another host of Replicate's."""
    try:
        there, own = urlsplit(url), urlsplit(api_base)
        if _origin(there) == _origin(own):
            return "@" not in there.netloc
    except ValueError:
        return False
    return (
        own.hostname == f"api.{_HOME}"
        and there.scheme == "https"
        and "@" not in there.netloc
        and (there.hostname or "").endswith(f".{_HOME}")
    )


def host_of(url: str) -> str:
    """The host of an address, to speak of it."""
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address that is none"


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
