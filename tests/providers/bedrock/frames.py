"""Frames of an AWS event stream, written by its specification: prelude, headers, payload, two checksums.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
"""

import json
from binascii import crc32
from struct import pack
from typing import Any

_STRING = 7


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    head = b"".join(
        pack("!B", len(name)) + name.encode() + pack("!BH", _STRING, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = pack("!II", 16 + len(head) + len(payload), len(head))
    prelude += pack("!I", crc32(prelude))
    message = prelude + head + payload
    return message + pack("!I", crc32(message))


def event(kind: str, **said: Any) -> bytes:
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    # Bedrock pads its events with letters, against listeners who count bytes.
    return frame(headers, json.dumps({**said, "p": "abcdefgh"}).encode())


def exception(kind: str, message: str) -> bytes:
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def error(code: str, message: str) -> bytes:
    return frame({":message-type": "error", ":error-code": code, ":error-message": message}, b"")


def text(said: str, block: int = 0) -> bytes:
    return event("contentBlockDelta", contentBlockIndex=block, delta={"text": said})


def stop(reason: str = "end_turn") -> bytes:
    return event("messageStop", stopReason=reason)


def usage(**counts: int) -> bytes:
    return event("metadata", usage={"totalTokens": 0, **counts}, metrics={"latencyMs": 5})


START = event("messageStart", role="assistant")
COUNTS = usage(inputTokens=3, outputTokens=2)
WHOLE = (START, text("Hel"), text("lo"), stop(), COUNTS)
