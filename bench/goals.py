"""What the measurements are held against: eleven figures, and what each must be."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure that has to be reached."""

    words: str
    must: float
    aim: float
    is_floor: bool
    """Whether more is better."""
    unit: str
    digits: int

    def holds(self, value: float) -> bool:
        """Whether the value is what it must be."""
        return value >= self.must if self.is_floor else value <= self.must

    def reaches_aim(self, value: float) -> bool:
        """Whether it is even what it would best be."""
        return value >= self.aim if self.is_floor else value <= self.aim

    def written(self, value: float) -> str:
        """The value with its unit."""
        return f"{value:,.{self.digits}f}{self.unit}"

    def bound(self, value: float) -> str:
        """A bound with its unit, and the side on which the values are good."""
        return f"{'≥' if self.is_floor else '≤'} {value:g}{self.unit}"


def _at_least(words: str, must: float, aim: float, unit: str = "", digits: int = 1) -> Goal:
    return Goal(words, must, aim, is_floor=True, unit=unit, digits=digits)


def _at_most(words: str, must: float, aim: float, unit: str = "", digits: int = 2) -> Goal:
    return Goal(words, must, aim, is_floor=False, unit=unit, digits=digits)


GOALS: Mapping[str, Goal] = {
    "long_answers": _at_least("tokens/s, answers of 300 tokens, 128 at once, × B", 25, 40),
    "long_answers_litellm": _at_least("the same × LiteLLM proxy", 70, 115),
    "single_tokens": _at_least("tokens/s with one event for each token, × B", 9, 14),
    "paced_cpu": _at_least("CPU per token at 50 tokens/s per stream, B ÷ ours", 4.5, 7),
    "streams": _at_least("streams at 50 tokens/s held with p95 added latency < 50 ms, × B", 6, 12),
    "short_answers": _at_least("requests/s, answers of 1 token, 64 at once, × B", 4, 10),
    "first_token": _at_most("added time to first token p50, share of B's", 0.35, 0.12),
    "memory": _at_most("memory per open stream", 65, 45, " KiB", 0),
    "start": _at_most("process start to first /health, share of fastapi_poe + openai + modal imported", 0.8, 0.5),
    "messages": _at_most("ASGI messages per 300-token answer that is already there", 12, 9, digits=1),
    "history": _at_most("CPU of a request with a 100-message history minus one with 3", 1.5, 0.8, " ms"),
}
"""By the name under which a measure reports its figure."""
