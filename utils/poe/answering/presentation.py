"""An answer as it is shown: thinking in the way that was chosen, words as they come, tool calls at the end."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from time import monotonic
from typing import Any

import fastapi_poe as fp

from utils.chat import Delta, Image
from utils.errors import EmptyAnswer

from ..status_line import StatusLine
from .beginning import Beginning
from .pictures import MOST_PICTURES, picture_event
from .thinking import WAYS
from .tool_calls import ToolCalls
from .way import Way


async def presented(
    deltas: AsyncIterator[Delta], way: Way, *, clock: Callable[[], float] = monotonic
) -> AsyncGenerator[fp.PartialResponse, None]:
    """What is shown of the answer, as it comes. Closes `deltas` in the end.

    Thinking that comes when the answer has begun is dropped, for a quotation there would tear lists and code apart.
    Where the answer begins anew, its first words take the place of what was shown.
    Raises `EmptyAnswer` when there was neither a word of answer nor a call of a tool that the caller offered.
    """
    showing = _Showing(way, clock)
    async with _closing(deltas):
        async for delta in deltas:
            if showing.has_begun and not (delta.tool_calls or delta.images or delta.restarts):
                if delta.text:
                    yield fp.PartialResponse(text=delta.text)
                continue
            if delta.restarts:
                showing = _Showing(way, clock, instead_of=showing)
            for event in showing.of(delta):
                yield event
    for event in showing.end():
        yield event


class _Showing:
    """One answer while it is being shown."""

    def __init__(self, way: Way, clock: Callable[[], float], instead_of: "_Showing | None" = None) -> None:
        self.has_begun = False
        """Whether words of the answer were shown: whatever text comes now is shown as it is."""
        self._thinking = WAYS[way.reasoning](way.thinking_line, clock)
        self._beginning = Beginning()
        self._calls = ToolCalls()
        self._reads_calls = way.with_tools
        self._finish_reason: str | None = None
        self._shown_pictures: int = instead_of._shown_pictures if instead_of else 0
        self._is_to_replace = instead_of is not None

    def of(self, delta: Delta) -> Iterator[fp.PartialResponse]:
        """What is shown of this piece."""
        return self._in_place(self._of(delta))

    def end(self) -> Iterator[fp.PartialResponse]:
        """What is shown when all has come."""
        return self._in_place(self._end())

    def _in_place(self, events: Iterator[fp.PartialResponse]) -> Iterator[fp.PartialResponse]:
        """The events, the first of which takes the place of what another answer has shown."""
        for event in events:
            if self._is_to_replace and not isinstance(event, StatusLine):
                self._is_to_replace = False
                if event.attachment is not None or event.data is not None:
                    yield fp.PartialResponse(text="", is_replace_response=True)
                else:
                    event = event.model_copy(update={"is_replace_response": True})
            yield event

    def _of(self, delta: Delta) -> Iterator[fp.PartialResponse]:
        self._calls.add(delta.tool_calls)
        self._finish_reason = delta.finish_reason or self._finish_reason
        if self.has_begun:
            if delta.text:
                yield fp.PartialResponse(text=delta.text)
        else:
            yield from self._begin(*self._beginning.read(delta))
        yield from self._pictures(delta.images)

    def _end(self) -> Iterator[fp.PartialResponse]:
        if not self.has_begun:
            yield from self._begin(*self._beginning.rest())
        calls = self._calls.events() if self._reads_calls else []
        if calls and not self.has_begun:
            yield from self._thinking.leave()
        yield from calls
        if not (self.has_begun or calls or (self._beginning.is_unclosed and self._thinking.is_read)):
            raise EmptyAnswer(self._why_empty())

    def _begin(self, thought: str, words: str) -> Iterator[fp.PartialResponse]:
        if thought:
            yield from self._thinking.think(thought)
        if words:
            self.has_begun = True
            yield self._thinking.answer(words)

    def _pictures(self, images: Sequence[Image]) -> Iterator[fp.PartialResponse]:
        for image in images[: MOST_PICTURES - self._shown_pictures]:
            if not self.has_begun:
                yield from self._thinking.leave()
                self.has_begun = True
            self._shown_pictures += 1
            yield picture_event(image, self._shown_pictures)

    def _why_empty(self) -> str:
        if self._calls:
            return "the model called tools that the caller cannot run, and said nothing"
        if not self._beginning.has_thought:
            return "the answer ended without any content"
        limit = " up to its limit: raise or unset `max_tokens`" if self._finish_reason == "length" else ""
        return f"the model only thought{limit}, and gave no answer"


def _closing(deltas: AsyncIterator[Delta]) -> AbstractAsyncContextManager[Any]:
    return aclosing(deltas) if isinstance(deltas, AsyncGenerator) else nullcontext()
