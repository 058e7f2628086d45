"""How many tokens a second one core passes on, and what each costs, when the upstream is never waited for."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median
from typing import ClassVar

from ..contenders import CONVENTIONAL, OURS, UPSTREAM, Contender, demo, replaying
from ..figures import Spread, paired_ratio
from ..machine import ROOT, Child, Cores
from ..rig.client import Client, times_asked
from ..rig.load import Order, Tally
from ..rig.wire import openai_question

_TOKENS = 300
_ASK = f"/tokens {_TOKENS}"


@dataclass(frozen=True)
class LoadRow:
    """One contender with so many answers at once. The ratios divide by the conventional bot."""

    concurrency: int
    name: str
    tokens_per_second: Spread
    tokens_ratio: float
    cpu_us_per_token: float | None
    """None where it cannot be told, and for the upstream, which shares its core with the load."""
    cpu_ratio: float | None
    busy: float | None
    """CPU time divided by time. Well below 1, the load client is the limit and the server could do more."""
    messages_per_answer: float
    errors: int


@dataclass(frozen=True)
class _Burst:
    """What one round with one contender gave."""

    tally: Tally
    cpu_seconds: float | None
    times_upstream_asked: int

    @property
    def errors(self) -> int:
        """Answers that were not whole, and answers for which the upstream was never asked: those measure a cache."""
        return self.tally.errors + max(0, self.tally.answers - self.times_upstream_asked)

    @property
    def tokens_per_second(self) -> float:
        return self.tally.tokens / self.tally.seconds

    @property
    def cpu_us_per_token(self) -> float | None:
        return None if self.cpu_seconds is None else 1e6 * self.cpu_seconds / max(self.tally.tokens, 1)


@dataclass(frozen=True)
class Load:
    """Puts each contender under load in turn, once in every round."""

    rounds: int
    seconds: float
    """How long no further question is asked than this; those that are open are waited for."""
    concurrencies: Sequence[int]
    title: str = "load"
    contenders: ClassVar[Sequence[Contender]] = (OURS, CONVENTIONAL, UPSTREAM)

    @property
    def steps(self) -> int:
        """How many times `run` advances."""
        return self.rounds * len(self.concurrencies) * len(self.contenders)

    def run(self, cores: Cores, advance: Callable[[], None]) -> tuple[LoadRow, ...]:
        """One row for each concurrency and contender."""
        with ExitStack() as stack:
            upstream = stack.enter_context(replaying(cores, _recorded(cores)))
            servers = {it: stack.enter_context(it.serving(cores, upstream)) for it in self.contenders}
            for contender, server in servers.items():
                _burst(contender, server, upstream, concurrency=1, seconds=0.1)  # what is made at the first question
            return tuple(row for many in self.concurrencies for row in self._at_once(many, servers, upstream, advance))

    def _at_once(
        self, concurrency: int, servers: Mapping[Contender, Child], upstream: Child, advance: Callable[[], None]
    ) -> list[LoadRow]:
        bursts: dict[Contender, list[_Burst]] = {contender: [] for contender in servers}
        for _ in range(self.rounds):
            for contender, server in servers.items():
                bursts[contender].append(_burst(contender, server, upstream, concurrency, self.seconds))
                advance()
        return [_row(concurrency, it.name, bursts[it], bursts[CONVENTIONAL]) for it in bursts]


def _recorded(cores: Cores) -> bytes:
    with demo(cores) as upstream, Client(upstream.port) as client:
        return client.ask(openai_question(_ASK)).response


def _burst(contender: Contender, server: Child, upstream: Child, concurrency: int, seconds: float) -> _Burst:
    order = Order(server.port, contender.question(_ASK), concurrency, seconds, _TOKENS)
    asked_before, before = times_asked(upstream.port), server.cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "bench.rig.load"],
        cwd=ROOT,
        input=json.dumps(asdict(order)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    after, asked_after = server.cpu_seconds(), times_asked(upstream.port)
    is_alone = contender is not UPSTREAM and before is not None and after is not None
    cpu_seconds = (after or 0) - (before or 0) if is_alone else None
    return _Burst(Tally(**json.loads(done.stdout)), cpu_seconds, asked_after - asked_before)


def _row(concurrency: int, name: str, bursts: Sequence[_Burst], yardstick: Sequence[_Burst]) -> LoadRow:
    speeds = [burst.tokens_per_second for burst in bursts]
    costs = [cost for burst in bursts if (cost := burst.cpu_us_per_token) is not None]
    costs_of_yardstick = [cost for burst in yardstick if (cost := burst.cpu_us_per_token) is not None]
    shares = [burst.cpu_seconds / burst.tally.seconds for burst in bursts if burst.cpu_seconds is not None]
    answers = sum(burst.tally.answers for burst in bursts)
    return LoadRow(
        concurrency=concurrency,
        name=name,
        tokens_per_second=Spread.of(speeds),
        tokens_ratio=paired_ratio(speeds, [burst.tokens_per_second for burst in yardstick]),
        cpu_us_per_token=median(costs) if costs else None,
        cpu_ratio=paired_ratio(costs, costs_of_yardstick) if costs else None,
        busy=median(shares) if shares else None,
        messages_per_answer=sum(burst.tally.messages for burst in bursts) / answers,
        errors=sum(burst.errors for burst in bursts),
    )
