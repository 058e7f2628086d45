"""What is served now, and what comes after it when the files change, without a restart.

Answers that run keep what they began with. What they began with is closed when the last of them has ended.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Generic, Protocol, Self, TypeVar

import fastapi_poe as fp
import structlog

from utils.poe import BaseBot
from utils.poe.door import MountedBot, PoeDoor
from utils.problems import Problem
from utils.providers import GrantedProviders, ProviderPool

_log = structlog.get_logger(__name__)


class Generation(Protocol):
    """Bots and providers as the files describe them at one time."""

    mounted: list[MountedBot]
    pool: ProviderPool
    problems: list[Problem]

    def next(self) -> Self:
        """The files as they are now. What has not changed is taken over; what is bad now stays as it was."""
        ...

    def begin(self, is_busy: Callable[[fp.PoeBot], bool]) -> None:
        """Called once, when its bots are served from now on; `is_busy` tells who gives an answer just then."""
        ...

    def kept(self) -> list[str]:
        """What stays as it was, because what the files say of it now cannot be used."""
        ...


@dataclass(frozen=True)
class Change:
    """What came of reading the files again: names such as `bot Poet` and `provider openai`."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """In force as they were, because what the files say of them now cannot be used."""
    unchanged: int = 0


Served = TypeVar("Served", bound=Generation)


class Generations(Generic[Served]):
    """Holds what is served, and puts the next generation in its place."""

    def __init__(
        self, first: Served, door: PoeDoor, on_change: Callable[[Served], object] = lambda generation: None
    ) -> None:
        self.current = first
        self._door = door
        self._on_change = on_change
        self._one_at_a_time = asyncio.Lock()
        self._pools = [first.pool]
        """The current one, and older ones on which a bot still stands."""
        self._leaving: list[ProviderPool] = []
        """Older ones that somebody may still be answered by."""
        self._farewells: set[asyncio.Task[None]] = set()

    async def reload(self) -> Change:
        """Read the files again and serve what they say. It is made beside the event loop, and served in one step."""
        async with self._one_at_a_time:
            following = await asyncio.to_thread(self.current.next)
            change = self._put_in_place(following)
        log = _log.warning if change.kept else _log.info
        log("config.reloaded", **asdict(change), problems=len(following.problems))
        for problem in following.problems:
            _log.warning("config.problem", problem=str(problem))
        return change

    async def aclose(self) -> None:
        """Close what was retired and still waits for its last visitor, and then every bot."""
        for farewell in tuple(self._farewells):
            farewell.cancel()
        await asyncio.gather(*self._farewells, return_exceptions=True)
        await asyncio.gather(*(_closed(mounted.bot) for mounted in self.current.mounted))
        older, self._pools = self._pools[:-1], self._pools[-1:]
        for pool in older:
            await self._retired(pool)

    def _put_in_place(self, following: Served) -> Change:
        before = self.current
        following.begin(self._door.visitors.are_with)
        self._door.serve(following.mounted)
        self.current = following
        self._on_change(following)
        self._retire(before, following)
        return _change(before, following)

    def _retire(self, before: Served, following: Served) -> None:
        # A bot of YAML has a class of its own. One in Python is the same, whichever of its providers are others now.
        served = {type(mounted.bot) for mounted in following.mounted}
        bots = [mounted.bot for mounted in before.mounted if type(mounted.bot) not in served]
        # A bot that is kept as it was may need a provider that stands in no file any more.
        needed = [pool for pool in self._pools if any(_stands_on(each.bot, pool) for each in following.mounted)]
        left = [pool for pool in self._pools if pool not in needed]
        self._pools = [*(pool for pool in needed if pool is not following.pool), following.pool]
        self._leaving += left
        farewell = asyncio.create_task(self._farewell(bots, left))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def _farewell(self, bots: list[fp.PoeBot], pools: list[ProviderPool]) -> None:
        """Close them when nobody needs them any more, or now when the server stops."""
        everybody = asyncio.ensure_future(self._door.visitors.have_left())
        try:
            await asyncio.gather(*(self._bid_farewell(bot) for bot in bots))
            await everybody
        finally:
            everybody.cancel()
            for pool in pools:
                await self._retired(pool)

    async def _retired(self, pool: ProviderPool) -> None:
        self._leaving = [other for other in self._leaving if other is not pool]
        try:
            await pool.retire([*self._pools, *self._leaving])
        except Exception as exc:  # a provider may be a plugin's code
            _log.warning("provider.not_closed", error=type(exc).__name__)

    async def _bid_farewell(self, bot: fp.PoeBot) -> None:
        try:
            await self._door.visitors.have_left([bot])
        finally:
            await _closed(bot)


async def _closed(bot: fp.PoeBot) -> None:
    if not isinstance(bot, BaseBot):
        return
    try:
        await bot.aclose()
    except Exception as exc:  # its class may be somebody else's code, and others are still to be closed
        _log.warning("bot.not_closed", bot=bot.bot_name, error=type(exc).__name__)


def _stands_on(bot: fp.PoeBot, pool: ProviderPool) -> bool:
    providers = bot.providers if isinstance(bot, BaseBot) else None
    return isinstance(providers, GrantedProviders) and providers.stands_on(pool)


def _change(before: Generation, following: Generation) -> Change:
    old, new = dict(_things(before)), dict(_things(following))
    kept = tuple(following.kept())
    changed = tuple(name for name, thing in new.items() if name in old and not _is_same(old[name], thing))
    return Change(
        new=tuple(name for name in new if name not in old),
        changed=changed,
        removed=tuple(name for name in old if name not in new),
        kept=kept,
        unchanged=sum(name in old for name in new) - len({*changed, *kept}),
    )


def _things(generation: Generation) -> Iterator[tuple[str, object]]:
    yield from ((f"provider {name}", config) for name, config in generation.pool.registry.items())
    yield from ((f"bot {mounted.name}", mounted.bot) for mounted in generation.mounted)


def _is_same(one: object, other: object) -> bool:
    """Bots by identity: theirs is what they are made of, and fastapi_poe compares them by their access keys."""
    return one is other if isinstance(other, fp.PoeBot) else one == other
