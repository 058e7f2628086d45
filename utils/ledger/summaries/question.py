"""What is asked of the sums: from when to when, of whom, and by what they are told apart."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from utils.problems import did_you_mean

By = Literal["day", "bot", "provider", "model", "user", "variant", "outcome"]
BY: tuple[By, ...] = get_args(By)

GROUPED: Mapping[By, tuple[str, ...]] = {
    "day": ("day",),
    "bot": ("bot",),
    "provider": ("provider",),
    "model": ("provider", "model"),
    "user": ("user",),
    "variant": ("bot", "variant"),
    "outcome": ("outcome",),
}
"""What tells groups apart: models of the same name are others at another provider, and variants with another bot."""

FILTERS = ("bot", "provider", "model", "user", "variant", "outcome")
_OF_USERS: frozenset[str] = frozenset({"day", "bot", "user"})
_DAYS_BY_DEFAULT = 30
_MOST_GROUPS = 10_000
_LIMITS: Mapping[str, str] = {"user": "100"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadQuestion(ValueError):
    """The question cannot be answered; the message names the `field` and what it should be."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"`{field}` {message}")
        self.field = field


@dataclass(frozen=True)
class Question:
    """One question. Days are those of UTC, the last one included."""

    first: datetime.date
    last: datetime.date
    by: By = "day"
    where: Mapping[str, str] = field(default_factory=dict)
    limit: int = 1000

    @property
    def is_of_users(self) -> bool:
        """Whether it is answered from what is kept of each person."""
        return self.by == "user" or "user" in self.where

    @classmethod
    def of(cls, said: Mapping[str, str], today: datetime.date) -> "Question":
        """The question in these words, as they stand in an address. Raises `BadQuestion`."""
        for name in said:
            if name not in (*FILTERS, "by", "from", "to", "limit"):
                raise BadQuestion(name, f"is not known.{did_you_mean(name, (*FILTERS, 'by', 'from', 'to', 'limit'))}")
        first, last = days_in(said, today)
        by = _by(said.get("by") or "day")
        where = {name: said[name] for name in FILTERS if name in said}
        _refuse_what_is_not_kept(by, where)
        return cls(first, last, by, where, _limit(said.get("limit") or _LIMITS.get(by, "1000")))


def days_in(said: Mapping[str, str], today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The first and the last day that are meant: without a word the last 30. Raises `BadQuestion`."""
    last = _date("to", said["to"]) if said.get("to") else today
    default = last - datetime.timedelta(min(_DAYS_BY_DEFAULT - 1, (last - datetime.date(1970, 1, 1)).days))
    first = _date("from", said["from"]) if said.get("from") else default
    if first > last:
        raise BadQuestion("from", f"is {first}, which is after `to`, {last}.")
    return first, last


def _date(name: str, text: str) -> datetime.date:
    try:
        date = datetime.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        date = None
    if date is None:
        raise BadQuestion(name, "should be a day such as 2026-01-31.")
    if not 1970 <= date.year < 3000:
        raise BadQuestion(name, "should be a day between 1970 and 2999.")
    return date


def _by(text: str) -> By:
    if text not in BY:
        raise BadQuestion("by", f"should be one of {', '.join(BY)}.{did_you_mean(text, BY)}")
    return text


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _MOST_GROUPS):
        raise BadQuestion("limit", f"should be a number from 1 to {_MOST_GROUPS}.")
    return int(text)


def _refuse_what_is_not_kept(by: By, where: Mapping[str, str]) -> None:
    if "user" in where and by not in _OF_USERS:
        raise BadQuestion("user", f"goes with `by` as one of day, bot and user, not with `by={by}`.")
    about_users = by == "user" or "user" in where
    if about_users and (other := next((name for name in where if name not in {"user", "bot"}), None)):
        raise BadQuestion(other, "is not kept for each user; only `bot` and `user` are.")
