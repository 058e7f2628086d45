"""The files are read again; or it is said why what was served before goes on."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from utils.errors import PoeBotsError

_log = structlog.get_logger(__name__)

Reload = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class TakenOver:
    """What came of it: either a change, or why there is none."""

    change: Mapping[str, Any] | None = None
    why_not: str | None = None


async def taken_over(reload: Reload) -> TakenOver:
    """Read the files again. Whatever goes wrong is a sentence, since the owner waits for it, and is in the log."""
    try:
        return TakenOver(dict(await reload()))
    except Exception as exc:  # the class of a bot may be somebody else's code
        reference = secrets.token_hex(4)
        _log.exception("config.not_taken_over", ref=reference)
        why = str(exc) if isinstance(exc, PoeBotsError) else f"{type(exc).__name__}; the log has it (ref: {reference})."
        return TakenOver(why_not=why)
