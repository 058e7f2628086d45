"""Answers for tests: deltas in, and what a person has before them in the end."""

from collections.abc import AsyncGenerator, Iterable

import fastapi_poe as fp

from utils.chat import Delta
from utils.poe.answering import Way, event_of, presented


class Clock:
    """A clock that goes on by `step` seconds whenever somebody looks at it."""

    def __init__(self, step: float) -> None:
        self.now = -step
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def coming(deltas: Iterable[Delta]) -> AsyncGenerator[Delta, None]:
    """The deltas, as a model gives them."""
    for delta in deltas:
        yield delta


async def events_of(deltas: Iterable[Delta], way: Way, clock: Clock | None = None) -> list[fp.PartialResponse]:
    """Every event that the bot would yield."""
    shown = presented(coming(deltas), way, clock=clock or Clock(0.5))
    return [event_of(each) async for each in shown]


def on_the_screen(events: Iterable[fp.PartialResponse]) -> str:
    """What stands in the chat when all has come."""
    text = ""
    for event in events:
        text = event.text if event.is_replace_response else text + event.text
    return text


async def shown(deltas: Iterable[Delta], way: Way) -> str:
    """What stands in the chat when the whole answer has come."""
    return on_the_screen(await events_of(deltas, way))
