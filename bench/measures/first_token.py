"""How much later the first token comes than from the upstream itself, with one question at a time."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar

from ..contenders import CONVENTIONAL, OURS, UPSTREAM, Contender, demo
from ..figures import percentile
from ..machine import Cores
from ..rig.client import Client
from ..rig.wire import read_answer

_TOKENS = 20
_WARM_UP = 5


@dataclass(frozen=True)
class FirstTokenRow:
    """One contender in front of one pace of the upstream."""

    upstream_ms: int
    """How long the upstream was told to wait before its first token."""
    name: str
    p50_ms: float
    p95_ms: float
    added_ms: float
    """The p50 less the upstream's own."""
    added_ratio: float
    """What is added, divided by what the conventional bot adds."""
    errors: int


@dataclass(frozen=True)
class _Times:
    """What happened to one contender; `seconds` is without the questions that failed."""

    seconds: list[float]
    errors: int = 0


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
        return (self.requests + _WARM_UP) * len(self.paces_ms)

    def run(self, cores: Cores, advance: Callable[[], None]) -> tuple[FirstTokenRow, ...]:
        """One row for each pace and contender."""
        with ExitStack() as stack:
            upstream = stack.enter_context(demo(cores))
            servers = {it: stack.enter_context(it.serving(cores, upstream)) for it in self.contenders}
            clients = {it: stack.enter_context(Client(server.port)) for it, server in servers.items()}
            return tuple(row for pace in self.paces_ms for row in self._at_pace(pace, clients, advance))

    def _at_pace(
        self, pace_ms: int, clients: Mapping[Contender, Client], advance: Callable[[], None]
    ) -> list[FirstTokenRow]:
        message = f"/wait {pace_ms} /tokens {_TOKENS}"
        milliseconds: dict[str, list[float]] = {contender.name: [] for contender in clients}
        for number in range(self.requests + _WARM_UP):
            for contender, client in clients.items():
                timed = client.ask(contender.question(message))
                is_good = timed.first_token_at is not None and read_answer(timed.response).tokens == _TOKENS
                if timed.first_token_at is not None and is_good and number >= _WARM_UP:
                    milliseconds[contender.name].append(1000 * (timed.first_token_at - timed.sent_at))
            advance()
        return _rows(pace_ms, milliseconds, self.requests)


def _rows(pace_ms: int, milliseconds: Mapping[str, Sequence[float]], requests: int) -> list[FirstTokenRow]:
    p50 = {name: percentile(values, 50) for name, values in milliseconds.items()}
    added = {name: value - p50[UPSTREAM.name] for name, value in p50.items()}
    return [
        FirstTokenRow(
            upstream_ms=pace_ms,
            name=name,
            p50_ms=p50[name],
            p95_ms=percentile(values, 95),
            added_ms=added[name],
            added_ratio=added[name] / added[CONVENTIONAL.name],
            errors=requests - len(values),
        )
        for name, values in milliseconds.items()
    ]
