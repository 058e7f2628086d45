"""An answer and its attempts, as numbers that a person can read: money as text, times in seconds."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..record import SERVER_DIED
from ..rows import MICROSECONDS
from ..summaries.as_csv import cell
from ..summaries.money import money

if TYPE_CHECKING:
    from sqlalchemy import RowMapping as Row

_OF_ANSWER = ("reference", "bot", "door", "user")
_TIMES = ("at", "queued", "first_content", "seconds")
_AS_THEY_ARE = (
    *("id", "conversation", "message", "provider", "model", "answered_by", "variant", "key", "attempt", "outcome"),
    *("error", "cached", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens"),
    "cost_source",
)


def answer_told(rows: "Sequence[Row]") -> dict[str, Any]:
    """One answer with its attempts, which are in their order."""
    last = max(rows, key=lambda row: row["at"])
    answered = next((row for row in rows if row["outcome"] == "answered"), last)
    began = min(_began(row) for row in rows)
    first = answered["first_content"]
    return {
        **{name: last[name] for name in _OF_ANSWER},
        "at": _seconds(last["at"]),
        "cost": _cost(rows),
        "seconds": _seconds(max(0, last["at"] - began)),
        "first_content": None if first is None else _seconds(answered["at"] - answered["seconds"] + first - began),
        "outcome": answered["outcome"],
        "attempts": [attempt_told(row) for row in rows],
    }


def attempt_told(row: "Row") -> dict[str, Any]:
    """One attempt: its record, without what stands at its answer."""
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "cost": None if row["cost"] is None else money(row["cost"]),
        **{name: None if row[name] is None else _seconds(row[name]) for name in _TIMES},
    }


def as_csv(found: Mapping[str, Any]) -> str:
    """A line for each attempt, for a spreadsheet."""
    columns = [*_OF_ANSWER, *_AS_THEY_ARE, "cost", *_TIMES]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for answer in found["answers"]:
        of_answer = [cell(answer[name]) for name in _OF_ANSWER]
        for attempt in answer["attempts"]:
            writer.writerow([*of_answer, *(cell(attempt[name]) for name in columns[len(_OF_ANSWER) :])])
    return text.getvalue()


def _began(row: "Row") -> int:
    return int(row["at"] - row["seconds"] - row["queued"])


def _cost(rows: "Sequence[Row]") -> str | None:
    """What all attempts have cost; None where one has said something, or may have, and nobody knows what that cost."""
    if any(row["cost"] is None and _may_have_spoken(row) for row in rows):
        return None
    known = [row["cost"] for row in rows if row["cost"] is not None]
    return money(sum(known)) if known else None


def _may_have_spoken(row: "Row") -> bool:
    return row["first_content"] is not None or bool(row["output_tokens"]) or row["error"] == SERVER_DIED


def _seconds(micros: int) -> float:
    return micros / MICROSECONDS
