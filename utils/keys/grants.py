"""Who may use which provider. Knows neither providers nor bots: it gets names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from utils.errors import NotGranted

from .key import Key


@dataclass(frozen=True)
class Caller:
    """Somebody who asks for a provider: a bot, or a plugin."""

    name: str
    also: tuple[str, ...] = ()
    """What else `allow` may call it: its class and its module, as dotted names."""
    entry: frozenset[str] | None = None
    """The providers that its entry in the bot file names; None when it has none, as a bot in Python."""

    @property
    def names(self) -> frozenset[str]:
        """Everything by which `allow` may name it."""
        return frozenset((self.name, *self.also))


class Grants:
    """The rules of one server, made of what `allow` says of each provider."""

    def __init__(self, allow: Mapping[str, Collection[str] | None]) -> None:
        self._allow = {name: None if allowed is None else frozenset(allowed) for name, allowed in allow.items()}

    def may_use(self, caller: Caller, provider: str) -> bool:
        """Whether `allow` names the caller or, where it is unset, the caller's entry names the provider.

        A caller without an entry may use every provider without `allow`: there is no place where it could name one.
        """
        if provider not in self._allow:
            return False
        allowed = self._allow[provider]
        if allowed is None:
            return caller.entry is None or provider in caller.entry
        return not allowed.isdisjoint(caller.names)

    def granted(self, caller: Caller) -> frozenset[str]:
        """The providers that the caller may use."""
        return frozenset(name for name in self._allow if self.may_use(caller, name))

    def why_not(self, caller: Caller, provider: str) -> str | None:
        """Why the caller may not use the provider, as the end of a sentence; None when it may."""
        if self.may_use(caller, provider):
            return None
        allowed = self._allow.get(provider)
        if allowed is None:
            return f"may not use provider `{provider}`: its entry does not name it."
        listed = ", ".join(f"`{name}`" for name in sorted(allowed)) or "nobody"
        return f"may not use provider `{provider}`: its `allow` names only {listed}."


class HandsOutKeys(Protocol):
    """What was granted to somebody."""

    def key_of(self, provider: str) -> Key:
        """The key of a provider that was granted."""
        ...


class HasProviders(Protocol):
    """A bot that is connected to its server."""

    @property
    def providers(self) -> Any:
        """Those that it may use."""
        ...


def get_api_key_secure(caller: HasProviders, provider: str) -> str:
    """The key of a provider, for a bot that may use it; `caller` is the bot itself, for a name is easily said.

    Raises `NotGranted` for everybody else, and `KeyMissing` when there is no key.
    """
    providers: HandsOutKeys | None = None if isinstance(caller, str) else getattr(caller, "providers", None)
    if providers is None or not hasattr(providers, "key_of"):
        raise NotGranted("Only a bot that this server has connected to its providers can ask for a key: pass the bot.")
    return providers.key_of(provider).secret
