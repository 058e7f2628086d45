"""Who is with which bot, so that a bot that is served no more can be closed when the last one has left."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import fastapi_poe as fp


class Visitors:
    """The requests that are being answered now."""

    def __init__(self) -> None:
        self._inside: dict[asyncio.Future[None], fp.PoeBot] = {}

    def __len__(self) -> int:
        return len(self._inside)

    @contextmanager
    def visiting(self, bot: fp.PoeBot) -> Iterator[None]:
        """One request to the bot, from its first byte to the last one of its answer."""
        left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inside[left] = bot
        try:
            yield
        finally:
            del self._inside[left]
            if not left.done():
                left.set_result(None)

    def are_with(self, bot: fp.PoeBot) -> bool:
        """Whether anybody is with the bot."""
        return any(visited is bot for visited in self._inside.values())

    async def have_left(self, bots: Collection[fp.PoeBot] | None = None) -> None:
        """Wait for those who are with one of these bots now; or for all who are here now, whomever they are with."""
        waited_for = [
            left for left, visited in self._inside.items() if bots is None or any(visited is bot for bot in bots)
        ]
        if waited_for:
            await asyncio.wait(waited_for)
