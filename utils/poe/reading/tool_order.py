"""The order in which providers want tools' results: right behind the call that they answer."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from utils.chat import ChatMessage


def paired(messages: Sequence[ChatMessage]) -> Iterator[ChatMessage]:
    """The messages, each result moved behind its call. A call without a result is left out, and so the other way round.

    Providers refuse a conversation in which one is missing.
    """
    if not any(message.tool_calls or message.role == "tool" for message in messages):
        yield from messages
        return
    results = _results(messages)
    for position, message in enumerate(messages):
        answered = {call.id: call for call in message.tool_calls if (position, call.id) in results}
        if message.tool_calls and (answered or message.text):
            yield replace(message, tool_calls=tuple(answered.values()))
            yield from (results[position, call_id] for call_id in answered)
        elif not message.tool_calls and message.role != "tool":
            yield message


def _results(messages: Sequence[ChatMessage]) -> Mapping[tuple[int, str], ChatMessage]:
    """The results by the place and the id of their call: some providers count their ids from zero in every answer."""
    waiting: dict[str, int] = {}
    results: dict[tuple[int, str], ChatMessage] = {}
    for position, message in enumerate(messages):
        for call in message.tool_calls:
            waiting[call.id] = position
        if message.tool_call_id in waiting:
            results[waiting.pop(message.tool_call_id), message.tool_call_id] = message
    return results
