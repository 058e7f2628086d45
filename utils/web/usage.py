"""GET /usage: what the answers took and cost, for the owner.

    /usage?by=model&from=2026-01-01&to=2026-01-31&bot=Poet          JSON
    /usage?by=day&format=csv                                        a table; so does `Accept: text/csv`

Days are those of UTC, and the last one is included.
"""

import datetime
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from utils.ledger.database import Database
from utils.ledger.summaries.as_csv import as_csv
from utils.ledger.summaries.question import BadQuestion, Question
from utils.ledger.trouble import StoreTrouble

from .operator_key import error

_FORMATS = ("json", "csv")


def today_in_utc() -> datetime.date:
    """The day that it is now."""
    return datetime.datetime.now(datetime.UTC).date()


class UsagePage:
    """Answers questions about what is in the database."""

    def __init__(self, database: Database, today: Callable[[], datetime.date] = today_in_utc) -> None:
        self._database = database
        self._today = today

    async def __call__(self, request: Request) -> Response:
        """The summary, or a sentence about what is wrong with the question."""
        from utils.ledger.summaries.reading import summary

        said = dict(request.query_params)
        try:
            form = _format(said.pop("format", ""), request.headers.get("accept", ""))
            question = Question.of(said, self._today())
            async with self._database.connect() as connection:
                found = await summary(connection, question)
        except BadQuestion as exc:
            return JSONResponse({"error": str(exc), "field": exc.field}, 400)
        except StoreTrouble as exc:
            return error(503, str(exc), **{"retry-after": "10"})
        return (
            Response(as_csv(found), media_type="text/csv", headers=_AS_A_FILE) if form == "csv" else JSONResponse(found)
        )


_AS_A_FILE = {"content-disposition": 'attachment; filename="usage.csv"', "x-content-type-options": "nosniff"}


def _format(said: str, accept: str) -> str:
    if said and said not in _FORMATS:
        raise BadQuestion("format", f"should be one of {', '.join(_FORMATS)}.")
    return said or ("csv" if "text/csv" in accept.lower() else "json")
