"""What the server tells of its bots, providers and models, typed. What an older server does not tell is left empty."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .server import Server


@dataclass(frozen=True)
class Takes:
    """What a model can be told besides the words. Nothing is known of it where a server does not say."""

    temperature: bool = True
    max_tokens: bool = True
    reasoning_effort: tuple[str, ...] = ()
    images: bool = False
    system: bool = True

    @classmethod
    def of(cls, said: Any) -> "Takes":
        """From JSON, or what every model takes where there is none."""
        if not isinstance(said, dict):
            return cls()
        return cls(
            temperature=bool(said.get("temperature", True)),
            max_tokens=bool(said.get("max_tokens", True)),
            reasoning_effort=tuple(said.get("reasoning_effort") or ()),
            images=bool(said.get("images")),
            system=bool(said.get("system", True)),
        )


@dataclass(frozen=True)
class Target:
    """A model at a provider with one of its keys, and how it fares. Times in seconds, None where nothing is known."""

    name: str
    state: str
    """`closed` is well, `open` is not asked, `half-open` is tried once, `cooling` waits as the provider said."""
    reason: str
    shut_for: float | None
    """For how many seconds it is not asked; None when it is, or when its owner has taken it out."""
    attempts: int
    success_rate: float | None
    first_content_p50: float | None
    first_content_p95: float | None
    key: str = ""
    """The name of the key, where there are several."""

    @property
    def provider(self) -> str:
        """Its provider."""
        return self.name.partition(":")[0]

    @property
    def is_out(self) -> bool:
        """Whether its owner has taken it out."""
        return self.state == "open" and self.shut_for is None

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Target":
        """From JSON."""
        return cls(
            name=said["target"],
            state=said.get("state") or "closed",
            reason=said.get("reason") or "",
            shut_for=said.get("shut_for"),
            attempts=said.get("attempts") or 0,
            success_rate=said.get("success_rate"),
            first_content_p50=said.get("first_content_p50"),
            first_content_p95=said.get("first_content_p95"),
            key=said.get("key") or "",
        )


@dataclass(frozen=True)
class Bot:
    """A bot that is served."""

    name: str
    path: str
    description: str
    provider: str | None
    model: str | None
    models: tuple[str, ...]
    takes: Takes
    why_not_ready: str | None
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Provider:
    """A provider of the server."""

    name: str
    default_model: str | None
    models: tuple[str, ...]
    why_not_ready: str | None
    address: str = ""


@dataclass(frozen=True)
class Model:
    """A model of a provider."""

    name: str
    takes: Takes
    why_not_ready: str | None


def bots_of(server: Server) -> list[Bot]:
    """The bots, in the order of the server."""
    return [_bot(name, card) for name, card in server.read("/bots").items()]


def providers_of(server: Server) -> list[Provider]:
    """The providers, in the order of the server."""
    return [
        Provider(
            name, card.get("default_model"), tuple(card.get("models") or ()), _why(card), card.get("api_base") or ""
        )
        for name, card in server.read("/providers").items()
    ]


def not_ready_in(providers: Iterable[Provider]) -> dict[str, str]:
    """Why not, by the names of those that are not ready."""
    return {provider.name: provider.why_not_ready for provider in providers if provider.why_not_ready}


def models_of(server: Server, provider: str) -> list[Model]:
    """The models of one provider, its default first."""
    listing = server.read(f"/providers/{provider}/models")
    models = [Model(each["name"], _takes_of_model(each), _why(each)) for each in listing.get("models") or ()]
    return sorted(models, key=lambda model: model.name != listing.get("default_model"))


def targets_of(server: Server) -> list[Target]:
    """Everyone who is asked, and how they fare."""
    return [Target.of(each) for each in server.read("/admin/targets")["targets"]]


def _bot(name: str, card: dict[str, Any]) -> Bot:
    return Bot(
        name=name,
        path=card.get("path") or f"/{name}",
        description=card.get("description") or "",
        provider=card.get("provider"),
        model=card.get("model"),
        models=tuple(card.get("models") or ()),
        takes=Takes.of(card.get("takes")),
        why_not_ready=_why(card),
        targets=tuple(Target.of(each) for each in card.get("targets") or ()),
    )


def _takes_of_model(said: dict[str, Any]) -> Takes:
    return Takes.of(said["takes"]) if "takes" in said else Takes(images=bool(said.get("vision")))


def _why(card: dict[str, Any]) -> str | None:
    return card.get("why_not_ready") or card.get("why_shut") or None
