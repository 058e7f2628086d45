"""How each bot stands with Poe, typed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..server import Server, is_of_this_machine


@dataclass(frozen=True)
class Mishap:
    """An error that Poe has reported."""

    at: float
    """In seconds since 1970, as all times here."""
    message: str


@dataclass(frozen=True)
class AtPoe:
    """One bot."""

    name: str
    url: str
    """Its Server URL; empty where nobody on the internet reaches this server, as far as is known."""
    path: str
    key_names: tuple[str, ...]
    """The variables in which its access key may stand; the first one set counts."""
    has_key: bool
    key_hint: str
    """How its access key ends."""
    is_in_sync: bool | None
    synced_at: float | None
    settings_problem: str
    """Why Poe would not take its settings."""
    last_called_at: float | None
    calls: int
    errors: tuple[Mishap, ...]

    @property
    def is_connected(self) -> bool:
        """Whether Poe has called it. Where it cannot, only *As on Poe* in the console has."""
        return bool(self.url) and self.last_called_at is not None


def at_poe(server: Server) -> tuple[str, list[AtPoe]]:
    """The address of the server for the world, empty where there is none, and the bots."""
    told = server.read("/admin/poe")
    is_reachable = server.address.startswith("https:") and not is_of_this_machine(server.address)
    public = (told.get("public_url") or (server.address if is_reachable else "")).rstrip("/")
    return public, [_bot(each, public) for each in told["bots"]]


def _bot(said: dict[str, Any], public: str) -> AtPoe:
    return AtPoe(
        name=said["bot"],
        url=said.get("url") or (public + quote(said["path"]) if public else ""),
        path=said["path"],
        key_names=tuple(said["access_key_names"]),
        has_key=said["has_access_key"],
        key_hint=said.get("key_hint") or "",
        is_in_sync=said.get("in_sync"),
        synced_at=said.get("synced_at"),
        settings_problem=said.get("problem") or "",
        last_called_at=said.get("last_called_at"),
        calls=said.get("calls") or 0,
        errors=tuple(Mishap(each["at"], each["message"]) for each in said.get("errors") or ()),
    )
