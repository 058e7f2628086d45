"""A conversation that is too long for the model loses its oldest turns. What counts is estimated, not measured."""

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from utils.chat import ChatMessage

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_TOKENS_PER_IMAGE = 1000


def fitted(
    messages: tuple[ChatMessage, ...], context: int | None, reserved: int = 0
) -> tuple[tuple[ChatMessage, ...], int]:
    """What fits into the model's `context` less the tokens `reserved` for the answer, and how many turns were dropped.

    The opening system messages, what the user said last, and the newest turn always stay, whether they fit or not:
    then the provider says that it is too long. An answer goes with its question, and a tool's result with its call.
    """
    if context is None:
        return messages, 0
    excess = sum(map(estimated_tokens, messages)) - (context - reserved)
    opening, asked, since = _bounds(messages)
    older = _dropped(_exchanges(messages[opening:asked]), excess)
    excess -= sum(map(estimated_tokens, messages[opening : opening + older]))
    # What came after the last question is one call of tools after the other.
    newer = _dropped(_steps(messages[since:])[:-1], excess)
    kept = messages[:opening] + messages[opening + older : since] + messages[since + newer :]
    return kept, older + newer


def estimated_tokens(message: ChatMessage) -> int:
    """About how many tokens of the model's context the message takes."""
    characters = len(message.text) + sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    text = -(-characters // _CHARACTERS_PER_TOKEN)
    return text + _TOKENS_PER_MESSAGE + _TOKENS_PER_IMAGE * len(message.images)


def _dropped(units: Sequence[Sequence[ChatMessage]], excess: int) -> int:
    """How many turns go, from the oldest on, for the excess to be gone; at most all."""
    count = 0
    for unit in units:
        if excess <= 0:
            break
        excess -= sum(map(estimated_tokens, unit))
        count += len(unit)
    return count


def _bounds(messages: Sequence[ChatMessage]) -> tuple[int, int, int]:
    """Where the opening ends, where the last question begins, and where it ends; all one where nobody asked."""
    opening = len(list(takewhile(lambda message: message.role == "system", messages)))
    questions = (place for place in reversed(range(len(messages))) if messages[place].role == "user")
    asked = next(questions, None)
    return (opening, opening, opening) if asked is None else (opening, asked, asked + 1)


def _exchanges(messages: Sequence[ChatMessage]) -> list[Sequence[ChatMessage]]:
    """Split before every turn of the user."""
    return list(_split(messages, lambda message: message.role == "user"))


def _steps(messages: Sequence[ChatMessage]) -> list[Sequence[ChatMessage]]:
    """Split before every turn but a tool's, which belongs to the call before it."""
    return list(_split(messages, lambda message: message.role != "tool"))


def _split(messages: Sequence[ChatMessage], begins: Callable[[ChatMessage], bool]) -> Iterator[Sequence[ChatMessage]]:
    start = 0
    for place in range(1, len(messages) + 1):
        if place == len(messages) or begins(messages[place]):
            yield messages[start:place]
            start = place
