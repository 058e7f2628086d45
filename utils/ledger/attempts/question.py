"""Which answers are asked for: of when and of whom, and which of them first."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from utils.problems import did_you_mean

from ..summaries.question import BadQuestion, days_in

Order = Literal["latest", "slowest", "first_content", "dearest"]
ORDERS: tuple[Order, ...] = get_args(Order)
FILTERS = ("bot", "provider", "model", "user", "outcome", "error")

_FIELDS = (*FILTERS, "answered", "from", "to", "order", "limit", "offset")
_LIMIT, _MOST = 50, 200
_FURTHEST = 1000
_SWITCH = {"": None, "true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class AttemptsQuestion:
    """One question. Days are those of UTC, the last one included."""

    first: datetime.date
    last: datetime.date
    where: Mapping[str, str] = field(default_factory=dict)
    """What has to be so of one attempt at least."""
    answered: bool | None = None
    """Whether the answer came in the end; None where that is all the same."""
    order: Order = "latest"
    limit: int = _LIMIT
    offset: int = 0

    @classmethod
    def of(cls, said: Mapping[str, str], today: datetime.date) -> "AttemptsQuestion":
        """The question in these words, as they stand in an address. Raises `BadQuestion`."""
        for name in said:
            if name not in _FIELDS:
                raise BadQuestion(name, f"is not known.{did_you_mean(name, _FIELDS)}")
        first, last = days_in(said, today)
        order = said.get("order") or "latest"
        if order not in ORDERS:
            raise BadQuestion("order", f"should be one of {', '.join(ORDERS)}.{did_you_mean(order, ORDERS)}")
        where = {name: said[name] for name in FILTERS if name in said}
        if (answered := said.get("answered", "").lower()) not in _SWITCH:
            raise BadQuestion("answered", "should be true or false.")
        return cls(
            first,
            last,
            where,
            _SWITCH[answered],
            order,
            _number("limit", said, _LIMIT, 1, _MOST),
            _number("offset", said, 0, 0, _FURTHEST),
        )


def _number(name: str, said: Mapping[str, str], default: int, least: int, most: int) -> int:
    text = said.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
        raise BadQuestion(name, f"should be a number from {least} to {most}.")
    return int(text)
