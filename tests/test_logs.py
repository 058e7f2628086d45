"""The log is written in one form, and no secret is ever in it."""

import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from utils.logs import Scrubber, configure_logging
from utils.settings import Settings

CANARY = "canary-0123456789"
LIBRARIES = ("httpx", "httpx2", "openai", "aiohttp", "asyncio", "uvicorn", "uvicorn.error", "uvicorn.access")

LogFormat = Literal["json", "console"]


@pytest.fixture(autouse=True)
def _libraries_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LIBRARIES]
    before = [(logger.level, logger.propagate, logger.handlers[:]) for logger in loggers]
    yield
    for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate, logger.handlers[:] = propagate, handlers


@pytest.fixture(params=["json", "console"])
def log_format(request: pytest.FixtureRequest) -> LogFormat:
    """Both forms that a log can have."""
    form: LogFormat = request.param
    return form


def log_a_failure(secret: str) -> None:
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
        structlog.get_logger("ours").exception("it.failed")


WAYS = {
    "event": lambda secret: structlog.get_logger("ours").warning(f"said {secret}"),
    "field": lambda secret: structlog.get_logger("ours").warning("said", word=secret),
    "nested field": lambda secret: structlog.get_logger("ours").warning("said", a={"b": [secret, {"c": secret}]}),
    "object": lambda secret: structlog.get_logger("ours").warning("said", a=Exception(secret)),
    "context": lambda secret: structlog.get_logger("ours").bind(word=secret).warning("said"),
    "library": lambda secret: logging.getLogger("some.library").warning("said %s", secret),
    "library's extra": lambda secret: logging.getLogger("some.library").warning("said", extra={"word": secret}),
    "library's mapping": lambda secret: logging.getLogger("some.library").warning("said %(w)s", {"w": secret}),
    "traceback": log_a_failure,
    "line that cannot be formatted": lambda secret: logging.getLogger("some.library").warning("said %d", secret),
}


@pytest.mark.parametrize(
    "secret", [CANARY, 'can"ary\\01234567', "canary-\n-01234567", "canáry-01234567", "can/ary?01&23"]
)
@pytest.mark.parametrize("way", WAYS)
def test_a_secret_never_reaches_the_log(capsys, log_format, way, secret):
    configure_logging(Settings(log_format=log_format), [secret])

    WAYS[way](secret)

    written = capsys.readouterr().err
    assert written
    forms = (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])
    assert not any(form in written for form in forms)
    assert "01234567" not in written


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("{'authorization': 'Bearer abc123'}", "{'authorization': 'Bearer ***'}"),
        ("GET https://me:pass@host/v1", "GET https://me:***@host/v1"),
        ("GET https://host/v1?a=1&key=abc&b=2", "GET https://host/v1?a=1&key=***&b=2"),
        ("GET https://host/v1?api_key=abc", "GET https://host/v1?api_key=***"),
        ("Incorrect API key provided: sk-proj-abcdefgh123", "Incorrect API key provided: sk-***"),
        ("gsk_abcdefgh12345 was refused", "gsk_*** was refused"),
        (
            "POST https://api.poe.com/bot/update_settings/Poet/abc",
            "POST https://api.poe.com/bot/update_settings/Poet/***",
        ),
        ("task-force and risk-averse people ask", "task-force and risk-averse people ask"),
        ("nothing to hide: https://host:8000/v1?page=2", "nothing to hide: https://host:8000/v1?page=2"),
    ],
)
def test_what_looks_like_a_secret_is_not_shown_either(line, shown):
    assert Scrubber([])(None, "", line) == shown


def test_a_secret_that_is_part_of_another_leaves_nothing_of_it():
    assert Scrubber(["secret", "secret-and-more"])(None, "", "a secret-and-more b") == "a *** b"


def test_json_lines_are_json(capsys):
    configure_logging(Settings(log_format="json"), [CANARY])

    structlog.get_logger("ours").warning("provider.failed", provider="openai", detail=f'"{CANARY}"')
    logging.getLogger("some.library").warning("said %s", "this")

    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())
    assert ours["event"] == "provider.failed"
    assert (ours["provider"], ours["detail"], ours["level"], ours["logger"]) == ("openai", '"***"', "warning", "ours")
    assert (theirs["event"], theirs["logger"]) == ("said this", "some.library")


def test_a_traceback_stands_in_the_json_line(capsys):
    configure_logging(Settings(log_format="json"), [])

    log_a_failure("reason")

    for line in map(json.loads, capsys.readouterr().err.splitlines()):
        assert "ValueError: refused: reason" in line["exception"]


def test_a_terminal_is_the_only_place_for_the_readable_form(capsys):
    configure_logging(Settings(log_format="auto"), [])

    structlog.get_logger("ours").warning("said")

    assert json.loads(capsys.readouterr().err)["event"] == "said"


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (Settings(), ["info", "warning"]),
        (Settings(log_level="warning"), ["warning"]),
        (Settings(log_level="error"), []),
        (Settings(debug=True, log_level="error"), ["debug", "info", "warning"]),
    ],
)
def test_the_level_decides_what_is_written(capsys, settings, shown):
    configure_logging(settings.with_changes(log_format="json"), [])
    log = structlog.get_logger("ours")

    for level in ("debug", "info", "warning"):
        log.log(logging.getLevelNamesMapping()[level.upper()], "said")

    assert [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()] == shown


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("library", ["httpx", "httpx2", "openai", "aiohttp"])
def test_libraries_that_tell_whole_addresses_are_heard_only_when_they_warn(capsys, library, debug):
    configure_logging(Settings(debug=debug), [])

    logging.getLogger(library).info("HTTP Request: POST https://host/v1?key=abc")
    quiet = capsys.readouterr().err
    logging.getLogger(library).warning("it broke")

    assert quiet == ""
    assert "it broke" in capsys.readouterr().err


def test_what_uvicorn_says_goes_through_the_same_form(capsys):
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler())
    configure_logging(Settings(log_format="json"), [])

    logging.getLogger("uvicorn.error").error("broken")

    assert json.loads(capsys.readouterr().err)["event"] == "broken"


def test_configuring_twice_writes_every_line_once(capsys):
    configure_logging(Settings(), [])
    configure_logging(Settings(), [])

    structlog.get_logger("ours").warning("said")

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_a_cut_leaves_of_a_secret_is_not_shown():
    secret = "verylongsecret-of-the-owner-0123456789"

    line = Scrubber([secret])(None, "", f'{{"detail": "refused: {secret[:-6]}", "key": "{secret[:25]}…", "n": 1}}')

    assert line == '{"detail": "refused: ***", "key": "***", "n": 1}'


def test_words_that_only_begin_like_a_secret_are_shown():
    line = Scrubber(["postgresql://owner:hunter2secret@db.example/bots"])(None, "", "use postgresql://host/name")

    assert line == "use postgresql://host/name"
