"""Reads the sums."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Subquery, and_, func, not_, select, union_all

from .group import told
from .intervals import NORMAL, WILSON
from .question import GROUPED, Question
from .sums import date_of, day_number
from .tables import DAYS, SUMS, USER_DAYS, USER_MONTHS, Rollup

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_DAY = datetime.timedelta(days=1)

_Name = tuple[Any, ...]
_Part = tuple[Rollup, ColumnElement[bool]]


@dataclass
class _Group:
    """What was found of one group."""

    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))
    errors: dict[str, int] = field(default_factory=dict)

    def add(self, sums: Mapping[str, float], errors: Mapping[str, int]) -> None:
        for name, amount in sums.items():
            self.sums[name] += amount
        for error, count in errors.items():
            self.errors[error] = self.errors.get(error, 0) + count


async def summary(connection: "AsyncConnection", question: Question) -> dict[str, Any]:
    """The answer, as it is told in JSON: a line for each group, the dearest first or day by day, and their total."""
    names, compares = GROUPED[question.by], question.by == "variant"
    if question.by == "user":
        groups, total = await _of_users(connection, question)
    else:
        groups = await _found(connection, _parts(question), names)
        total = _together(groups.values())
    shown = sorted(groups.items(), key=_in_order(question))[: question.limit]
    return {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "by": question.by,
        "where": dict(question.where),
        "groups": [
            {**_named(names, name), **told(group.sums, group.errors, with_intervals=compares)} for name, group in shown
        ],
        "is_all": len(shown) == len(groups),
        "total": told(total.sums, total.errors),
        **({"methods": {"error_rate": WILSON, "means": NORMAL}} if compares else {}),
    }


async def _of_users(connection: "AsyncConnection", question: Question) -> tuple[dict[_Name, _Group], _Group]:
    """The dearest ones with one more, and all together. What takes long to add up is added up for those alone."""
    rows = _rows(_parts(question), ("user", "cost", "attempts"))
    dearest = (func.sum(rows.c.cost).desc(), func.sum(rows.c.attempts).desc(), rows.c.user)
    chosen = select(rows.c.user).group_by(rows.c.user).order_by(*dearest).limit(question.limit + 1)
    users = list((await connection.execute(chosen)).scalars())
    groups = await _found(connection, _parts(question, users), ("user",))
    everybody = _parts(question if "user" in question.where else replace(question, by="bot"))
    return groups, _together((await _found(connection, everybody, ())).values())


async def _found(connection: "AsyncConnection", parts: Sequence[_Part], names: tuple[str, ...]) -> dict[_Name, _Group]:
    rows = _rows(parts, (*names, "error", *SUMS))
    told_apart = [rows.c[name] for name in (*names, "error")]
    chosen = select(*told_apart, *(func.sum(rows.c[name]) for name in SUMS)).group_by(*told_apart)
    groups: dict[_Name, _Group] = {}
    for row in await connection.execute(chosen):
        sums = dict(zip(SUMS, map(_number, row[len(told_apart) :]), strict=True))
        error = row[len(names)]
        group = groups.setdefault(tuple(row[: len(names)]), _Group())
        group.add(sums, {error: int(sums["attempts"])} if error else {})
    return groups


def _rows(parts: Sequence[_Part], columns: Sequence[str]) -> Subquery:
    chosen = [select(*(rollup.table.c[name] for name in columns)).where(wanted) for rollup, wanted in parts]
    return (union_all(*chosen) if len(chosen) > 1 else chosen[0]).subquery()


def _parts(question: Question, users: Sequence[str] | None = None) -> list[_Part]:
    """Where the sums stand that are needed, of these people. A person's whole months are added up already."""
    if not question.is_of_users:
        return [_part(DAYS, question)]
    if question.by == "day":
        return [_part(USER_DAYS, question)]
    months = _whole_months(question.first, question.last)
    if months is None:
        return [_part(USER_DAYS, question, users)]
    rollup, wanted = _part(USER_DAYS, question, users)
    days = rollup, and_(wanted, not_(_between(rollup.table.c.day, *months)))
    return [days, _part(USER_MONTHS, replace(question, first=months[0], last=months[1]), users)]


def _part(rollup: Rollup, question: Question, users: Sequence[str] | None = None) -> _Part:
    where = [rollup.table.c[name] == value for name, value in question.where.items()]
    if users is None:
        return rollup, and_(_between(rollup.table.c.day, question.first, question.last), *where)
    # With the plain column SQLite would read all days of everybody, instead of the index on people.
    days = _between(rollup.table.c.day + 0, question.first, question.last)
    return rollup, and_(rollup.table.c.user.in_(users), days, *where)


def _between(day: ColumnElement[int], first: datetime.date, last: datetime.date) -> ColumnElement[bool]:
    return day.between(day_number(first), day_number(last))


def _whole_months(first: datetime.date, last: datetime.date) -> tuple[datetime.date, datetime.date] | None:
    """The first day of the first one and the last day of the last one; None where there is no whole month."""
    begins = first if first.day == 1 else (first.replace(day=28) + 4 * _DAY).replace(day=1)
    ends = last if (last + _DAY).day == 1 else last.replace(day=1) - _DAY
    return (begins, ends) if begins <= ends else None


def _number(value: Any) -> float:
    """Integers stay exact; PostgreSQL gives them as decimals."""
    return value if isinstance(value, int | float) else int(value)


def _together(groups: Iterable[_Group]) -> _Group:
    total = _Group()
    for group in groups:
        total.add(group.sums, group.errors)
    return total


def _in_order(question: Question) -> Any:
    if question.by == "day":
        return lambda item: item[0]
    return lambda item: (-item[1].sums["cost"], -item[1].sums["attempts"], item[0])


def _named(names: Sequence[str], values: _Name) -> dict[str, str]:
    said = dict(zip(names, values, strict=True))
    return {name: date_of(value).isoformat() if name == "day" else value for name, value in said.items()}
