"""How the log is written: events with fields, readable on a terminal, JSON elsewhere, never with a secret in it."""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import structlog

from utils.settings import Settings

_LOOKS_SECRET = re.compile(
    r"(?i)(bearer\s+)[^\s\"',}]+|(://[^/\s:@]+:)[^/\s@]+(?=@)|([?&](?:api_?)?key=)[^&\s\"']+"
    r"|(\b(?:sk|gsk|xai|nvapi|csk|hf)[-_])[A-Za-z0-9_-]{8,}|(/bot/(?:update|fetch)_settings/[^/\s]+/)[^/\s]+"
)
_SHORTEST_BEGINNING = 8
"""Characters: whatever begins like half of a secret is taken for one, if that half is as long as this."""
_REST_OF_A_WORD = r"[^\s\"',;&<>{}\[\]()]*"
Secrets = Iterable[str] | Callable[[], frozenset[str]]
"""What must not be seen; a function gives the same object until there is more of it."""
_TALKATIVE = (
    "alembic",
    "httpx",
    "httpcore",
    "httpx2",
    "httpcore2",
    "openai",
    "aiohttp",
    "asyncio",
    "watchfiles",
    "hpack",
)
"""Libraries whose INFO lines hold whole addresses, and so keys, or say nothing for an owner."""


def configure_logging(settings: Settings, secrets: Secrets) -> None:
    """Send every log line of this process through one format. `secrets` never appear in it, whoever logs them."""
    json_lines = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso" if json_lines else "%H:%M:%S", utc=json_lines),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    )
    handler = _Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([structlog.processors.format_exc_info] if json_lines else []),
                renderer,
                Scrubber(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if settings.debug else settings.log_level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.default"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        # What uvicorn says of its comings and goings, the greeting says better.
        logging.getLogger(name).setLevel(logging.INFO if settings.debug else logging.WARNING)
    # uvicorn writes a line for every request as long as anybody would see it.
    logging.getLogger("uvicorn.access").propagate = settings.debug
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@contextmanager
def request_reference(reference: str) -> Iterator[None]:
    """Inside of it every log line of this task, and of those that it starts, has the reference as `ref`."""
    before = structlog.contextvars.bind_contextvars(ref=reference)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**before)


def reference_of_this_request() -> str:
    """The reference of the request that is being answered; empty where none is."""
    return str(structlog.contextvars.get_contextvars().get("ref", ""))


class Scrubber:
    """The last step of every log line: known secrets, and what looks like one, become `***`."""

    def __init__(self, secrets: Secrets) -> None:
        fixed = frozenset() if callable(secrets) else frozenset(secrets)
        self._secrets = secrets if callable(secrets) else lambda: fixed
        self._known: tuple[frozenset[str], re.Pattern[str] | None] = (frozenset(), None)

    def __call__(self, logger: Any, name: str, line: Any) -> str:
        """The line without secrets."""
        if (secrets := self._secrets()) is not self._known[0]:
            self._known = (secrets, _pattern_of(secrets))
        known = self._known[1]
        text = known.sub("***", str(line)) if known else str(line)
        return _LOOKS_SECRET.sub(lambda match: next((group for group in match.groups() if group), "") + "***", text)


def _pattern_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    written = {form for secret in secrets for form in _forms_of(secret)}
    longest_first = sorted(written, key=len, reverse=True)
    return re.compile("|".join(map(_whole_or_cut, longest_first))) if longest_first else None


def _whole_or_cut(secret: str) -> str:
    """Matches it, and what is left of it where a long text was cut in the middle of it."""
    half = len(secret) // 2
    if half < _SHORTEST_BEGINNING:
        return re.escape(secret)
    return f"{re.escape(secret[:half])}(?:{re.escape(secret[half:])}|{_REST_OF_A_WORD})"


def _forms_of(secret: str) -> Iterator[str]:
    """The secret as a log line may hold it: as itself, or inside Python's or JSON's quotes, or in an address."""
    for text in (secret, repr(secret)[1:-1]):
        yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield quote(secret, safe="")


class _Handler(logging.StreamHandler[Any]):
    """Writes to stderr. What cannot be formatted is not shown: it has not been scrubbed."""

    def handleError(self, record: logging.LogRecord) -> None:  # the name that logging calls
        with suppress(ValueError):  # the stream is closed: there is nobody to tell
            self.stream.write(f"a log line of {record.name} ({record.pathname}:{record.lineno}) could not be written\n")
