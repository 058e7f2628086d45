"""Questions and answers as bytes on a socket. Only the standard library, so that a client starts at once.

The upstream numbers its tokens, `tok0 tok1 …`, so whoever reads an answer can tell whether it is whole.
"""

import json
import re
from dataclasses import dataclass
from uuid import uuid4

FIRST_TOKEN = b"tok0"

_ID = "{fresh id}"
# No event holds a line with nothing but a zero.
_END = b"\r\n0\r\n\r\n"
_OK = b"HTTP/1.1 200"
_TOKEN = re.compile(rb"tok\d")


@dataclass(frozen=True)
class Question:
    """An HTTP request that can be sent again and again, each time as a new one."""

    path: str
    body: str
    access_key: str

    def request(self) -> bytes:
        """The bytes to send, with ids that were never sent before."""
        # A server may answer the same ids with one and the same answer, as ours does for those who ask again.
        body = self.body.replace(_ID, uuid4().hex).encode()
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


def poe_question(path: str, message: str, access_key: str) -> Question:
    """What Poe sends to a bot."""
    ids = {"user_id": "u-bench", "conversation_id": f"c-{_ID}", "message_id": f"m-{_ID}"}
    asked = {
        "role": "user",
        "content": message,
        "content_type": "text/markdown",
        "timestamp": 0,
        "message_id": f"r-{_ID}",
    }
    body = {"version": "1.1", "type": "query", "query": [asked], **ids, "metadata": ""}
    return Question(path, json.dumps(body), access_key)


def openai_question(message: str) -> Question:
    """What a bot sends to the upstream."""
    body = {
        "model": "demo",
        "messages": [{"role": "user", "content": message}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return Question("/v1/chat/completions", json.dumps(body), "unused")


def is_whole(response: bytes | bytearray) -> bool:
    """Whether nothing more will come. What is not a success is over at once."""
    return response.endswith(_END) or not response.startswith(_OK)


def read_answer(response: bytes) -> Answer:
    """The facts of a response that has ended."""
    _, _, body = response.partition(b"\r\n\r\n")
    if not (response.startswith(_OK) and response.endswith(_END)) or b"event: error" in body:
        return Answer(tokens=0, messages=0, failed=True)
    return Answer(len(_TOKEN.findall(body)), _chunks(body), failed=False)


def _chunks(body: bytes) -> int:
    count, at = 0, 0
    while at < len(body):
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end], 16)
        count += size > 0
        at = line_end + 2 + size + 2
    return count
