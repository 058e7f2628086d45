"""What the doors of the HTTP API stand on, whichever files are in force."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from utils.ledger.bills import Bills
from utils.routing import Board

from .catalogue import Catalogue
from .pictures import Fetch


@dataclass(frozen=True)
class Asking:
    """The server, as those see it who ask it by HTTP."""

    catalogue: Callable[[], Catalogue]
    """Whom one can ask now."""
    visiting: Callable[[], AbstractContextManager[None]]
    """Inside of it, what is asked stays open, also when the files change meanwhile."""
    board: Board
    bills: Bills
    """What single answers take."""
    fetch: Fetch
    """A picture of the web, for those who want to be shown its data."""

    def route_of(self, reference: str) -> str | None:
        """Who was asked for this answer, in order, and what came of it; None before it is over."""
        trace = next((trace for trace in reversed(self.board.traces) if trace.origin.reference == reference), None)
        if trace is None:
            return None
        return ", ".join(
            f"{tried.provider}:{tried.model or ''} {tried.error or tried.outcome} {tried.seconds:.3f}s"
            for tried in trace.tried
        )
