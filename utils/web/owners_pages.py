"""What the owner reads with a key, at paths of their own: /usage and /metrics."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from utils.keys import Keyring
from utils.ledger.database import Database

from .metrics import MetricsPage, Watched
from .operator_key import ADMIN_KEY, METRICS_KEY, OperatorKey, Page, Shown, error
from .usage import BudgetsPage, UsagePage


def owners_pages(
    database: Database | None, watched: Watched, budgets: BudgetsPage, keyring: Keyring | None = None
) -> Mapping[str, Shown]:
    """The pages by their paths. A `database` of None is a ledger of which nothing can be read."""
    usage: dict[str, Page] = {
        "/usage": UsagePage(database) if database else _no_usage,
        "/usage/attempts": UsagePage.of_attempts(database) if database else _no_usage,
        "/usage/budgets": budgets,
    }
    metrics = OperatorKey((METRICS_KEY, ADMIN_KEY), keyring)
    return {
        "/usage": Shown(OperatorKey((ADMIN_KEY,), keyring), usage),
        "/metrics": Shown(metrics, {"/metrics": MetricsPage(watched)}),
    }


async def _no_usage(request: Request) -> Response:
    return error(503, "This server keeps no records that could be read here: set DATABASE_URL, or LEDGER=sqlite.")
