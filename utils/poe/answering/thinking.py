"""The ways to show that a model thinks, before its answer begins."""

from collections.abc import Callable, Iterator, Mapping

import fastapi_poe as fp

from ..status_line import StatusLine
from .way import Reasoning

_SECONDS_BETWEEN_LINES = 1.0


class HiddenThinking:
    """Nothing is shown of it. The other ways say what they do differently."""

    is_read = False
    """Whether the thinking itself was shown, so that a person could read it."""

    def __init__(self, line: Callable[[int], str], clock: Callable[[], float]) -> None:
        self._line = line
        self._clock = clock

    def think(self, thought: str) -> Iterator[fp.PartialResponse]:
        """What is shown of this piece of thinking."""
        return iter(())

    def answer(self, words: str) -> fp.PartialResponse:
        """The first words of the answer."""
        return fp.PartialResponse(text=words)

    def leave(self) -> Iterator[fp.PartialResponse]:
        """What is left to do when tools are called without a word."""
        return iter(())


class QuotedThinking(HiddenThinking):
    """It is quoted above the answer, in Markdown."""

    _held = ""

    def think(self, thought: str) -> Iterator[fp.PartialResponse]:
        """Every line is a line of the quotation. Blanks at the end wait, for only more words make a line of them."""
        text = self._held + thought
        if not self.is_read:
            text = text.lstrip()
        words = text.rstrip()
        self._held = text[len(words) :]
        if words:
            mark = "" if self.is_read else "> "
            self.is_read = True
            yield fp.PartialResponse(text=mark + _with_every_line_quoted(words))

    def answer(self, words: str) -> fp.PartialResponse:
        """An empty line ends the quotation."""
        return fp.PartialResponse(text=f"\n\n{words}" if self.is_read else words)


class ThinkingLine(HiddenThinking):
    """A line says that the model thinks, and for how long. It is written over by the next one and by the answer."""

    _began: float | None = None
    _last = 0.0

    def think(self, thought: str) -> Iterator[fp.PartialResponse]:
        """The line, at most once a second."""
        if self._began is None and thought.isspace():
            return  # a model that is told not to think may still send an empty block
        now = self._clock()
        if self._began is None:
            self._began = now
        elif now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self._last = now
        yield StatusLine(text=self._line(int(now - self._began)))

    def answer(self, words: str) -> fp.PartialResponse:
        """Takes the place of the line."""
        return fp.PartialResponse(text=words, is_replace_response=self._began is not None)

    def leave(self) -> Iterator[fp.PartialResponse]:
        """The line is taken away."""
        if self._began is not None:
            yield fp.PartialResponse(text="", is_replace_response=True)


WAYS: Mapping[Reasoning, type[HiddenThinking]] = {
    "hide": HiddenThinking,
    "show": QuotedThinking,
    "status": ThinkingLine,
}


def _with_every_line_quoted(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\n> ")
