import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import structlog

from tests.providers.asking import answer, deltas, question
from tests.providers.upstreams import raw_server, until
from utils.chat import Usage
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyRefused,
    ModelNotFound,
    NotAStream,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.providers.replicate.events import NamedEvents

from .fake import METRICS, Replicate, done, failed, output

LONG = "Hello\u2028 there,\n\n  two lines and a \u0085 😀 end "


async def test_the_answer_is_what_was_streamed_to_the_last_blank(replicate_at):
    fake = Replicate(output("Hello"), output(" there,\n\n two "), output("\n"), output("lines\u2028."), done())

    async with fake.running() as base:
        said = await answer(replicate_at(base))

    assert said == "Hello there,\n\n two \nlines\u2028."


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
async def test_the_pieces_in_which_the_network_brings_it_do_not_matter(replicate_at, size):
    whole = b": hi\n\n" + output(LONG) + b"event: logs\ndata: noise\n\n" + output("!") + done()
    fake = Replicate(*(whole[start : start + size] for start in range(0, len(whole), size)))

    async with fake.running() as base:
        said = await answer(replicate_at(base))

    assert said == f"{LONG}!"


async def test_carriage_returns_before_the_line_feeds_are_no_part_of_it(replicate_at):
    fake = Replicate((output("Hi") + done()).replace(b"\n", b"\r\n"))

    async with fake.running() as base:
        said = await answer(replicate_at(base))

    assert said == "Hi"


async def test_an_answer_ends_with_its_reason_and_its_tokens(replicate_at):
    fake = Replicate(output("Hi"), done())

    async with fake.running() as base:
        *_, last = await deltas(replicate_at(base), question())

    assert (last.finish_reason, last.usage) == ("stop", Usage(7, 2))
    assert fake.cancelled == []


@pytest.mark.parametrize("final", [{"status": "processing"}, {"status": "succeeded", "metrics": {"predict_time": 1}}])
async def test_tokens_that_nobody_has_counted_are_not_made_up(replicate_at, final):
    fake = Replicate(output("Hi"), done(), states=(final,))

    async with fake.running() as base:
        *_, last = await deltas(replicate_at(base), question())

    assert (last.finish_reason, last.usage) == ("stop", None)


@pytest.mark.parametrize(("whole", "text"), [("Hello", "Hello"), (["Hel", "lo", " there"], "Hello there")])
async def test_a_model_without_a_stream_is_asked_until_it_is_done(replicate_at, whole, text):
    final = {"status": "succeeded", "output": whole, "metrics": METRICS}
    fake = Replicate(states=({"status": "processing"}, final))

    async with fake.running() as base:
        (only,) = await deltas(replicate_at(base), question())

    assert (only.text, only.finish_reason, only.usage) == (text, "stop", Usage(7, 2))
    assert fake.cancelled == []


async def test_the_stream_can_be_switched_off(replicate_at):
    fake = Replicate(output("streamed"), done(), states=({"status": "succeeded", "output": "whole"},))

    async with fake.running() as base:
        said = await answer(replicate_at(base, settings={"stream": False}))

    assert (said, fake.bodies[0]["stream"]) == ("whole", False)


@pytest.mark.parametrize(
    ("model", "path", "version"),
    [
        ("acme/talker", "/v1/models/acme/talker/predictions", None),
        ("acme/talker-2.1:" + "0123456789abcdef" * 4, "/v1/predictions", "0123456789abcdef" * 4),
        ("0123456789abcdef" * 4, "/v1/predictions", "0123456789abcdef" * 4),
    ],
)
async def test_a_model_is_asked_by_its_name_or_by_its_version(replicate_at, model, path, version):
    fake = Replicate(output("Hi"), done())

    async with fake.running() as base:
        await answer(replicate_at(base), model=model)

    assert (fake.requests[0].url.path, fake.bodies[0].get("version")) == (path, version)
    assert fake.bodies[0]["stream"] is True


@pytest.mark.parametrize("model", ["talker", "acme/talker/x", "../../account", "acme/talker:latest", "a/b?c"])
async def test_what_is_no_model_of_replicate_is_not_sent(replicate_at, model):
    fake = Replicate(output("Hi"), done())

    async with fake.running() as base:
        with pytest.raises(ModelNotFound, match="owner/name"):
            await answer(replicate_at(base), model=model)

    assert fake.requests == []


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "wait"),
    [
        (401, {"title": "Unauthenticated", "detail": "You did not pass a valid token"}, {}, KeyRefused, None),
        (402, {"title": "Insufficient credit", "detail": "You have insufficient credit"}, {}, QuotaExhausted, None),
        (403, {"detail": "You do not have permission to perform this action."}, {}, KeyRefused, None),
        (404, {"detail": "The requested resource could not be found."}, {}, ModelNotFound, None),
        (422, {"title": "Input validation failed", "detail": "- input: prompt is required"}, {}, RequestRejected, None),
        (429, {"detail": "Request was throttled."}, {"retry-after": "7"}, RateLimited, 7),
        (429, {"detail": "Request was throttled. Expected available in 3 seconds."}, {}, RateLimited, 3),
        (429, {"detail": "Request was throttled.", "retry_after": 10}, {}, RateLimited, 10),
        (429, {"detail": "Request was throttled.", "retry_after": "soon"}, {}, RateLimited, None),
        (500, {"detail": "Internal server error"}, {}, Overloaded, None),
        (307, {}, {"location": "http://elsewhere.invalid"}, ModelNotFound, None),
    ],
)
async def test_a_refusal_is_told_apart(replicate_at, status, body, headers, kind, wait):
    fake = Replicate(output("Hi"), done())
    fake.refusal = status, {**body, "status": status}, headers

    async with fake.running() as base:
        with pytest.raises(ProviderFailure) as caught:
            await answer(replicate_at(base))

    failure = caught.value
    assert (type(failure), failure.provider, failure.status, failure.retry_after) == (kind, "replicate", status, wait)
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("E1002 PromptTooLong: Prompt length exceeds maximum input length", ContextTooLong),
        ("The input or output was flagged as sensitive. Please try again. (E005)", ContentRefused),
        ("Prediction interrupted; please retry (code: E8367)", Overloaded),
        ("CUDA out of memory", Overloaded),
        ("division by zero", BrokenStream),
    ],
)
@pytest.mark.parametrize("way", ["error event", "done with a reason", "asked for"])
async def test_a_prediction_that_fails_says_why(replicate_at, error, kind, way):
    streams = {"error event": (failed(error),), "done with a reason": (done(reason="error"),), "asked for": ()}
    fake = Replicate(*streams[way], states=({"status": "failed", "error": error},))

    async with fake.running() as base:
        with pytest.raises(kind) as caught:
            await answer(replicate_at(base))

    assert (type(caught.value), caught.value.provider) == (kind, "replicate")
    assert error in str(caught.value)
    assert fake.cancelled == []


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ((output("Hel"),), BrokenStream),
        ((output("Hel"), b"event: output\ndata: lo"), BrokenStream),
        ((b": nothing\n\n",), BrokenStream),
        ((output("Hel"), done(reason="canceled")), BrokenStream),
        ((done(),), EmptyAnswer),
        ((output(""), done()), EmptyAnswer),
        ((b"event: error\ndata: plain words\n\n",), BrokenStream),
    ],
)
async def test_a_stream_that_is_not_whole_is_no_answer(replicate_at, parts, kind):
    fake = Replicate(*parts)

    async with fake.running() as base:
        with pytest.raises(ProviderFailure) as caught:
            await answer(replicate_at(base))

    assert (type(caught.value), caught.value.provider) == (kind, "replicate")


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        ({"status": "canceled"}, BrokenStream),
        ({"status": "aborted"}, BrokenStream),
        ({"status": "succeeded", "output": []}, EmptyAnswer),
        ({"status": "succeeded", "output": None}, EmptyAnswer),
        ({"status": "succeeded", "output": {"a": 1}}, RequestRejected),
        ({"status": "succeeded", "output": ["a", 1]}, RequestRejected),
    ],
)
async def test_an_end_without_text_is_no_answer(replicate_at, states, kind):
    fake = Replicate(states=(states,))

    async with fake.running() as base:
        with pytest.raises(ProviderFailure) as caught:
            await answer(replicate_at(base))

    assert (type(caught.value), caught.value.provider) == (kind, "replicate")


@pytest.mark.parametrize("parts", [(), (output("Hel"),), (b": ping\n\n",)])
async def test_a_stream_that_falls_silent_is_given_up_and_its_work_stopped(replicate_at, parts):
    fake = Replicate(*parts, asyncio.Event())

    async with fake.running() as base:
        with pytest.raises(TimedOut):
            await answer(replicate_at(base), timeout=0.2)

        await until(lambda: fake.cancelled == ["abc123"])


async def test_comments_alone_are_no_sign_of_life(replicate_at):
    async def pings() -> AsyncIterator[bytes]:
        while True:
            yield b": ping\n\n"
            await asyncio.sleep(0.02)

    fake = Replicate(output("Hel"), pings)

    async with fake.running() as base:
        with pytest.raises(TimedOut, match="no content"):
            await answer(replicate_at(base), timeout=0.2)


async def test_a_prediction_without_a_stream_that_never_moves_is_given_up_and_stopped(replicate_at):
    fake = Replicate(states=({"status": "starting"},))

    async with fake.running() as base:
        with pytest.raises(TimedOut):
            await answer(replicate_at(base), timeout=0.2)

        await until(lambda: fake.cancelled == ["abc123"])


async def test_something_else_in_place_of_the_stream_is_told(replicate_at):
    fake = Replicate(b"<html>")
    fake.content_type = "text/html"

    async with fake.running() as base:
        with pytest.raises(NotAStream):
            await answer(replicate_at(base))


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"[]", b'{"id": 5}', b'{"id": "../account"}', b""])
async def test_something_else_in_place_of_a_prediction_is_told(replicate_at, body):
    async def other(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()

    async with raw_server(other) as address:
        with pytest.raises(NotAStream):
            await answer(replicate_at(address))


async def test_where_nobody_listens_nothing_can_be_reached(replicate_at):
    with pytest.raises(Unreachable):
        await answer(replicate_at("http://127.0.0.1:9/v1"))


async def test_leaving_an_answer_stops_the_prediction(replicate_at):
    fake = Replicate(output("Hel"), asyncio.Event())

    async with fake.running() as base:
        async with aclosing(replicate_at(base).stream(question())) as stream:
            await anext(stream)
            while_it_is_read = fake.open_streams

        await until(lambda: fake.cancelled == ["abc123"] and fake.open_streams == 0)

    assert while_it_is_read == 1


async def test_leaving_before_there_is_a_prediction_stops_it_as_soon_as_there_is(replicate_at):
    fake = Replicate(output("Hel"), asyncio.Event())
    fake.created_after = asyncio.Event()

    async with fake.running() as base:
        listening = asyncio.create_task(answer(replicate_at(base)))
        await until(lambda: len(fake.bodies) == 1)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        fake.created_after.set()

        await until(lambda: fake.cancelled == ["abc123"])


async def test_closing_the_provider_waits_for_what_is_being_stopped(replicate_at):
    fake = Replicate(output("Hel"), asyncio.Event())

    async with fake.running() as base:
        provider = replicate_at(base)
        stream = provider.stream(question())
        await anext(stream)
        await stream.aclose()
        await provider.aclose()

    assert fake.cancelled == ["abc123"]


def test_an_event_without_end_is_not_kept():
    events = NamedEvents()

    with pytest.raises(BrokenStream, match="longer than"):
        events.feed(b"x" * 17 * 1024 * 1024)


async def test_a_cancellation_that_fails_is_only_logged(replicate_at):
    fake = Replicate(output("Hel"), asyncio.Event())

    with structlog.testing.capture_logs() as log:
        async with fake.running() as base:
            stream = replicate_at(base).stream(question())
            await anext(stream)
        await stream.aclose()
        await until(lambda: bool(log))

    assert log == [
        {
            "event": "prediction.not_cancelled",
            "provider": "replicate",
            "error": "Unreachable",
            "log_level": "warning",
        }
    ]


async def test_the_models_are_those_of_the_entry(replicate_at):
    provider = replicate_at("http://127.0.0.1:9", models=[{"name": "a/b", "context": 8000, "vision": True}, "c/d"])

    listed = await provider.models()

    assert [(model.name, model.context, model.vision) for model in listed] == [("a/b", 8000, True), ("c/d", None, None)]


async def test_a_prediction_that_does_not_end_is_not_kept(replicate_at, monkeypatch):
    monkeypatch.setattr("utils.providers.replicate.api._LARGEST_PREDICTION_MIB", 1)

    async def other(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"id": "')
        for _ in range(40):
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with raw_server(other) as address:
        with pytest.raises(BrokenStream, match="a prediction of more than 1 MiB"):
            await answer(replicate_at(address))
