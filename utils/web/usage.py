"""GET /usage, /usage/attempts and /usage/budgets: what the answers took and cost, for the owner.

    /usage?by=model&from=2026-01-01&to=2026-01-31&bot=Poet          JSON
    /usage?by=day&format=csv                                        a table; so does `Accept: text/csv`
    /usage/attempts?outcome=failed&order=slowest                    single answers, with each attempt
    /usage/budgets                                                  what is left

Days are those of UTC, and the last one is included.
"""

import datetime
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from utils.ledger.attempts import told
from utils.ledger.attempts.question import AttemptsQuestion
from utils.ledger.budgets import Budgets, Limit
from utils.ledger.budgets.listing import listed
from utils.ledger.database import Database
from utils.ledger.summaries.as_csv import as_csv
from utils.ledger.summaries.question import BadQuestion, Question
from utils.ledger.trouble import StoreTrouble

from .operator_key import error

_FORMATS = ("json", "csv")

Answer = Callable[[Any, Mapping[str, str], datetime.date], Awaitable[dict[str, Any]]]
"""What is found over a connection for the words of an address, on that day. Raises `BadQuestion`."""


def today_in_utc() -> datetime.date:
    """The day that it is now."""
    return datetime.datetime.now(datetime.UTC).date()


async def sums(connection: Any, said: Mapping[str, str], today: datetime.date) -> dict[str, Any]:
    """What attempts add up to."""
    from utils.ledger.summaries.reading import summary

    return await summary(connection, Question.of(said, today))


async def attempts(connection: Any, said: Mapping[str, str], today: datetime.date) -> dict[str, Any]:
    """Single answers."""
    from utils.ledger.attempts.reading import answers

    return await answers(connection, AttemptsQuestion.of(said, today))


class UsagePage:
    """Answers questions about what is in the database."""

    def __init__(
        self,
        database: Database,
        answer: Answer = sums,
        as_table: Callable[[Mapping[str, Any]], str] = as_csv,
        name: str = "usage",
        today: Callable[[], datetime.date] = today_in_utc,
    ) -> None:
        """`as_table` makes a table of an answer, which is called `name` where it is a file."""
        self._database = database
        self._answer = answer
        self._as_table = as_table
        self._headers = {
            "content-disposition": f'attachment; filename="{name}.csv"',
            "x-content-type-options": "nosniff",
        }
        self._today = today

    @classmethod
    def of_attempts(cls, database: Database) -> "UsagePage":
        """The page of single answers."""
        return cls(database, attempts, told.as_csv, "attempts")

    async def __call__(self, request: Request) -> Response:
        """What was found, or a sentence about what is wrong with the question."""
        try:
            said = _understood(request.query_params.multi_items())
            form = _format(said.pop("format", ""), request.headers.get("accept", ""))
            async with self._database.connect() as connection:
                found = await self._answer(connection, said, self._today())
        except BadQuestion as exc:
            return JSONResponse({"error": str(exc), "field": exc.field}, 400)
        except StoreTrouble as exc:
            return error(503, str(exc), **{"retry-after": "10"})
        if form == "json":
            return JSONResponse(found)
        return Response(self._as_table(found), media_type="text/csv", headers=self._headers)


@dataclass(frozen=True)
class BudgetsPage:
    """Shows what may be spent, and what was."""

    limits: Callable[[], Iterable[Limit]]
    """All budgets that are in force now."""
    budgets: Budgets

    async def __call__(self, request: Request) -> Response:
        """Every budget, the fullest first."""
        if said := next(iter(request.query_params), None):
            return JSONResponse({"error": f"`{said}` is not known: nothing can be chosen here.", "field": said}, 400)
        try:
            states = await self.budgets.state()
        except StoreTrouble as exc:
            return error(503, str(exc), **{"retry-after": "10"})
        return JSONResponse({"budgets": listed(self.limits(), states, time.time())})


def _understood(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The words of an address, each once, and nothing that PostgreSQL would not take."""
    said: dict[str, str] = {}
    for name, value in items:
        if name in said:
            raise BadQuestion(name, "stands there more than once.")
        if "\0" in value:
            raise BadQuestion(name, "has a NUL in it, which no name has.")
        said[name] = value
    return said


def _format(said: str, accept: str) -> str:
    if said and said not in _FORMATS:
        raise BadQuestion("format", f"should be one of {', '.join(_FORMATS)}.")
    return said or ("csv" if "text/csv" in accept.lower() else "json")
