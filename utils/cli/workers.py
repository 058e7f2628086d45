"""Several processes that serve from one socket, and this one, which looks after them.

Ctrl-C and SIGTERM reach this process, which hands them on. One that dies is begun again, but not in a loop.

A signal only leaves a word here, which is read between two steps: no worker is begun beside it and then forgotten. And
a worker hears of signals from the moment on when it can end well, which is after its imports.
"""

import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.resource_tracker import ensure_running
from time import monotonic
from types import FrameType

import structlog

from utils.errors import ConfigError

_log = structlog.get_logger(__name__)

MOST = 64
_MOST_DEATHS = 5
_WITHIN_SECONDS = 60.0
_ENDING = (signal.SIGINT, signal.SIGTERM)

Run = Callable[[list[socket.socket]], object]
"""Serves from these sockets until a signal ends it. It goes to another process, so it has to be picklable."""


class Workers:
    """`first` is the one that is run once at the beginning; all others, and those that take its place, are `others`."""

    def __init__(self, count: int, listener: socket.socket, first: Run, others: Run) -> None:
        self._listener = listener
        self._others = others
        self._to_begin = [first, *[others] * (count - 1)]
        self._alive: dict[int, SpawnProcess] = {}
        """By what the system tells when they end."""
        self._deaths: deque[float] = deque(maxlen=_MOST_DEATHS)
        self._told, self._tell = Pipe(duplex=False)
        self._ends = False

    def run(self) -> None:
        """Serve until all have ended. Raises `ConfigError` when they die again and again."""
        for number in _ENDING:
            signal.signal(number, self._hear)
        for run in self._to_begin:
            self._begin(run)
        while self._alive:
            happened = wait([*self._alive, self._told])
            if self._told in happened:
                self._end(self._told.recv())
            for worker in [self._alive.pop(sentinel) for sentinel in list(self._alive) if sentinel in happened]:
                self._one_has_ended(worker)
        if self._is_in_vain:
            raise ConfigError(
                f"{_MOST_DEATHS} workers have died within {_WITHIN_SECONDS:.0f} seconds; the log says why."
            )

    def _begin(self, run: Run) -> None:
        worker = get_context("spawn").Process(target=_work, args=(run, self._listener))
        with _deaf():
            worker.start()
        self._alive[worker.sentinel] = worker

    def _one_has_ended(self, worker: SpawnProcess) -> None:
        worker.join()
        if self._ends:
            return
        self._deaths.append(monotonic())
        _log.warning("worker.died", pid=worker.pid, code=worker.exitcode)
        if self._is_in_vain:
            self._end(signal.SIGTERM)
        else:
            self._begin(self._others)

    @property
    def _is_in_vain(self) -> bool:
        return len(self._deaths) == _MOST_DEATHS and self._deaths[-1] - self._deaths[0] < _WITHIN_SECONDS

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._tell.send(number)

    def _end(self, number: int) -> None:
        self._ends = True
        for worker in self._alive.values():
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(worker.pid or 0, number)


@contextmanager
def _deaf() -> Iterator[None]:
    """What is begun in this block is told of signals only when it listens."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    ensure_running()  # what multiprocessing has beside its processes; beginning it would end the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _listen() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _work(run: Run, listener: socket.socket) -> None:
    """What a worker does."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # a terminal tells a whole group of Ctrl-C, and a second signal means: at once
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        _listen()
        run([listener])


def _end_with_the_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
