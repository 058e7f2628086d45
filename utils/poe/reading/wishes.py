"""What the one who asks would like of the answer. Hints, so whatever no provider would take is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite

import fastapi_poe as fp

_HIGHEST_TEMPERATURE = 2.0
_MOST_STOPS = 4
_LONGEST_STOP = 200
_STRONGEST_BIAS = 100.0
_MOST_BIASES = 300


@dataclass(frozen=True)
class Wishes:
    """None, or nothing, is no wish."""

    temperature: float | None = None
    stop: tuple[str, ...] = ()
    logit_bias: Mapping[str, float] = field(default_factory=dict)
    """By the number of the token."""


def wishes_of(request: fp.QueryRequest) -> Wishes:
    """The wishes in the query, within the bounds that providers know."""
    return Wishes(
        temperature=_temperature(request.temperature),
        stop=_stops(request.stop_sequences),
        logit_bias=_biases(request.logit_bias),
    )


def _temperature(wanted: float | None) -> float | None:
    if wanted is None or not isfinite(wanted) or wanted < 0:
        return None
    return min(wanted, _HIGHEST_TEMPERATURE)


def _stops(wanted: Iterable[str]) -> tuple[str, ...]:
    stops = dict.fromkeys(stop for stop in wanted if 0 < len(stop) <= _LONGEST_STOP)
    return tuple(stops)[:_MOST_STOPS]


def _biases(wanted: Mapping[str, float]) -> Mapping[str, float]:
    known = [(token, bias) for token, bias in wanted.items() if _is_number(token) and isfinite(bias)]
    return {token: max(-_STRONGEST_BIAS, min(bias, _STRONGEST_BIAS)) for token, bias in known[:_MOST_BIASES]}


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdecimal()
