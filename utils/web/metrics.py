"""GET /metrics: what Prometheus collects, put together when it asks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from utils.ledger import Ledger
from utils.routing import Board
from utils.routing.cache import AnswerStore
from utils.version import VERSION

from .metrics_table import (
    CACHE,
    CACHE_BYTES,
    CACHED,
    IN_FLIGHT,
    INFO,
    INSIDE,
    LANES,
    LEDGER,
    LEDGER_QUEUE,
    METRICS,
    OPEN,
    TURNED_AWAY,
    WAITING,
    Metric,
)
from .metrics_tally import Histogram, Labels, Tally

if TYPE_CHECKING:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

Values = Mapping[Labels, float]


@dataclass(frozen=True)
class Watched:
    """What is looked at when somebody asks."""

    tally: Tally
    board: Board
    answers: AnswerStore
    ledger: Ledger
    open_answers: Callable[[], int]


class MetricsPage:
    """Shows the metrics as text."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    async def __call__(self, request: Request) -> Response:
        """All metrics in the form that is asked for: Prometheus' own, or OpenMetrics."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(self._watched))
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": media_type})


class _Collected:
    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def describe(self) -> Iterable["Family"]:
        return ()

    def collect(self) -> Iterator["Family"]:
        watched, tally = self._watched, self._watched.tally
        now = {**_of_board(watched.board, tally), **_of_house(watched)}
        for metric in METRICS:
            if metric.kind == "histogram":
                yield _histogram(metric, tally.histograms.get(metric, {}))
            else:
                yield _plain(metric, now.get(metric) or tally.counts.get(metric) or tally.amounts.get(metric) or {})


def _of_board(board: Board, tally: Tally) -> dict[Metric, Values]:
    in_flight: Counter[Labels] = Counter()
    lanes: Counter[Labels] = Counter()
    for state in board.states():
        target = tally.target(state.provider, state.model)
        in_flight[target] += state.health.in_flight
        lanes[(*target, state.state)] += 1
    return {IN_FLIGHT: in_flight, LANES: lanes, **_of_gates(board, tally)}


def _of_gates(board: Board, tally: Tally) -> dict[Metric, Values]:
    inside, waiting, refused = Counter[Labels](), Counter[Labels](), Counter[Labels]()
    for provider, gate in board.gates():
        labels, seen = (tally.provider(provider),), gate.snapshot()
        inside[labels] += seen.inside
        waiting[labels] += seen.waiting
        refused[labels] += seen.refused
    return {INSIDE: inside, WAITING: waiting, TURNED_AWAY: refused}


def _of_house(watched: Watched) -> dict[Metric, Values]:
    ledger, answers = watched.ledger.state(), watched.answers
    return {
        OPEN: {(): watched.open_answers()},
        CACHE: {(event,): count for event, count in asdict(answers.counts).items()},
        CACHED: {(): answers.answers},
        CACHE_BYTES: {(): answers.bytes},
        LEDGER: {("taken",): ledger.taken, ("written",): ledger.written, ("lost",): ledger.lost},
        LEDGER_QUEUE: {(): ledger.queued},
        INFO: {(VERSION,): 1},
    }


def _plain(metric: Metric, values: Mapping[Labels, Any]) -> "Family":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = make(metric.name, metric.says, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, float(value))
    return family


def _histogram(metric: Metric, values: Mapping[Labels, Histogram]) -> "Family":
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)
    for labels, found in values.items():
        ends = [*(f"{bound:.4g}" for bound in found.buckets), "+Inf"]
        family.add_metric(labels, list(zip(ends, accumulate(found.counts), strict=True)), found.seconds)
    return family
