"""How many ASGI messages an answer takes whose tokens are already there. On Modal each of them is a call."""

from dataclasses import dataclass
from statistics import median

from ..contenders import CONVENTIONAL, OURS, OURS_AT_ONCE, Contender
from ..field import Field
from ..rig.client import Client
from ..rig.load import Load
from ..rig.wire import read_answer
from .result import Advance, Result, Row

_TOKENS = 300
_OPENING = 1
"""The message with the headers; the others are what a server writes as chunks."""


@dataclass(frozen=True)
class Messages:
    """Counted one answer at a time."""

    rounds: int = 15
    title: str = "messages"

    @property
    def steps(self) -> int:
        """Three contenders in each round."""
        return 3 * self.rounds

    def run(self, field: Field, advance: Advance) -> Result:
        """The median of ours."""
        found: dict[Contender, list[int]] = {OURS: [], OURS_AT_ONCE: [], CONVENTIONAL: []}
        for contender, counts in found.items():
            with Client(field.served(contender).child.port) as client:
                for _ in range(self.rounds):
                    counts.append(_messages(field, client, contender))
                    advance()
        rows = [
            Row(contender.name, {"messages": median(counts), "fewest": min(counts), "most": max(counts)})
            for contender, counts in found.items()
        ]
        return Result(f"ASGI messages for {_TOKENS} tokens", rows, {"messages": median(found[OURS])})


def _messages(field: Field, client: Client, contender: Contender) -> int:
    message = Load(connections=1, tokens=_TOKENS, seconds=0).message
    answer = read_answer(client.ask(contender.question(message, 0)).response)
    field.errors += answer.failed or answer.tokens != _TOKENS
    return _OPENING + answer.messages
