"""The keys of one provider, and which of them is used next."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from utils.errors import KeyMissing, KeyRefused, ProviderFailure, QuotaExhausted, RateLimited

from .environment import masked
from .key import Key
from .keyring import Keyring

_log = structlog.get_logger(__name__)

Opened = TypeVar("Opened")

_NO_KEY = Key("")
_NEVER = float("-inf")

_REST_SECONDS: dict[type[ProviderFailure], float] = {RateLimited: 20.0, QuotaExhausted: 3600.0, KeyRefused: 600.0}
"""How long a key is spared after such a failure, where the provider does not say. The first that fits is told when
every key has failed: a limit passes by itself, an empty account is somebody's to fill, a refusal says the least."""
_ABOUT_THE_KEY = tuple(_REST_SECONDS)


@dataclass(frozen=True)
class KeyState:
    """What is known of one key; nothing secret is in it."""

    label: str
    """The name under which it is found."""
    troubled: str | None = None
    """The class of its last failure, or `KeyMissing`; None when there was none since it last worked."""
    until: float | None = None
    """When it is used again like any other, on the pool's clock."""


@dataclass(frozen=True)
class _Trouble:
    """The last failure of a key: of which key, what, from when and until when."""

    key: Key
    reason: str
    since: float
    until: float


class KeyPool:
    """Hands out the keys that a provider's entry names. Without a name there is one empty key: none is needed."""

    def __init__(
        self, provider: str, names: Sequence[str], keyring: Keyring, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider = provider
        self._names = tuple(dict.fromkeys(names))
        self._keyring = keyring
        self._clock = clock
        self._troubles: dict[str, _Trouble] = {}
        """By label, so that there are never more than the entry names."""

    def why_not_ready(self) -> str | None:
        """What is missing, as a short sentence; None when there is a key, or when none is needed."""
        if not self._names:
            return None
        keys = list(self._found())
        if any(key.malformed is None for key in keys):
            return None
        return keys[0].malformed if keys else self._keyring.why_missing(self._names)

    def masked(self, text: str) -> str:
        """What the provider says, with `***` in place of every secret that is known here."""
        return masked(text, self._keyring.secrets())

    @property
    def are_several(self) -> bool:
        """Whether the entry names more than one key, set or not."""
        return len(self._names) > 1

    @property
    def sole_label(self) -> str | None:
        """The name of the only key of the entry; None where there are several, or none is needed."""
        return self._names[0] if self._names and not self.are_several else None

    def labels(self) -> tuple[str | None, ...]:
        """The names of the keys that can be used, the best one first; one None where it makes no difference."""
        if not self.are_several:
            return (self.sole_label,)
        try:
            return tuple(key.label for key in self._in_order())
        except KeyMissing:
            return (None,)

    def first(self) -> Key:
        """The key that would be used next. Raises `KeyMissing` when there is none."""
        return self._in_order()[0]

    def state(self) -> tuple[KeyState, ...]:
        """Every key of the entry, in its order."""
        return tuple(self._state_of(name) for name in self._names)

    async def first_accepted(self, ask: Callable[[Key], Awaitable[Opened]], *, only: str | None = None) -> Opened:
        """What `ask` brings with the first key that is accepted.

        A key that is refused, empty or over its limit is spared for a while, and the next one is asked, unless `only`
        names the one to use. Raises the most telling failure when none is left.
        """
        failures: list[ProviderFailure] = []
        for key in self._in_order(only):
            try:
                opened = await ask(self._fit_to_send(key))
            except _ABOUT_THE_KEY as failure:
                self._remember(key, failure)
                failures.append(failure)
            else:
                if key.label in self._troubles:
                    del self._troubles[key.label]
                return opened
        raise min(failures, key=_telling)

    def _in_order(self, only: str | None = None) -> Sequence[Key]:
        """Keys without trouble in the entry's order, then those whose trouble is over, then those to be spared."""
        if not self._names:
            return (_NO_KEY,)
        if only in self._names and (key := self._keyring.find(only)):
            return (key,)
        # Two names may hold the same key; once refused, it would be refused again.
        different: dict[object, Key] = {}
        for key in self._found():
            different.setdefault(key.malformed or (key.secret, *key.fields.items()), key)
        keys = list(different.values())
        if not keys:
            listed = " or ".join(self._names)
            raise KeyMissing(listed, provider=self._provider, why=self._keyring.why_missing(self._names))
        return sorted(keys, key=self._rank) if self._troubles else keys

    def _found(self) -> Iterator[Key]:
        return (key for name in self._names if (key := self._keyring.find(name)))

    def _rank(self, key: Key) -> tuple[bool, float]:
        trouble = self._trouble_of(key)
        return (trouble.until > self._clock(), trouble.since) if trouble else (False, _NEVER)

    def _trouble_of(self, key: Key) -> _Trouble | None:
        """The trouble of just this key: one that has taken its place under the name begins anew."""
        trouble = self._troubles.get(key.label)
        return trouble if trouble and trouble.key == key else None

    def _fit_to_send(self, key: Key) -> Key:
        if key.malformed:
            raise KeyRefused(key.malformed, provider=self._provider)
        if not key.can_be_sent:
            raise KeyRefused(f"{key.label} holds characters that are in no key", provider=self._provider)
        return key

    def _remember(self, key: Key, failure: ProviderFailure) -> None:
        if not key.label:
            return
        now, seconds = self._clock(), _rest_after(failure)
        self._troubles[key.label] = _Trouble(key, type(failure).__name__, now, now + seconds)
        if self.are_several:
            _log.warning(
                "key.spared", provider=self._provider, key=key.label, error=type(failure).__name__, seconds=seconds
            )

    def _state_of(self, name: str) -> KeyState:
        key = self._keyring.find(name)
        if key is None:
            return KeyState(name, KeyMissing.__name__)
        trouble = self._trouble_of(key)
        return KeyState(name, trouble.reason, trouble.until) if trouble else KeyState(name)


def _telling(failure: ProviderFailure) -> tuple[int, float]:
    place = next(place for place, kind in enumerate(_ABOUT_THE_KEY) if isinstance(failure, kind))
    return place, _rest_after(failure)


def _rest_after(failure: ProviderFailure) -> float:
    if failure.retry_after is not None:
        return failure.retry_after
    return next(seconds for kind, seconds in _REST_SECONDS.items() if isinstance(failure, kind))
