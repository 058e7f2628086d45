"""What the server shows of itself. Nothing secret is ever put into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class BotCard:
    """A bot, as others may see it."""

    name: str
    description: str
    provider: str | None
    model: str | None
    path: str
    why_not_ready: str | None
    access_key_names: tuple[str, ...] = ()
    """The variables in which its Poe access key may stand; the first one set counts."""


@dataclass(frozen=True)
class ProviderCard:
    """A provider, as others may see it."""

    name: str
    api_base: str
    default_model: str | None
    models: tuple[str, ...]
    why_not_ready: str | None


@dataclass(frozen=True)
class Overview:
    """The state of the server at one moment."""

    version: str
    bots: tuple[BotCard, ...]
    providers: tuple[ProviderCard, ...]
    problems: tuple[str, ...]
    has_errors: bool
    environment: Mapping[str, Any]

    @property
    def status(self) -> Literal["ok", "degraded", "error"]:
        """`degraded` when something of the configuration was left out, `error` when there is no bot at all."""
        if not self.bots:
            return "error"
        return "degraded" if self.has_errors else "ok"
