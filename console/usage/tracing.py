"""One answer from the inside: what each attempt did when, and what came of it."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from ..chat.numbers import dollars, seconds
from ..text import in_words, plain
from .answers import Answered, Tried
from .plots import trace

_DOORS = {"poe": "Poe", "chat": "/chat", "openai": "/v1"}


def trace_shown(answer: Answered) -> None:
    """The plot, the attempts in words, and under which name the log has the rest."""
    st.vega_lite_chart(trace(_rows(answer)))
    for number, tried in enumerate(answer.attempts, 1):
        mark = ":red[:material/close:]" if tried.came_to_nothing else ":green[:material/check:]"
        st.markdown(f"{number}. {mark} **{plain(tried.who)}**: {' · '.join(map(plain, _words_of(tried)))}")
    door = _DOORS.get(answer.door, answer.door)
    person = f" by `{_short(answer.user)}`" if answer.user else ""
    reference = f" The log has more under the reference `{_short(answer.reference)}`." if answer.reference else ""
    st.caption(f"Asked at {plain(door)}{person}.{reference}")


def _rows(answer: Answered) -> list[dict[str, Any]]:
    """The phases of each attempt, in seconds since the question."""
    began = min(each.at - each.seconds - each.queued for each in answer.attempts)
    return [
        {
            "number": number,
            "attempt": tried.who,
            "phase": phase,
            "begin": begin,
            "end": end,
            "took": seconds(end - begin),
        }
        for number, tried in enumerate(answer.attempts, 1)
        for phase, begin, end in _phases(tried, began)
    ]


def _phases(tried: Tried, began: float) -> Iterator[tuple[str, float, float]]:
    end = tried.at - began
    start = end - tried.seconds
    if tried.queued > 0:
        yield "in the queue", start - tried.queued, start
    if tried.first_content is not None:
        yield "waiting", start, start + tried.first_content
        start += tried.first_content
    yield ("in vain" if tried.came_to_nothing else "answering"), start, end


def _words_of(tried: Tried) -> Iterator[str]:
    yield f"{in_words(tried.error) or tried.outcome} after {seconds(tried.seconds)}"
    if tried.first_content is not None:
        yield f"first word after {seconds(tried.first_content)}"
    if tried.queued >= 0.001:
        yield f"{seconds(tried.queued)} in the queue"
    if tried.cached:
        yield "from the cache"
    if tried.input_tokens is not None and tried.output_tokens is not None:
        yield f"{tried.input_tokens:,} + {tried.output_tokens:,} tokens"
    if tried.cost is not None:
        yield dollars(tried.cost)
    if tried.variant:
        yield f"variant {tried.variant}"
    if tried.key:
        yield f"key {tried.key}"


def _short(word: str) -> str:
    return "".join(letter for letter in word[:16] if letter.isalnum() or letter in "-_:.")
