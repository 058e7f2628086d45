"""Finds the attempts that come first in an order, day by day: within a day an index has them in that order."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    exists,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from ..summaries.sums import day_number
from ..summaries.tables import DAYS, USER_DAYS
from ..tables import DAY_OF_ATTEMPT, HAS_ERROR, attempts
from .question import AttemptsQuestion
from .told import answer_told

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_DAY = 86_400_000_000
"""In microseconds."""
_MOST_DAYS_AT_A_TIME = 40
_FAILED = {"failed", "broken"}
"""These have an error, always."""
_SORTED_BY = {"latest": "at", "slowest": "seconds", "first_content": "first_content", "dearest": "cost"}

_OTHERS = attempts.alias("others")

_Name = tuple[str, ...]


async def answers(connection: "AsyncConnection", question: AttemptsQuestion) -> dict[str, Any]:
    """The answers, as they are told in JSON: each that has such an attempt, with all of its attempts."""
    end = question.offset + question.limit
    days, most = await _days(connection, question), 2 * (end + 1)
    while True:
        rows = await _foremost(connection, question, days, most)
        found: dict[_Name, RowMapping] = {}
        for row in rows:
            found.setdefault(_answer_of(row), row)
        if len(found) > end or len(rows) < most:
            break
        most *= 4  # some answers took many attempts
    shown = dict(list(found.items())[question.offset : end])
    whole = await _whole(connection, list(shown.values()))
    return {"answers": [answer_told(whole[name]) for name in shown], "is_all": len(found) <= end}


async def _days(connection: "AsyncConnection", question: AttemptsQuestion) -> list[int]:
    """The days with such attempts, as the sums know them, the last one first."""
    rollup = USER_DAYS if "user" in question.where else DAYS
    table = rollup.table
    where = [table.c[name] == value for name, value in question.where.items() if name in rollup.dimensions]
    between = table.c.day.between(day_number(question.first), day_number(question.last))
    chosen = select(table.c.day).where(between, *where).distinct().order_by(table.c.day.desc())
    return list((await connection.execute(chosen)).scalars())


async def _foremost(
    connection: "AsyncConnection", question: AttemptsQuestion, days: Sequence[int], most: int
) -> list[RowMapping]:
    """The first attempts in the order that is asked for, at most so many."""
    name = _SORTED_BY[question.order]
    rows: list[RowMapping] = []
    for some in _a_few_at_a_time(days, 1 if question.order == "latest" else _MOST_DAYS_AT_A_TIME):
        least = rows[-1][name] if len(rows) == most else None
        if least is not None and question.order == "latest":
            break
        parts = [_of_day(question, day, least).limit(most).subquery() for day in some]
        found = await connection.execute(union_all(*(select(part) for part in parts)))
        rows = sorted((*rows, *found.mappings()), key=lambda row: (row[name], row["number"]), reverse=True)[:most]
    return rows


def _of_day(question: AttemptsQuestion, day: int, least: int | None) -> Select[Any]:
    column = attempts.c[_SORTED_BY[question.order]]
    where: list[ColumnElement[bool]] = [attempts.c[name] == value for name, value in question.where.items()]
    is_of_failures = question.order == "latest" and question.where.get("outcome") in _FAILED
    if question.where.get("error") or is_of_failures:
        # Without the second of them SQLite does not see that few are left.
        where += [HAS_ERROR, attempts.c.error > literal_column("''")]
    if question.order == "latest" and not is_of_failures and not {"user", "error"} & question.where.keys():
        where.append(attempts.c.at.between(day * _DAY, (day + 1) * _DAY - 1))
    else:
        where += [DAY_OF_ATTEMPT.in_([day]), column.is_not(None), *([] if least is None else [column >= least])]
    if question.answered is not None:
        where.append(_is_answered(day) if question.answered else not_(_is_answered(day)))
    chosen = (*(attempts.c[name] for name in _TELLS_APART), attempts.c.id, attempts.c.number, attempts.c.at, column)
    return select(*dict.fromkeys(chosen)).where(and_(*where)).order_by(column.desc(), attempts.c.number.desc())


async def _whole(connection: "AsyncConnection", shown: Sequence[RowMapping]) -> dict[_Name, list[RowMapping]]:
    """All attempts of these answers, by the answer, in their order."""
    found: dict[_Name, list[RowMapping]] = {_answer_of(row): [] for row in shown}
    by_day: dict[int, list[RowMapping]] = {}
    for row in shown:
        by_day.setdefault(row["at"] // _DAY, []).append(row)
    for days in _a_few_at_a_time(list(by_day), _MOST_DAYS_AT_A_TIME):
        chosen = select(attempts).where(or_(*(_of_these(day, by_day[day]) for day in days)))
        for row in (await connection.execute(chosen)).mappings():
            name = _answer_of(row)
            if name in found:
                found[name].append(row)
    return {name: sorted(rows, key=lambda row: (row["attempt"], row["at"])) for name, rows in found.items()}


def _of_these(day: int, shown: Sequence[RowMapping]) -> ColumnElement[bool]:
    """Those of the answers of one day. Of an answer over midnight some attempts are on the day before or after."""
    references = sorted({row["reference"] for row in shown if row["reference"]})
    alone = attempts.c.id.in_(sorted(row["id"] for row in shown if not row["reference"]))
    together = and_(DAY_OF_ATTEMPT.in_([day - 1, day, day + 1]), attempts.c.reference.in_(references))
    return or_(alone, together)


_TELLS_APART = ("reference", "door", "bot", "user")
"""A reference is short: in a year others have the same by accident, but hardly of the same person on the same day."""


def _is_answered(day: int) -> ColumnElement[bool]:
    """Whether one of the attempts at the same answer has given it. Over midnight that may be on the next day."""
    # One index is right for this, that of days and references. What is joined to nothing leads to no other one.
    near = literal_column(f"({_OTHERS.name}.at / {_DAY})", BigInteger).in_([day - 1, day, day + 1])
    reference, *rest = _TELLS_APART
    same = (_OTHERS.c[reference] == attempts.c[reference], *(_OTHERS.c[name] + "" == attempts.c[name] for name in rest))
    another = exists().where(near, *same, _OTHERS.c.outcome == "answered").correlate(attempts)
    return or_(attempts.c.outcome == "answered", and_(attempts.c.reference != "", another))


def _answer_of(row: RowMapping) -> _Name:
    """What all attempts of one answer have in common. One without a reference stands for itself."""
    return tuple(row[name] for name in _TELLS_APART) if row["reference"] else (row["id"],)


def _a_few_at_a_time(days: Sequence[int], at_first: int) -> Iterator[Sequence[int]]:
    """So many, then more and more."""
    begin, many = 0, at_first
    while begin < len(days):
        yield days[begin : begin + many]
        begin, many = begin + many, min(4 * many, _MOST_DAYS_AT_A_TIME)
