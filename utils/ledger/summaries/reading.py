"""Reads the sums."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, case, cast, func, not_, select, union_all

from .group import told
from .intervals import NORMAL, WILSON
from .question import GROUPED, Question
from .sums import date_of, day_number
from .tables import DAYS, SUMS, USER_DAYS, USER_MONTHS, Rollup

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_DAY = datetime.timedelta(days=1)
_FAILURES, _LINE = "failures", "\n"

_Name = tuple[Any, ...]
_Part = tuple[Rollup, ColumnElement[bool]]


@dataclass
class _Group:
    """What was found of one group."""

    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))
    errors: dict[str, int] = field(default_factory=dict)

    def add(self, sums: Iterable[tuple[str, float]], errors: Mapping[str, int] = MappingProxyType({})) -> None:
        for name, amount in sums:
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
    rows = _added_up(_parts(question, along_people=True), ("user",), ("cost", "attempts")).subquery()
    dearest = (rows.c.cost.desc(), rows.c.attempts.desc(), rows.c.user)
    chosen = select(rows.c.user).order_by(*dearest).limit(question.limit + 1)
    users = list((await connection.execute(chosen)).scalars())
    groups = await _found(connection, _parts(question, users), ("user",))
    everybody = _parts(question if "user" in question.where else replace(question, by="bot"))
    return groups, _together((await _found(connection, everybody, ())).values())


async def _found(connection: "AsyncConnection", parts: Sequence[_Part], names: tuple[str, ...]) -> dict[_Name, _Group]:
    groups: dict[_Name, _Group] = defaultdict(_Group)
    for row in await connection.execute(_added_up(parts, names, SUMS, (_FAILURES,))):
        amounts = zip(SUMS, map(_number, row[len(names) : -1]), strict=True)
        groups[tuple(row[: len(names)])].add(amounts, _counted(row[-1] or ""))
    return dict(groups)


def _added_up(
    parts: Sequence[_Part], names: Sequence[str], sums: Sequence[str], texts: Sequence[str] = ()
) -> Select[Any]:
    """The sums of each group. Each part is added up by itself before: that goes along its index, and leaves little."""
    if len(parts) == 1:
        [(rollup, wanted)] = parts
        return _grouped(rollup.table, names, sums, dict.fromkeys(texts, _failure(rollup.table))).where(wanted)
    rows = union_all(*(_added_up([part], names, sums, texts) for part in parts)).subquery()
    return _grouped(rows, names, sums, {text: rows.c[text] for text in texts})


def _grouped(
    rows: FromClause, names: Sequence[str], sums: Sequence[str], texts: Mapping[str, ColumnElement[Any]]
) -> Select[Any]:
    columns = [rows.c[name] for name in names]
    added = [func.sum(rows.c[name]).label(name) for name in sums]
    joined = [func.aggregate_strings(text, _LINE).label(name) for name, text in texts.items()]
    # Without anything to group by there would be a row of nothing where there is nothing.
    return select(*columns, *added, *joined).group_by(*columns).having(func.count() > 0)


def _failure(table: FromClause) -> ColumnElement[Any]:
    """How many failed, and of what. To ask for failures by themselves takes nearly as long as for all the sums."""
    return case((table.c.error != "", cast(table.c.attempts, String) + " " + table.c.error))


def _counted(failures: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in failures.split(_LINE) if failures else ():
        count, _, error = line.partition(" ")
        counts[error] += int(count)
    return counts


def _parts(question: Question, users: Sequence[str] | None = None, *, along_people: bool = False) -> list[_Part]:
    """Where the sums stand that are needed, of these people. A person's whole months are added up already.

    `along_people` is for who needs no more of the months than stands in their index on people.
    """
    if not question.is_of_users:
        return [_part(DAYS, question)]
    if question.by == "day":
        return [_part(USER_DAYS, question)]
    months = _whole_months(question.first, question.last)
    if months is None:
        return [_part(USER_DAYS, question, users)]
    rollup, wanted = _part(USER_DAYS, question, users)
    days = rollup, and_(wanted, not_(_between(rollup.table.c.day, *months)))
    whole = replace(question, first=months[0], last=months[1])
    return [days, _part(USER_MONTHS, whole, users, along_people=along_people and not question.where)]


def _part(
    rollup: Rollup, question: Question, users: Sequence[str] | None = None, *, along_people: bool = False
) -> _Part:
    columns = rollup.table.c
    # With the plain column SQLite would read all days of everybody, instead of the index on people.
    day = columns.day + 0 if along_people or users is not None else columns.day
    where = [columns[name] == value for name, value in question.where.items()]
    people = [] if users is None else [columns.user.in_(users)]
    return rollup, and_(*people, _between(day, question.first, question.last), *where)


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
        total.add(group.sums.items(), group.errors)
    return total


def _in_order(question: Question) -> Any:
    if question.by == "day":
        return lambda item: item[0]
    return lambda item: (-item[1].sums["cost"], -item[1].sums["attempts"], item[0])


def _named(names: Sequence[str], values: _Name) -> dict[str, str]:
    said = dict(zip(names, values, strict=True))
    return {name: date_of(value).isoformat() if name == "day" else value for name, value in said.items()}
