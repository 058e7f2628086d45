"""Many questions at once, put by a process of its own."""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from .programs import program
from .wire import Question

_PATIENCE_SECONDS = 60
_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Load:
    """Ask over so many connections, each anew as soon as it is answered, until the time is over."""

    connections: int
    tokens: int
    """How many a whole answer has."""
    seconds: float
    """After these nobody asks anew; answers that are open are waited for, unless they are left."""
    warm_seconds: float = 0.0
    """What comes in these is not timed."""
    stagger_ms: float = 0.0
    """Within these the connections begin, one after the other."""
    most: int = 0
    """How many questions are put at most; 0: as many as there is time for."""
    token_ms: int = 0
    """How long the upstream waits between two tokens. They then say when they were sent."""
    leaves: bool = False
    """Whether open answers are left when the time is over."""

    @property
    def message(self) -> str:
        """What the upstream is told."""
        return f"/tokens {self.tokens}" + (f" /every {1000 * self.token_ms} /wait 20" if self.token_ms else "")


@dataclass(frozen=True)
class Tally:
    """What happened. Rates and times are of what came after the warm-up; -1 where there was nothing."""

    seconds: float
    asked: int
    whole: int
    left: int
    errors: int
    """Answers that were not whole: a wrong number of tokens, no end, an error event, a status that is not 200."""
    all_tokens: int
    tokens_per_second: float
    answers_per_second: float
    events_per_second: float
    first_token_p50_ms: float
    first_token_p95_ms: float
    latency_p50_ms: float
    latency_p95_ms: float
    latency_p99_ms: float


def put_under_load(port: int, question: Question, load: Load, during: Callable[[], object] = lambda: None) -> Tally:
    """Put the question again and again, and call `during` from time to time meanwhile."""
    how_many = (port, load.connections, load.seconds, load.warm_seconds, load.stagger_ms, load.most, load.tokens)
    how = (int(load.token_ms > 0), int(load.leaves), question.end_mark, uuid4().hex[:16])
    command = [str(program("load")), *map(str, (*how_many, *how))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(question.template())
        process.stdin.close()
        over_at = time.monotonic() + load.seconds + 2 * _PATIENCE_SECONDS
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_EVERY_SECONDS)
            during()
            if time.monotonic() > over_at:
                process.kill()
        if process.returncode:
            raise RuntimeError(f"the load client ended with {process.returncode}")
        return Tally(**json.load(process.stdout))
