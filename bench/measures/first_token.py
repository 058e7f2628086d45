"""How much later the first token comes than from the upstream itself, with one question at a time."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar

from ..contenders import CONVENTIONAL, OURS, UPSTREAM, Contender, demo
from ..figures import percentile
from ..machine import Child, Cores
from ..rig.client import Client
from ..rig.wire import read_answer

_TOKENS = 20
_WARM_UP = 5
_PAUSE_SECONDS = 0.005
"""Between two questions: a server that still tidies up after the last one would slow the next one down."""


@dataclass(frozen=True)
class FirstTokenRow:
    """One contender in front of one pace of the upstream. The ratios divide by the conventional bot."""

    upstream_ms: int
    """How long the upstream was told to wait before its first token."""
    name: str
    p50_ms: float
    p95_ms: float
    added_ms: float
    """The p50 less the upstream's own."""
    added_ratio: float
    cpu_ms: float | None
    """For one whole answer of 20 tokens; None where it cannot be told, and for the upstream, which gives them all."""
    cpu_ratio: float | None
    errors: int


@dataclass(frozen=True)
class _Line:
    """A contender with whom one is connected."""

    contender: Contender
    server: Child
    client: Client

    def first_token_ms(self, message: str) -> float | None:
        """How long the first token took; None when the answer was not whole."""
        timed = self.client.ask(self.contender.question(message))
        is_whole = timed.first_token_at is not None and read_answer(timed.response).tokens == _TOKENS
        return 1000 * ((timed.first_token_at or 0) - timed.sent_at) if is_whole else None


@dataclass(frozen=True)
class _Times:
    """How long the first tokens of one contender took, and what an answer cost it."""

    first_token_ms: list[float]
    cpu_ms: float | None

    @property
    def p50(self) -> float:
        return percentile(self.first_token_ms, 50)


@dataclass(frozen=True)
class FirstToken:
    """Asks each contender in turn, over one kept connection each."""

    requests: int
    paces_ms: Sequence[int] = (0, 5)
    title: str = "first token"
    contenders: ClassVar[Sequence[Contender]] = (OURS, CONVENTIONAL, UPSTREAM)

    @property
    def steps(self) -> int:
        """How many times `run` advances."""
        return (_WARM_UP + self.requests) * len(self.paces_ms)

    def run(self, cores: Cores, advance: Callable[[], None]) -> tuple[FirstTokenRow, ...]:
        """One row for each pace and contender."""
        with ExitStack() as stack:
            upstream = stack.enter_context(demo(cores))
            servers = {it: stack.enter_context(it.serving(cores, upstream)) for it in self.contenders}
            lines = [_Line(it, server, stack.enter_context(Client(server.port))) for it, server in servers.items()]
            return tuple(row for pace in self.paces_ms for row in self._at_pace(pace, lines, advance))

    def _at_pace(self, pace_ms: int, lines: Sequence[_Line], advance: Callable[[], None]) -> list[FirstTokenRow]:
        message = f"/wait {pace_ms} /tokens {_TOKENS}"
        _in_turn(lines, message, _WARM_UP, advance)
        before = [line.server.cpu_seconds() for line in lines]
        first_tokens = _in_turn(lines, message, self.requests, advance)
        after = [line.server.cpu_seconds() for line in lines]
        times = {
            line.contender.name: _Times(first_token_ms, _cpu_ms(line, start, end, self.requests))
            for line, first_token_ms, start, end in zip(lines, first_tokens, before, after, strict=True)
        }
        return [_row(pace_ms, name, times, self.requests) for name in times]


def _in_turn(lines: Sequence[_Line], message: str, rounds: int, advance: Callable[[], None]) -> list[list[float]]:
    """The milliseconds of each line, without the answers that were not whole."""
    taken: list[list[float]] = [[] for _ in lines]
    for _ in range(rounds):
        for line, milliseconds in zip(lines, taken, strict=True):
            time.sleep(_PAUSE_SECONDS)
            if (first_token_ms := line.first_token_ms(message)) is not None:
                milliseconds.append(first_token_ms)
        advance()
    return taken


def _cpu_ms(line: _Line, before: float | None, after: float | None, answers: int) -> float | None:
    if line.contender is UPSTREAM or before is None or after is None:
        return None
    return 1000 * (after - before) / answers


def _row(pace_ms: int, name: str, times: dict[str, _Times], requests: int) -> FirstTokenRow:
    mine, yardstick, upstream = times[name], times[CONVENTIONAL.name], times[UPSTREAM.name]
    return FirstTokenRow(
        upstream_ms=pace_ms,
        name=name,
        p50_ms=mine.p50,
        p95_ms=percentile(mine.first_token_ms, 95),
        added_ms=mine.p50 - upstream.p50,
        added_ratio=(mine.p50 - upstream.p50) / (yardstick.p50 - upstream.p50),
        cpu_ms=mine.cpu_ms,
        cpu_ratio=mine.cpu_ms / yardstick.cpu_ms if mine.cpu_ms is not None and yardstick.cpu_ms else None,
        errors=requests - len(mine.first_token_ms),
    )
