"""An answer as it is shown: thinking in the way that was chosen, words as they come, tool calls at the end."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from time import monotonic

import fastapi_poe as fp

from utils.chat import Delta, Image
from utils.errors import EmptyAnswer

from ..closing import closing
from ..status_line import StatusLine
from .beginning import Beginning
from .pictures import MOST_PICTURES, picture_event
from .thinking import WAYS
from .tool_calls import ToolCalls
from .way import Way

Shown = str | fp.PartialResponse
"""Words that go behind those before, as they are; or an event. To make an event of each word is dear."""


def event_of(shown: Shown) -> fp.PartialResponse:
    """The same as an event."""
    return fp.PartialResponse(text=shown) if isinstance(shown, str) else shown


def added_to(said: str, shown: Shown) -> str:
    """All that stands there once this is shown."""
    if isinstance(shown, str):
        return said + shown
    return shown.text if shown.is_replace_response else said + shown.text


async def presented(
    deltas: AsyncIterator[Delta], way: Way, *, clock: Callable[[], float] = monotonic
) -> AsyncGenerator[Shown, None]:
    """What is shown of the answer, as it comes. Closes `deltas` in the end."""
    showing = Showing(way, clock=clock)
    async with closing(deltas):
        async for delta in deltas:
            for shown in showing.of(delta):
                yield shown
    for shown in showing.end():
        yield shown


class Showing:
    """One answer while it is being shown.

    Thinking that comes when the answer has begun is dropped, for a quotation there would tear lists and code apart.
    Where the answer begins anew, its first words take the place of what was shown.
    """

    def __init__(self, way: Way, *, opening: str = "", clock: Callable[[], float] = monotonic) -> None:
        """`opening` comes with the first words and not before: until then somebody else can still be asked."""
        self._way = way
        self._opening = opening
        self._is_open = False
        self._clock = clock
        self._shown_pictures = 0
        self._begin_anew()
        self._is_to_replace = False

    def of(self, delta: Delta) -> Iterable[Shown]:
        """What is shown of this piece."""
        if self._has_begun and not (delta.tool_calls or delta.images or delta.restarts):
            return (delta.text,) if delta.text else ()
        if delta.restarts:
            self._begin_anew()
        return self._opened(self._in_place(self._of(delta)))

    def end(self) -> Iterable[Shown]:
        """What is shown when all has come.

        Raises `EmptyAnswer` when there was neither a word of answer nor a call of a tool that the caller offered.
        """
        return self._opened(self._in_place(self._end()))

    def _begin_anew(self) -> None:
        self._has_begun = False
        """Whether words of the answer were shown: whatever text comes now is shown as it is."""
        self._thinking = WAYS[self._way.reasoning](self._way.thinking_line, self._clock)
        self._beginning = Beginning()
        self._calls = ToolCalls()
        self._finish_reason: str | None = None
        self._is_to_replace = True

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

    def _opened(self, events: Iterator[fp.PartialResponse]) -> Iterator[fp.PartialResponse]:
        """The events, with the opening before the first of them and before one that takes the place of all."""
        for event in events:
            if self._opening and not isinstance(event, StatusLine):
                is_anew = event.is_replace_response
                if is_anew or not self._is_open:
                    self._is_open = True
                    yield fp.PartialResponse(text=self._opening, is_replace_response=is_anew)
                    event = event.model_copy(update={"is_replace_response": False})
            yield event

    def _of(self, delta: Delta) -> Iterator[fp.PartialResponse]:
        self._calls.add(delta.tool_calls)
        self._finish_reason = delta.finish_reason or self._finish_reason
        if self._has_begun:
            if delta.text:
                yield fp.PartialResponse(text=delta.text)
        else:
            yield from self._begin(*self._beginning.read(delta))
        yield from self._pictures(delta.images)

    def _end(self) -> Iterator[fp.PartialResponse]:
        if not self._has_begun:
            yield from self._begin(*self._beginning.rest())
        calls = self._calls.events() if self._way.with_tools else []
        if calls and not self._has_begun:
            yield from self._thinking.leave()
        yield from calls
        if not (self._has_begun or calls or (self._beginning.is_unclosed and self._thinking.is_read)):
            raise EmptyAnswer(self._why_empty())

    def _begin(self, thought: str, words: str) -> Iterator[fp.PartialResponse]:
        if thought:
            yield from self._thinking.think(thought)
        if words:
            self._has_begun = True
            yield self._thinking.answer(words)

    def _pictures(self, images: Sequence[Image]) -> Iterator[fp.PartialResponse]:
        for image in images[: MOST_PICTURES - self._shown_pictures]:
            if not self._has_begun:
                yield from self._thinking.leave()
                self._has_begun = True
            self._shown_pictures += 1
            yield picture_event(image, self._shown_pictures)

    def _why_empty(self) -> str:
        if self._calls:
            return "the model called tools that the caller cannot run, and said nothing"
        if not self._beginning.has_thought:
            return "the answer ended without any content"
        limit = " up to its limit: raise or unset `max_tokens`" if self._finish_reason == "length" else ""
        return f"the model only thought{limit}, and gave no answer"
