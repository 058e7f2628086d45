"""What may stand in a conversation: the protocol says that unknown things are ignored, not refused."""

from typing import Any

from .check import Check
from .patient import Message, message
from .probes import Probe, answers

_LAST = message("Please say hello in one short sentence.")
_STRANGE_TEXT = "Please answer: \u2028 \u2029 \u0085 é 🙂👩‍👩‍👧 \r\n\r\nevent: done\r\ndata: {}\r\n\r\n \\ \" '"
_FILE = {
    "url": "https://example.com/note.txt",
    "content_type": "text/plain",
    "name": "note.txt",
    "parsed_content": "A note that says hello.",
}
_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def _after(*history: Message) -> Probe:
    return answers(message("Hello."), *history, _LAST)


def _user(content: str, **fields: Any) -> Message:
    return message(content, **fields)


HISTORY_CHECKS = (
    Check("unknown-role", "A message of an unknown role does no harm.", _after(message("Hm.", role="narrator"))),
    Check(
        "unknown-content-type",
        "A message of an unknown content type does no harm.",
        _after(message("Hello!", role="bot", content_type="text/from-the-future")),
    ),
    Check(
        "unknown-feedback",
        "Feedback of an unknown type, or without a reason, does no harm.",
        _after(message("Hello!", role="bot", feedback=[{"type": "shrug"}, {"type": "like"}])),
    ),
    Check("null-content", "A message whose content is null does no harm.", _after(message(None, role="bot"))),
    Check(
        "unknown-message-fields",
        "Unknown fields of a message are ignored.",
        _after(message("Hello!", role="bot", from_the_future={"a": 1})),
    ),
    Check(
        "attachments",
        "A question may bring a file with its text.",
        answers(_user("What does the note say?", attachments=[_FILE])),
    ),
    Check(
        "parameters",
        "Parameters of any name and kind do no harm.",
        answers(_user("Please say hello.", parameters={"unknown": [1], "temperature": "hot", "model": None})),
    ),
    Check(
        "tools",
        "An offer of functions does not keep a plain question from being answered.",
        answers(tools=[_TOOL]),
    ),
    Check(
        "unicode",
        "Any character may be in a question, and the answer's frames stay whole.",
        answers(_user(_STRANGE_TEXT)),
    ),
)
