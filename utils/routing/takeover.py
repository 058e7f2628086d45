"""How an answer begins: from nothing, in place of one that broke off, or where that one stopped."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from utils.chat import ChatMessage, ChatRequest, Delta

_SEAM = 80
"""So many characters of the new words are looked at for what they repeat."""
_SHORTEST_REPETITION = 4
_CHARACTERS_PER_TOKEN = 4


class Beginning(Protocol):
    """What is asked for, when enough of it is there, and what of that is passed on."""

    @property
    def may_be_all(self) -> bool:
        """Whether the answer may be whole before the target has said a word."""
        ...

    def request(self, request: ChatRequest) -> ChatRequest:
        """What the next target is asked."""
        ...

    def is_enough(self, held: Sequence[Delta]) -> bool:
        """Whether the target has begun to answer, so that it is settled on."""
        ...

    def passed_on(self, held: Sequence[Delta]) -> Sequence[Delta]:
        """What of the beginning goes to the reader."""
        ...


class FromNothing:
    """Nothing has been said yet."""

    may_be_all = False

    def request(self, request: ChatRequest) -> ChatRequest:
        """The request as it is."""
        return request

    def is_enough(self, held: Sequence[Delta]) -> bool:
        """With the first content."""
        return held[-1].has_content

    def passed_on(self, held: Sequence[Delta]) -> Sequence[Delta]:
        """All of it."""
        return held


class InPlace(FromNothing):
    """The answer is given again, and takes the place of what was said of the one that broke off."""

    def passed_on(self, held: Sequence[Delta]) -> Sequence[Delta]:
        """All of it; the first content takes the place of everything before."""
        *before, first = held
        return [*before, msgspec.structs.replace(first, restarts=True)]


class WhereItStopped:
    """The next target is given what was said, and goes on. What it repeats of that is left out."""

    may_be_all = True

    def __init__(self, said: str) -> None:
        self._said = said

    def request(self, request: ChatRequest) -> ChatRequest:
        """The request with the words so far as the beginning of the answer."""
        # Several refuse an answer to go on from that ends with a blank.
        said = ChatMessage("assistant", self._said.rstrip())
        left = None
        if request.max_tokens is not None:
            left = max(1, request.max_tokens - len(self._said) // _CHARACTERS_PER_TOKEN)
        return msgspec.structs.replace(request, messages=(*request.messages, said), max_tokens=left)

    def is_enough(self, held: Sequence[Delta]) -> bool:
        """When it can be seen what is a repetition, or when there is more than words."""
        last = held[-1]
        return (
            bool(last.finish_reason or last.tool_calls or last.images) or sum(len(each.text) for each in held) >= _SEAM
        )

    def passed_on(self, held: Sequence[Delta]) -> Sequence[Delta]:
        """One piece with the words that are new, and what came beside them."""
        words = "".join(delta.text for delta in held)
        joined = msgspec.structs.replace(held[-1], text=_without_repetition(self._said, words), reasoning="")
        return [*(delta for delta in held[:-1] if delta.usage and not delta.text), joined]


def _without_repetition(said: str, words: str) -> str:
    """The words without those at their beginning that are the end of what was said."""
    for length in range(min(len(said), len(words)), _SHORTEST_REPETITION - 1, -1):
        if said.endswith(words[:length]):
            return words[length:]
    trailing = said[len(said.rstrip()) :]
    return words.removeprefix(trailing) if trailing else words
