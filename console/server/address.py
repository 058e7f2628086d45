"""Addresses of servers. A key belongs to one of them, so two that mean the same have to look the same."""

import ipaddress
from urllib.parse import urlsplit

from .troubles import Trouble

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normal_address(said: str) -> str:
    """The address as `scheme://host[:port][/path]`. Raises `Trouble` when it is none."""
    said = said.strip()
    parts = urlsplit(said if "://" in said else f"{_scheme_of(said)}://{said}")
    try:
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host = None, None
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
        raise Trouble(f"`{said}` is no address of a server.", "Write it like `https://workspace--poe-bots.modal.run`.")
    name = f"[{host}]" if ":" in host else host
    at = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{name}{at}{parts.path.rstrip('/')}"


def is_of_this_machine(address: str) -> bool:
    """Whether the server is on this machine, where a key without TLS is seen by nobody."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _scheme_of(said: str) -> str:
    host = said.split("/")[0].rpartition(":")[0] or said.split("/")[0]
    return "http" if is_of_this_machine(f"http://{host}") else "https"
