"""Servers of models on this very machine: whether one listens where an entry says."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from errno import EINPROGRESS
from ipaddress import ip_address
from select import select
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from utils.registry import ProfileName, ProviderConfig

_KNOWN_FOR_SECONDS = 3.0
_LONGEST_LOOK = 0.02
"""A free port of this machine refuses within microseconds; this is for one that a firewall keeps silent."""
_LOOPBACK = ("127.0.0.1", "::1")
_TITLES: Mapping[ProfileName, str] = {
    "ollama": "Ollama",
    "vllm": "vLLM",
    "lmstudio": "LM Studio",
    "llamacpp": "llama.cpp",
}


class LocalServers:
    """Looks whether somebody listens on a port of this machine, and knows it for some seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._seen: dict[_Place, tuple[float, bool]] = {}

    def why_not_ready(self, config: ProviderConfig) -> str | None:
        """That nobody listens there, as a short sentence. None for a server elsewhere, or one with a key."""
        place = _place_of(config)
        if place is None or self._listens(place):
            return None
        title = _TITLES.get(_known_as(config))
        return f"{title} is not running at {place.shown}" if title else f"nothing listens at {place.shown}"

    def _listens(self, place: "_Place") -> bool:
        looked, listens = self._seen.get(place, (None, False))
        if looked is None or self._now() - looked >= _KNOWN_FOR_SECONDS:
            listens = any(_accepts(address, place.port) for address in place.addresses)
            self._seen[place] = self._now(), listens
        return listens


class _Place(NamedTuple):
    shown: str
    addresses: tuple[str, ...]
    port: int


def _place_of(config: ProviderConfig) -> _Place | None:
    """Where the server of this entry is on this machine; None when it is elsewhere, or needs a key."""
    parts = urlsplit(config.api_base)
    addresses = tuple(_loopback_addresses(parts.hostname or ""))
    if config.api_key_env or not addresses:
        return None
    return _Place(f"{parts.scheme}://{parts.netloc}", addresses, parts.port or (443 if parts.scheme == "https" else 80))


def _loopback_addresses(host: str) -> Iterator[str]:
    """The addresses to try, without asking anybody what the name means."""
    if host == "localhost" or host.endswith(".localhost"):
        yield from _LOOPBACK
        return
    try:
        if ip_address(host).is_loopback:
            yield host
    except ValueError:
        return


def _accepts(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setblocking(False)
            if (error := probe.connect_ex((address, port))) == EINPROGRESS:
                _, writable, _ = select([], [probe], [], _LONGEST_LOOK)
                return bool(writable) and probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
            return error == 0
    except (OSError, ValueError):  # no IPv6 here, or more open files than `select` can count
        return False


def _known_as(config: ProviderConfig) -> ProfileName:
    from .profiles import known_as

    return known_as(config)
