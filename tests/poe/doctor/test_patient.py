"""The key goes to the bot's address and nowhere else, whatever the other side does."""

import json
import logging

import pytest

from tests.poe.doctor.good_bot import DONE, HELLO, META, Bot, Reply, frame, stream, when
from tests.serving import serving
from utils.errors import ConfigError
from utils.poe.doctor import CHECKS, Patient, examine

CANARY = "canary-0123456789-never-to-be-seen"


async def everything_about(bot, **patient):
    async with serving(bot) as address, Patient(f"{address}/bot", CANARY, **patient) as examined:
        return [result async for result in examine(examined, CHECKS)]


def right_key_is(key, reply=None):
    """Lets this key in, and answers as a bot with the usual key does."""
    from tests.poe.doctor.good_bot import KEY, good_reply

    return Bot(lambda asked: reply or good_reply(asked._replace(authorization=asked.authorization.replace(key, KEY))))


async def test_a_redirect_is_not_followed():
    elsewhere = Bot()

    async with serving(elsewhere) as other:
        await everything_about(when(lambda asked: True, Reply(307, location=f"{other}/bot")))

    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, f"your key is {CANARY}: KeyError('{CANARY}')".encode()),
        stream(frame("error", {"text": f"{CANARY} KeyError('{CANARY}')"}), DONE),
        stream(META, f"event: text\ndata: {CANARY}\n\n".encode(), DONE),
        stream(frame(CANARY, {}), HELLO, DONE),
        Reply(200, json.dumps({"response_version": CANARY, CANARY: 1}).encode()),
        Reply(200, HELLO, f"text/{CANARY}"),
    ],
)
async def test_a_bot_that_repeats_the_key_does_not_make_it_seen(reply, caplog):
    caplog.set_level(logging.INFO)

    results = await everything_about(right_key_is(CANARY, reply))

    assert any(result.verdict == "fail" for result in results)
    assert CANARY not in repr(results)
    assert CANARY not in caplog.text


@pytest.mark.parametrize("key", [f"{CANARY}\n{CANARY}", f"{CANARY}é", f"{CANARY} x"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key):
    with pytest.raises(ConfigError) as refused:
        Patient("https://example.com/bot", key)

    assert "cannot be sent" in str(refused.value)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["", "bot", "ftp://example.com/bot", "http://", "https://me:secret-word@example.com/bot", "http://host:port/bot"],
)
def test_what_is_no_address_of_a_bot_is_refused(url):
    with pytest.raises(ConfigError) as refused:
        Patient(url)

    assert "secret-word" not in str(refused.value)


async def test_where_nobody_listens_the_first_check_fails_and_the_others_are_skipped():
    async with Patient("http://127.0.0.1:9/bot", CANARY) as examined:
        first, *others = [result async for result in examine(examined, CHECKS)]

    assert (first.verdict, first.detail) == ("fail", "the connection failed (ConnectError)")
    assert {result.verdict for result in others} == {"skipped"}
    assert others[0].detail == "the bot did not let us in"


async def test_without_a_key_what_needs_one_is_skipped():
    bot = right_key_is("", None)
    bot.instead = lambda asked: None if asked.method != "POST" else _open(asked)

    async with serving(bot) as address, Patient(f"{address}/bot") as examined:
        results = {result.name: result async for result in examine(examined, CHECKS)}

    skipped = {name for name, result in results.items() if result.detail == "needs the bot's access key"}
    assert skipped == {"wrong-key", "no-key", "bearer-in-lower-case"}
    assert {result.verdict for result in results.values()} == {"pass", "skipped"}
    assert {asked.authorization for asked in bot.asked} == {""}


def _open(asked):
    from tests.poe.doctor.good_bot import KEY, good_reply

    return good_reply(asked._replace(authorization=f"Bearer {KEY}"))


class Silent(Bot):
    """Takes a question and says nothing."""

    async def __call__(self, scope, receive, send):
        async def nothing_for_queries(message):
            if not self.asked[-1].turns:
                await send(message)
            elif message["type"] == "http.response.body":
                while (await receive())["type"] != "http.disconnect":
                    pass

        await super().__call__(scope, receive, send if scope["type"] == "lifespan" else nothing_for_queries)


async def test_a_bot_that_never_answers_is_given_up_and_not_asked_again_and_again():
    bot = Silent()
    bot.instead = right_key_is(CANARY).instead

    results = {result.name: result for result in await everything_about(bot, timeout_seconds=0.3)}

    assert results["answer"].verdict == "fail"
    assert results["answer"].detail == "it was not over after 0.3 seconds"
    assert results["answer-done"].detail == "there is no answer"
    assert results["tools"].verdict == "skipped"


class BreaksOff(Bot):
    """Hangs up in the middle of its answer."""

    async def __call__(self, scope, receive, send):
        async def half(message):
            if message.get("body", b"").startswith(META):
                await send({**message, "body": META + HELLO, "more_body": True})
                raise ConnectionError("gone")
            await send(message)

        await super().__call__(scope, receive, half)


async def test_an_answer_that_breaks_off_is_reported_with_what_came_of_it():
    bot = BreaksOff(right_key_is(CANARY).instead)

    results = {result.name: result for result in await everything_about(bot)}

    assert results["answer"].verdict == "pass"
    assert "the connection broke before the end" in results["answer-frames"].detail
    assert results["answer-done"].detail == "there are 0 `done` events"
