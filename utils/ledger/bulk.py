"""Many rows in one step: the database gets one statement, however many rows there are, and nothing is done for each."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

Row = Sequence[Any]


async def put(
    connection: "AsyncConnection",
    table: "Table",
    names: tuple[str, ...],
    rows: Sequence[Row],
    zeros: tuple[str, ...] = (),
    then: str = "",
) -> "CursorResult[Any]":
    """The rows are in the table. `names` are their columns, `zeros` those that are 0 in all of them.

    `then` is SQL for what stands there already, in words that both databases know. PostgreSQL can return something.
    """
    if connection.dialect.name == "postgresql":
        # One list for each column: https://www.postgresql.org/docs/current/functions-array.html#ARRAY-FUNCTIONS-TABLE
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        return await connection.exec_driver_sql(_of_lists(table, names, zeros) + then, columns)
    return await connection.exec_driver_sql(_row_by_row(table, names, zeros) + then, list(map(tuple, rows)))


@cache
def _types(table: "Table") -> dict[str, str]:
    from sqlalchemy.dialects import postgresql

    return {column.name: column.type.compile(postgresql.dialect()) for column in table.c}  # type: ignore[no-untyped-call]


def _of_lists(table: "Table", names: tuple[str, ...], zeros: tuple[str, ...]) -> str:
    types = _types(table)
    lists = ", ".join(f"${number}::{types[name]}[]" for number, name in enumerate(names, 1))
    return f"{_into(table, names + zeros)} SELECT row.*{', 0' * len(zeros)} FROM unnest({lists}) AS row"  # noqa: S608  # names of columns


def _row_by_row(table: "Table", names: tuple[str, ...], zeros: tuple[str, ...]) -> str:
    values = ", ".join((*("?" * len(names)), *("0" * len(zeros))))
    return f"{_into(table, names + zeros)} VALUES ({values})"


def _into(table: "Table", names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table.name} ({columns})"
