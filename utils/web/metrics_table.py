"""Every metric of /metrics: its name, its kind, its labels and what it says. Whatever is told, is told from here."""

from typing import Literal, NamedTuple

from utils.ledger.summaries.latencies import BOUNDS

Kind = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """One metric. A counter's name ends in `_total` where it is shown."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    says: str

    @property
    def shown(self) -> str:
        """Its name as Prometheus knows it."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


_TARGET = ("provider", "model")

REQUESTS = Metric("poe_bots_requests", "counter", ("bot", "door"), "Questions that came in.")
ATTEMPTS = Metric(
    "poe_bots_attempts", "counter", ("bot", *_TARGET, "outcome"), "Attempts to get an answer, by how they ended."
)
FAILURES = Metric("poe_bots_failures", "counter", (*_TARGET, "error"), "Attempts that failed, by the class of failure.")
TOKENS = Metric(
    "poe_bots_tokens", "counter", ("bot", *_TARGET, "kind"), "Tokens: input, output, cached (of the input), reasoning."
)
COST = Metric("poe_bots_cost_dollars", "counter", ("bot", *_TARGET), "US dollars, where the cost is known.")
UNKNOWN_COST = Metric("poe_bots_unknown_cost", "counter", _TARGET, "Answers of which nobody knows what they cost.")
FIRST_CONTENT = Metric("poe_bots_first_content_seconds", "histogram", _TARGET, "From the request to its first content.")
DURATION = Metric("poe_bots_answer_seconds", "histogram", _TARGET, "From the request to the end of the answer.")
PAUSE = Metric(
    "poe_bots_content_pause_seconds",
    "histogram",
    _TARGET,
    "Between two pieces of an answer, on average in that answer.",
)
QUEUED = Metric("poe_bots_queued_seconds", "counter", ("provider",), "Seconds that attempts waited for a free place.")
OPEN = Metric("poe_bots_open_answers", "gauge", (), "Answers that are being given to somebody now.")
IN_FLIGHT = Metric("poe_bots_in_flight", "gauge", _TARGET, "Attempts that are under way now.")
LANES = Metric(
    "poe_bots_lanes", "gauge", (*_TARGET, "state"), "Ways to a model, one for each key, by the state of their breaker."
)
INSIDE = Metric("poe_bots_gate_inside", "gauge", ("provider",), "Places of `max_concurrent` that are taken.")
WAITING = Metric("poe_bots_gate_waiting", "gauge", ("provider",), "Questions that wait for a place.")
TURNED_AWAY = Metric("poe_bots_gate_refused", "counter", ("provider",), "Questions that got no place.")
CACHE = Metric(
    "poe_bots_cache_events", "counter", ("event",), "What the cache did: hits, misses, joined, stored, evicted."
)
CACHED = Metric("poe_bots_cache_answers", "gauge", (), "Answers in the cache.")
CACHE_BYTES = Metric("poe_bots_cache_bytes", "gauge", (), "What they take in memory.")
LEDGER = Metric("poe_bots_ledger_records", "counter", ("event",), "Records of the ledger: taken, written, lost.")
LEDGER_QUEUE = Metric("poe_bots_ledger_queue", "gauge", (), "Records that are not in the database yet.")
INFO = Metric("poe_bots_info", "gauge", ("version",), "Always 1.")

METRICS = (
    REQUESTS,
    ATTEMPTS,
    FAILURES,
    TOKENS,
    COST,
    UNKNOWN_COST,
    FIRST_CONTENT,
    DURATION,
    PAUSE,
    QUEUED,
    OPEN,
    IN_FLIGHT,
    LANES,
    INSIDE,
    WAITING,
    TURNED_AWAY,
    CACHE,
    CACHED,
    CACHE_BYTES,
    LEDGER,
    LEDGER_QUEUE,
    INFO,
)

BUCKETS = BOUNDS[::2]
"""The upper ends of the buckets of a histogram, in seconds."""
PAUSES = tuple(0.001 * 2**step for step in range(14))
"""The same for pauses, which are shorter: from a thousandth to eight seconds."""
