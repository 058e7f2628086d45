import asyncio
import json

import fastapi_poe as fp
import pytest
from starlette.requests import Request

from utils.errors import BotError, BotErrorNoRetry, KeyMissing, Overloaded
from utils.poe import BaseBot
from utils.poe.door.answer import Answer
from utils.poe.door.frames import Replacement, replace_frame, text_frame

HTTP = Request({"type": "http", "method": "POST", "path": "/", "headers": []})


def bot_saying(*events, base=BaseBot):
    class Bot(base):
        bot_name = "Bot"

        async def get_response(self, request):
            for event in events:
                if isinstance(event, BaseException):
                    raise event
                yield event

    return Bot()


async def answer_of(bot, *turns):
    query = [fp.ProtocolMessage(role="user", content=turn) for turn in turns or ("hi",)]
    request = fp.QueryRequest(version="1.2", type="query", query=query, user_id="", conversation_id="", message_id="m1")
    raw = await raw_answer(Answer(bot, request, fp.RequestContext(http_request=HTTP)))
    return [_event(block) for block in raw.decode("ascii").split("\r\n\r\n") if block]


async def raw_answer(answer):
    pieces = [piece async for piece in answer.pieces()]
    return b"".join([*map(as_frames, pieces), answer.ending])


def as_frames(piece):
    if isinstance(piece, Replacement):
        return replace_frame(piece.text)
    return text_frame(piece) if isinstance(piece, str) else piece


def _event(block):
    fields = dict(line.split(": ", 1) for line in block.split("\r\n"))
    return fields["event"], json.loads(fields["data"])


def text(said, **more):
    return fp.PartialResponse(text=said, **more)


META = (
    "meta",
    {"content_type": "text/markdown", "refetch_settings": False, "linkify": True, "suggested_replies": False},
)
DONE: tuple[str, dict[str, object]] = ("done", {})


async def test_an_answer_opens_with_meta_and_ends_with_done():
    assert await answer_of(bot_saying(text("hello"))) == [META, ("text", {"text": "hello"}), DONE]


async def test_the_bots_own_meta_comes_first_and_only_once():
    plain = fp.MetaResponse(text="", content_type="text/plain", linkify=False, suggested_replies=True)
    late = fp.MetaResponse(text="", content_type="text/markdown")

    events = await answer_of(bot_saying(plain, text("a"), late, text("b")))

    assert [name for name, _ in events] == ["meta", "text", "text", "done"]
    assert events[0][1]["content_type"] == "text/plain"
    assert events[0][1]["suggested_replies"] is True


async def test_a_plain_poe_bot_opens_as_it_does_elsewhere():
    assert await answer_of(bot_saying(text("hello"), base=fp.PoeBot)) == [("text", {"text": "hello"}), DONE]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("just a string", [("text", {"text": "just a string"})]),
        (text("x", is_replace_response=True), [("replace_response", {"text": "x"})]),
        (text("", is_replace_response=True), [("replace_response", {"text": ""})]),
        (text("x", is_suggested_reply=True), [("suggested_reply", {"text": "x"})]),
        (text("x", index=2), [("text", {"text": "x", "index": 2})]),
        (text("", data={"a": 1}), [("json", {"a": 1})]),
        (fp.DataResponse(metadata="m"), [("data", {"metadata": "m"})]),
        (fp.PoeBot.text_event("raw"), [("text", {"text": "raw"})]),
        (
            text("", attachment=fp.Attachment(url="https://x", content_type="image/png", name="n")),
            [("file", {"url": "https://x", "content_type": "image/png", "name": "n"})],
        ),
        (
            text("![a][r]", attachment=fp.Attachment(url="https://x", content_type="a/b", name="n", inline_ref="r")),
            [
                ("file", {"url": "https://x", "content_type": "a/b", "name": "n", "inline_ref": "r"}),
                ("text", {"text": "![a][r]"}),
            ],
        ),
    ],
)
async def test_everything_that_a_bot_can_yield_becomes_its_event(event, expected):
    assert await answer_of(bot_saying(event)) == [META, *expected, DONE]


async def test_text_of_any_script_arrives_as_it_was():
    words = 'ß 日本語 🙂 \u2028 \u0085 \x00 "quoted" \\ \r\n end'

    events = await answer_of(bot_saying(text(words)))

    assert events[1] == ("text", {"text": words})


async def test_a_bot_that_says_nothing_ends_with_an_error():
    events = await answer_of(bot_saying())

    assert [name for name, _ in events] == ["error", "done"]
    assert "empty answer" in events[0][1]["text"]


async def test_empty_text_is_nothing():
    events = await answer_of(bot_saying(text("")))

    assert [name for name, _ in events] == ["meta", "error", "done"]


async def test_an_error_that_the_bot_reports_is_the_last_thing_said():
    own = fp.ErrorResponse(text="too long", allow_retry=False, error_type="user_message_too_long", raw_response="sk-1")

    events = await answer_of(bot_saying(text("a"), own, text("b")))

    error = {"text": "too long", "allow_retry": False, "error_type": "user_message_too_long"}
    assert events[1:] == [("text", {"text": "a"}), ("error", error), DONE]


@pytest.mark.parametrize(
    ("exc", "said", "allow_retry"),
    [
        (RuntimeError("401 from https://host key sk-live-SECRET"), "Something went wrong", False),
        (Overloaded("sk-live-SECRET"), "overloaded", True),
        (KeyMissing("OPENAI_API_KEY"), "OPENAI_API_KEY is missing on the server", False),
        (BotError("Say please."), "Say please.", True),
        (BotErrorNoRetry("No."), "No.", False),
        (AttributeError("sk-live-SECRET"), "Something went wrong", False),
    ],
)
async def test_an_exception_becomes_one_sentence_with_a_reference(exc, said, allow_retry):
    events = await answer_of(bot_saying(exc))

    assert [name for name, _ in events] == ["error", "done"]
    assert said in events[0][1]["text"]
    assert "(Reference: " in events[0][1]["text"]
    assert events[0][1]["allow_retry"] is allow_retry
    assert "SECRET" not in str(events)


async def test_once_something_was_said_an_error_is_not_asked_again():
    events = await answer_of(bot_saying(text("half an"), Overloaded("x")))

    assert [name for name, _ in events] == ["meta", "text", "error", "done"]
    assert events[2][1]["allow_retry"] is False


async def test_a_query_without_messages_is_answered_with_an_error():
    bot = bot_saying(text("never"))
    request = fp.QueryRequest(version="", type="query", query=[], user_id="", conversation_id="", message_id="")

    raw = await raw_answer(Answer(bot, request, fp.RequestContext(http_request=HTTP)))

    assert b"There is no message to answer" in raw


async def test_uploaded_files_come_before_the_words_that_show_them():
    class Uploader(BaseBot):
        bot_name = "Uploader"

        async def get_response(self, request):
            self._file_events_to_yield["m1"] = [self.file_event(url="https://x", content_type="a/b", name="n")]
            yield text("look")
            self._file_events_to_yield["m1"] = [self.file_event(url="https://y", content_type="a/b", name="n")]

    bot = Uploader()

    events = await answer_of(bot)

    assert [name for name, _ in events] == ["meta", "file", "text", "file", "done"]
    assert not bot._file_events_to_yield


async def test_nothing_is_kept_of_files_when_the_bot_fails():
    class Uploader(BaseBot):
        bot_name = "Uploader"

        async def get_response(self, request):
            self._file_events_to_yield["m1"] = [self.file_event(url="https://x", content_type="a/b", name="n")]
            raise RuntimeError
            yield

    bot = Uploader()

    await answer_of(bot)

    assert not bot._file_events_to_yield


async def test_a_bot_is_stopped_as_soon_as_nobody_listens():
    stopped = asyncio.Event()

    class Endless(BaseBot):
        bot_name = "Endless"

        async def get_response(self, request):
            try:
                while True:
                    yield text("more")
            finally:
                stopped.set()

    request = fp.QueryRequest(
        version="",
        type="query",
        query=[{"role": "user", "content": "hi"}],
        user_id="",
        conversation_id="",
        message_id="",
    )
    pieces = Answer(Endless(), request, fp.RequestContext(http_request=HTTP)).pieces()

    await anext(pieces)
    await pieces.aclose()

    assert stopped.is_set()


async def test_a_task_of_the_bot_that_was_cancelled_is_an_error_like_any_other():
    class Impatient(BaseBot):
        bot_name = "Impatient"

        async def get_response(self, request):
            yield text("a ")
            task = asyncio.create_task(asyncio.sleep(60))
            task.cancel()
            await task

    events = await answer_of(Impatient())

    assert [name for name, _ in events] == ["meta", "text", "error", "done"]


async def test_a_bot_that_wants_to_end_the_program_ends_its_answer():
    events = await answer_of(bot_saying(text("a "), SystemExit(1)))

    assert [name for name, _ in events] == ["meta", "text", "error", "done"]
