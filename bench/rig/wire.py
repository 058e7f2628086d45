"""Questions and answers as bytes on a socket.

Every token of the upstream holds one `~`, so whoever reads an answer can tell whether it is whole.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

FIRST_TOKEN = b"~"

_ID = "@" * 32
"""Where a fresh id stands; the load client knows it too."""
# No event holds a line with nothing but a zero.
_END = b"\r\n0\r\n\r\n"
_OK = b"HTTP/1.1 200"
_TALK = "hello there " * 20


@dataclass(frozen=True)
class Question:
    """An HTTP request that can be sent again and again, each time as a new one."""

    path: str
    body: str
    access_key: str
    end_mark: str
    """What a whole answer has at its end."""

    def request(self) -> bytes:
        """The bytes to send, with ids that were never sent before."""
        # A server may answer the same ids with one and the same answer, as ours does for those who ask again.
        return self.template().replace(_ID.encode(), uuid4().hex.encode())

    def template(self) -> bytes:
        """The bytes to send, with marks of the same length where the ids belong."""
        body = self.body.encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {self.access_key}\r\n"
            f"content-type: application/json\r\naccept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True)
class Answer:
    """What came back."""

    tokens: int
    messages: int
    """HTTP chunks, which is what a server sends for each ASGI message with a body."""
    failed: bool


def poe_question(path: str, message: str, access_key: str, history: int = 0) -> Question:
    """What Poe sends to a bot: the message, after so many others. Person and conversation are fresh, too."""
    earlier = [_poe_message("bot" if number % 2 else "user", _TALK) for number in range(history)]
    body = {
        "version": "1.1",
        "type": "query",
        "query": [*earlier, _poe_message("user", message)],
        "user_id": f"u-{_ID}",
        "conversation_id": f"c-{_ID}",
        "message_id": f"m-{_ID}",
        "metadata": "",
        "language_code": "en",
    }
    return Question(path, json.dumps(body), access_key, "event: done")


def openai_question(message: str, history: int = 0, access_key: str = "unused") -> Question:
    """What a bot sends to the upstream, or a program to the proxy."""
    earlier = [{"role": "assistant" if number % 2 else "user", "content": _TALK} for number in range(history)]
    body = {
        "model": "bench",
        "messages": [*earlier, {"role": "user", "content": message}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return Question("/v1/chat/completions", json.dumps(body), access_key, "[DONE]")


def _poe_message(role: str, content: str) -> dict[str, Any]:
    return {
        "role": role,
        "content": content,
        "content_type": "text/markdown",
        "timestamp": 1_795_226_400_000_000,
        "message_id": f"r-{_ID}",
        "feedback": [],
        "attachments": [],
    }


def is_whole(response: bytes | bytearray) -> bool:
    """Whether nothing more will come. What is not a success is over at once."""
    return response.endswith(_END) or not response.startswith(_OK)


def read_answer(response: bytes) -> Answer:
    """The facts of a response that has ended."""
    _, _, body = response.partition(b"\r\n\r\n")
    if not (response.startswith(_OK) and response.endswith(_END)) or b"event: error" in body:
        return Answer(tokens=0, messages=0, failed=True)
    return Answer(body.count(FIRST_TOKEN), _chunks(body), failed=False)


def _chunks(body: bytes) -> int:
    count, at = 0, 0
    while at < len(body):
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end], 16)
        count += size > 0
        at = line_end + 2 + size + 2
    return count
