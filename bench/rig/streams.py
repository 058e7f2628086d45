"""Many people at once, each asking again as soon as there is an answer. They judge what they get."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .wire import Question

Ending = Literal["whole", "error", "left", "lost", "doubled", "hung"]
"""`lost` has no end, or an end without all of its words; `doubled` has words twice, or two ends."""

_END = b"\r\n0\r\n\r\n"


@dataclass
class Crowd:
    """So many streams held open until the time is over."""

    port: int
    questions: Sequence[Question]
    text: str
    """The whole answer."""
    patience: float
    """After so many seconds an answer counts as hung."""
    endings: "Counter[Ending]" = field(default_factory=Counter)
    open: int = 0

    async def ask_until(self, moment: float, streams: int) -> None:
        """Return when the last answer has ended."""
        await asyncio.gather(*(self._ask_again_until(moment, random.Random(number)) for number in range(streams)))

    async def _ask_again_until(self, moment: float, chance: random.Random) -> None:
        while time.monotonic() < moment:
            question, leaves = chance.choice(self.questions), chance.random() < 0.1
            self.open += 1
            try:
                async with asyncio.timeout(self.patience):
                    ending = await self._ending(question, leaves=leaves)
            except TimeoutError:
                ending = "hung"
            except OSError:
                ending = "lost"
            self.open -= 1
            self.endings[ending] += 1

    async def _ending(self, question: Question, *, leaves: bool) -> Ending:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(question.request())
            response = b""
            while not response.endswith(_END) and (received := await reader.read(65_536)):
                response += received
                if leaves and b"event: text" in response:
                    return "left"
            return ending_of(response, self.text)
        finally:
            writer.close()


def ending_of(response: bytes, text: str) -> Ending:
    """What became of the answer that should have been this text."""
    events = _events(_unchunked(response))
    names = [name for name, _ in events]
    said = ""
    for name, data in events:
        if name in ("text", "replace_response"):
            said = said + data["text"] if name == "text" else data["text"]
    if names.count("done") > 1 or names.count("error") > 1 or len(said) > len(text):
        return "doubled"
    if names[-1:] != ["done"]:
        return "lost"
    if "error" in names:
        return "error"
    return "whole" if said == text else "lost"


def _unchunked(response: bytes) -> bytes:
    _, _, rest = response.partition(b"\r\n\r\n")
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size or b"0", 16)], rest[int(size or b"0", 16) + 2 :]
    return body


def _events(body: bytes) -> list[tuple[str, dict[str, str]]]:
    frames = body.decode().replace("\r\n", "\n").split("\n\n")
    fields = [dict(line.split(": ", 1) for line in frame.split("\n") if _is_field(line)) for frame in frames]
    return [(each["event"], json.loads(each["data"])) for each in fields if each]


def _is_field(line: str) -> bool:
    return bool(line) and not line.startswith(":")
