"""The keys of one provider, and which of them is used next."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from utils.errors import KeyMissing, KeyRefused

from .key import Key
from .keyring import Keyring

Opened = TypeVar("Opened")

_NO_KEY = Key("")


class KeyPool:
    """Hands out the keys that a provider's entry names. Without a name there is one empty key: none is needed."""

    def __init__(self, provider: str, names: Sequence[str], keyring: Keyring) -> None:
        self._provider = provider
        self._names = tuple(names)
        self._keyring = keyring

    def why_not_ready(self) -> str | None:
        """What is missing, as a short sentence; None when there is a key, or when none is needed."""
        if not self._names or any(self._keyring.find(name) for name in self._names):
            return None
        return f"{' or '.join(self._names)} is not set"

    async def first_accepted(self, ask: Callable[[Key], Awaitable[Opened]]) -> Opened:
        """What `ask` brings with the first key that is accepted. Raises the last failure when none is."""
        return await ask(self._next())

    def _next(self) -> Key:
        if not self._names:
            return _NO_KEY
        key = next((key for name in self._names if (key := self._keyring.find(name))), None)
        if key is None:
            raise KeyMissing(" or ".join(self._names), provider=self._provider)
        if not (key.secret.isascii() and key.secret.isprintable()):
            raise KeyRefused(f"{key.label} holds characters that are in no key", provider=self._provider)
        return key
