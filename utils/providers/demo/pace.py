"""How fast an answer comes."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from utils.chat import Delta

_PIECES_IN_A_ROW = 16


@dataclass(frozen=True)
class Pace:
    """Milliseconds before the first token, and between one token and the next."""

    first_token_ms: float = 0
    token_ms: float = 0


AT_ONCE = Pace()


async def paced(pieces: Iterable[Delta], pace: Pace, patience: float | None = None) -> AsyncGenerator[Delta, None]:
    """The pieces, each at its time. Raises `TimeoutError` when it would be silent for more than `patience` seconds."""
    clock = asyncio.get_running_loop().time
    # Counted from the start, not from piece to piece, so that the delays of the timer do not add up.
    due = clock() + pace.first_token_ms / 1000
    await silence(pace.first_token_ms / 1000, patience)
    for number, piece in enumerate(pieces, 1):
        yield piece
        due += pace.token_ms / 1000
        if pace.token_ms:
            await silence(due - clock(), patience)
        elif number % _PIECES_IN_A_ROW == 0:
            await asyncio.sleep(0)


async def silence(seconds: float, patience: float | None = None) -> None:
    """Waits; without end if `seconds` is infinite. Raises `TimeoutError` when `patience` is over before."""
    if patience is not None and seconds > patience:
        await asyncio.sleep(patience)
        raise TimeoutError
    if seconds > 0:
        await asyncio.sleep(seconds)
