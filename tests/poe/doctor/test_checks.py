"""For every check a bot that breaks just its rule: the check says so, and why."""

import asyncio
import json

import pytest

from tests.poe.doctor.good_bot import (
    DONE,
    HELLO,
    KEY,
    META,
    SETTINGS,
    Bot,
    Reply,
    frame,
    has_turn,
    replies,
    saying,
    stream,
    when,
)
from tests.serving import serving
from utils.poe.doctor import CHECKS, Patient, examine

LETS_POE_IN = CHECKS[0]


async def results_of(bot, *names, **patient):
    checks = [LETS_POE_IN, *(check for check in CHECKS[1:] if check.name in names or not names)]
    async with serving(bot) as address, Patient(f"{address}/bot", KEY, **patient) as examined:
        return {result.name: result async for result in examine(examined, checks)}


def with_settings(**changes):
    body = json.dumps({**SETTINGS, **changes}).encode()
    return when(lambda asked: asked.get("type") == "settings" and asked.authorization != "", Reply(200, body))


def typed(name, reply):
    return when(lambda asked: asked.get("type") == name, reply)


def error(**data):
    return frame("error", data)


class OneAtATime(Bot):
    """Sends away whoever comes while it is answering."""

    def __init__(self) -> None:
        super().__init__()
        self.second_has_come = asyncio.Event()
        self.is_busy = False

    async def __call__(self, scope, receive, send):
        if self.is_busy and scope["type"] == "http":
            self.instead = lambda asked: Reply(503)
            self.second_has_come.set()
        await super().__call__(scope, receive, self.waiting(send))

    def waiting(self, send):
        async def sends(message):
            if self.asked and "number" in str(self.asked[-1].turns) and not self.second_has_come.is_set():
                self.is_busy = True
                await self.second_has_come.wait()
            await send(message)

        return sends


BROKEN_FRAME = b'event: text\ndata: {"text": "a\r\nb"}\n\n'
SLOPPY_CONTROLS = {"api_version": "2", "sections": [{"controls": [{"control": "dropdown", "label": "x"}]}]}
REDIRECT = Reply(307, location="/bot")
LEAK = b'{"error": "Traceback (most recent call last):\\n  File \\"/srv/bot.py\\", line 3"}'

BROKEN = [
    ("lets-poe-in", lambda: when(lambda asked: True, Reply(404)), "there is no bot at this address"),
    ("lets-poe-in", lambda: when(lambda asked: True, Reply(405)), "no bot"),
    ("lets-poe-in", lambda: when(lambda asked: True, Reply(401)), "--key"),
    ("lets-poe-in", lambda: when(lambda asked: True, REDIRECT), "leads elsewhere (307)"),
    ("wrong-key", lambda: when(lambda asked: "x" * 32 in asked.authorization, Reply(200)), "it answered 200"),
    ("no-key", lambda: when(lambda asked: not asked.authorization, Reply(200)), "it answered 200"),
    (
        "bearer-in-lower-case",
        lambda: when(lambda asked: asked.authorization.startswith("bearer"), Reply(401)),
        "it answered 401",
    ),
    ("settings", lambda: typed("settings", Reply(500)), "it answered 500"),
    ("settings", lambda: typed("settings", Reply(200, b"[]")), "no JSON object"),
    ("settings", lambda: typed("settings", Reply(200, b"{}", "text/html")), "the content type is text/html"),
    ("settings-version", lambda: with_settings(response_version=0), "`response_version` is 0"),
    ("settings-version", lambda: typed("settings", Reply(200)), "`response_version` is missing"),
    ("settings-known", lambda: with_settings(introduction="Hi"), "no setting `introduction`"),
    ("settings-known", lambda: with_settings(allow_attachments="perhaps"), "`allow_attachments`"),
    ("settings-controls", lambda: with_settings(parameter_controls=SLOPPY_CONTROLS), "drop_down"),
    ("settings-controls", lambda: with_settings(parameter_controls=[]), "should be a JSON object"),
    ("answer", lambda: typed("query", Reply(500)), "it answered 500"),
    ("answer-content-type", lambda: typed("query", Reply(200, META + HELLO + DONE, "text/plain")), "text/plain"),
    ("answer-frames", lambda: saying(META, BROKEN_FRAME, DONE), "is no JSON"),
    ("answer-frames", lambda: saying(META, HELLO, DONE[:-1]), "in the middle of an event"),
    ("answer-events", lambda: saying(META, frame("tool_call", {}), HELLO, DONE), "unknown events: `tool_call`"),
    (
        "answer-data",
        lambda: saying(META, frame("text", {"text": None}), HELLO, DONE),
        "`text` of a `text` event is None",
    ),
    (
        "answer-data",
        lambda: saying(frame("file", {"url": "u", "content_type": "c", "name": "n", "inline_ref": ""}), HELLO, DONE),
        "`inline_ref` of a `file` event is ''",
    ),
    ("answer-data", lambda: saying(error(text="No.", error_type="mine"), DONE), "`error_type`"),
    ("answer-meta", lambda: saying(HELLO, META, DONE), "event number 2"),
    ("answer-meta", lambda: saying(META, META, HELLO, DONE), "event number 2"),
    ("answer-text", lambda: saying(META, DONE), "neither text nor an error"),
    ("answer-text", lambda: saying(META, frame("text", {"text": ""}), DONE), "neither text nor an error"),
    ("answer-done", lambda: saying(META, HELLO), "0 `done` events"),
    ("answer-done", lambda: saying(META, HELLO, DONE, DONE), "2 `done` events"),
    ("answer-done", lambda: saying(META, DONE, HELLO), "after `done` there is `text`"),
    ("answer-error", lambda: saying(error(text="No."), HELLO, DONE), "after `error` there is text, done"),
    ("answer-error", lambda: saying(error(text="No.")), "after `error` there is nothing"),
    ("answer-limits", lambda: saying(META, HELLO * 10_000, DONE), "10002 events"),
    ("answer-limits", lambda: saying(META, frame("text", {"text": "x" * 512_001}), DONE), "512001 characters"),
    ("bad-json", lambda: when(lambda asked: asked.raw.startswith(b'{"type'), Reply(500)), "it answered 500"),
    ("bad-json", lambda: when(lambda asked: asked.raw == b"" and asked.method == "POST", Reply(500)), "500"),
    ("array-body", lambda: when(lambda asked: isinstance(asked.body, list), Reply(500)), "it answered 500"),
    ("missing-type", lambda: when(lambda asked: asked.body == {"version": "1.2"}, Reply(500)), "it answered 500"),
    ("unknown-type", lambda: typed("from_the_future", Reply(200)), "it answered 200"),
    ("empty-query", lambda: when(lambda asked: asked.get("query") == [], Reply(500)), "it answered 500"),
    ("empty-query", lambda: when(lambda asked: asked.get("query") == [], stream(DONE)), "without an `error` event"),
    ("unknown-fields", lambda: when(lambda asked: bool(asked.get("from_the_future")), Reply(400)), "400"),
    ("empty-ids", lambda: when(lambda asked: asked.get("user_id") == "", Reply(400)), "it answered 400"),
    ("large-body", lambda: when(lambda asked: len(asked.raw) > 1_000_000, Reply(413)), "it answered 413"),
    ("trailing-slash", lambda: when(lambda asked: asked.path.endswith("/"), REDIRECT), "it answered 307"),
    ("get", lambda: when(lambda asked: asked.method == "GET", Reply(500)), "it answered 500"),
    ("unknown-role", lambda: when(has_turn(lambda turn: turn["role"] == "narrator"), Reply(500)), "500"),
    (
        "unknown-role",
        lambda: when(has_turn(lambda turn: turn["role"] == "narrator"), stream(error(text="What?"), DONE)),
        "unlike to a plain question: What?",
    ),
    ("unknown-content-type", lambda: when(has_turn(lambda turn: "future" in turn["content_type"]), Reply(500)), "500"),
    ("unknown-feedback", lambda: when(has_turn(lambda turn: "feedback" in turn), Reply(500)), "500"),
    ("null-content", lambda: when(has_turn(lambda turn: turn["content"] is None), Reply(500)), "500"),
    ("unknown-message-fields", lambda: when(has_turn(lambda turn: "from_the_future" in turn), Reply(500)), "500"),
    ("attachments", lambda: when(has_turn(lambda turn: bool(turn["attachments"])), Reply(500)), "500"),
    ("parameters", lambda: when(has_turn(lambda turn: "parameters" in turn), stream(META, DONE)), "neither text nor"),
    ("tools", lambda: when(lambda asked: bool(asked.get("tools")), stream(META, HELLO)), "the last event is `text`"),
    (
        "unicode",
        lambda: when(has_turn(lambda turn: "🙂" in turn["content"]), stream(BROKEN_FRAME, DONE)),
        "is no field",
    ),
    ("report-feedback", lambda: typed("report_feedback", Reply(501)), "it answered 501"),
    ("report-reaction", lambda: typed("report_reaction", Reply(501)), "it answered 501"),
    (
        "report-unknown-reaction",
        lambda: when(lambda asked: asked.get("reaction") == "from_the_future", Reply(400)),
        "it answered 400",
    ),
    ("report-error", lambda: typed("report_error", Reply(500)), "it answered 500"),
    ("several-at-once", OneAtATime, "it answered 503"),
    ("disconnect", lambda: replies([None, None, Reply(500)]), "it answered 500"),
    (
        "error-texts",
        lambda: when(lambda asked: asked.raw == b"{", Reply(400, LEAK)),
        "Traceback (most recent call last)",
    ),
    (
        "error-texts",
        lambda: when(
            lambda asked: asked.get("query") == [], stream(error(text="No.", raw_response="KeyError('x')"), DONE)
        ),
        "KeyError(",
    ),
]


async def test_a_bot_that_does_everything_right_passes_every_check():
    results = await results_of(Bot())

    verdicts = {name: result.verdict for name, result in results.items()}
    assert list(results) == [check.name for check in CHECKS]
    assert verdicts == {**dict.fromkeys(verdicts, "pass"), "answer-error": "skipped"}


@pytest.mark.parametrize(("name", "broken", "why"), BROKEN, ids=[f"{row[0]}-{row[2]}" for row in BROKEN])
async def test_a_bot_that_breaks_a_rule_is_told_which_one_and_how(name, broken, why):
    result = (await results_of(broken(), name))[name]

    check = next(check for check in CHECKS if check.name == name)
    assert (result.verdict, result.rule) == (check.severity, check.rule)
    assert why in result.detail


def test_every_check_has_a_bot_that_breaks_its_rule():
    assert {row[0] for row in BROKEN} | {"answer-first-event"} == {check.name for check in CHECKS}


async def test_a_first_event_that_comes_late_is_a_failure():
    result = (await results_of(Bot(), "answer-first-event", first_event_seconds=0))["answer-first-event"]

    assert result.verdict == "fail"
    assert "the first event came after" in result.detail


@pytest.mark.parametrize("data", [{"text": "No credit."}, {"text": "No credit.", "allow_retry": False}])
async def test_a_bot_that_answers_even_a_plain_question_with_an_error_is_not_blamed_for_it_again(data):
    results = await results_of(saying(error(**data), DONE))

    assert {name for name, result in results.items() if result.verdict not in ("pass", "skipped")} == set()
    assert results["answer-error"].verdict == "pass"


async def test_where_a_plain_question_is_not_answered_no_other_is_asked():
    bot = typed("query", Reply(503))

    results = await results_of(bot)

    assert {name for name, result in results.items() if result.verdict == "fail"} == {"answer"}
    assert results["unknown-role"].detail == "a plain question is not answered either"


async def test_names_of_checks_are_unique_and_rules_are_sentences():
    names = [check.name for check in CHECKS]

    assert len(names) == len(set(names)) > 30
    assert [check.rule for check in CHECKS if not check.rule.endswith(".")] == []
