"""Records for summaries."""

import datetime
from decimal import Decimal
from typing import Any

from utils.ledger import UsageRecord


def at(day: str, clock: str = "12:00") -> float:
    """The moment, in UTC."""
    return datetime.datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()


def record(day: str = "2026-03-10", **facts: Any) -> UsageRecord:
    """An answer of that day that went well, but for what is said of it."""
    plain: dict[str, Any] = {
        "at": at(day),
        "door": "poe",
        "bot": "Poet",
        "user": "ann",
        "provider": "openai",
        "model": "luna",
        "input_tokens": 100,
        "output_tokens": 20,
        "cost": Decimal("0.002"),
        "cost_source": "yaml",
        "first_content": 0.5,
        "seconds": 2.0,
    }
    return UsageRecord(**{**plain, **facts})


def failure(error: str = "TimedOut", day: str = "2026-03-10", **facts: Any) -> UsageRecord:
    """One that came to nothing."""
    nothing = {"input_tokens": None, "output_tokens": None, "cost": None, "first_content": None}
    return record(day, **{"outcome": "failed", "error": error, "cost_source": "unknown", **nothing, **facts})
