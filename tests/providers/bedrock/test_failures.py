"""What goes wrong at AWS, or on the way there, as classes of our own."""

import asyncio
import socket

import aiohttp
import pytest
from botocore import exceptions as botocore
from starlette.applications import Starlette
from starlette.routing import Route

from tests.serving import serving
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    KeyMissing,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.providers.bedrock.failures import failure_from

from ..asking import answer, deltas, question
from . import frames
from .frames import COUNTS, START, WHOLE, stop, text
from .upstream import Aws, refused


async def failure_of(provider):
    with pytest.raises(ProviderFailure) as caught:
        await answer(provider)
    return caught.value


async def refusal(bedrock_at, kind, message, status, **headers):
    async def refuse(request):
        return refused(kind, message, status, **headers)

    app = Starlette(routes=[Route("/{rest:path}", refuse, methods=["POST"])])
    async with serving(app) as address:
        return await failure_of(bedrock_at(address))


@pytest.mark.parametrize(
    ("kind", "message", "status", "failure"),
    [
        ("ThrottlingException", "Too many tokens, please wait before trying again.", 429, RateLimited),
        ("ThrottlingException", "Too many requests", 429, RateLimited),
        ("ServiceQuotaExceededException", "Your account is at its limit", 400, QuotaExhausted),
        ("ServiceUnavailableException", "Busy", 503, Overloaded),
        ("InternalServerException", "Oh", 500, Overloaded),
        ("ModelNotReadyException", "Wait", 429, Overloaded),
        ("ModelErrorException", "The model broke", 424, Overloaded),
        ("ModelTimeoutException", "Too slow", 408, TimedOut),
        ("ResourceNotFoundException", "This model version has reached the end of its life.", 404, ModelNotFound),
        ("AccessDeniedException", "You don't have access to the model with the specified ID.", 403, ModelNotFound),
        ("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized to perform", 403, KeyRefused),
        ("UnrecognizedClientException", "The security token included is invalid.", 403, KeyRefused),
        ("ExpiredTokenException", "The security token has expired", 403, KeyRefused),
        ("ValidationException", "The provided model identifier is invalid.", 400, ModelNotFound),
        ("ValidationException", "Invocation with on-demand throughput isn’t supported.", 400, ModelNotFound),
        ("ValidationException", "Input is too long for requested model.", 400, ContextTooLong),
        ("ValidationException", "Output blocked by content filtering policy", 400, ContentRefused),
        ("ValidationException", "temperature must be below 1", 400, RequestRejected),
        ("SomethingNewException", "Hm", 418, RequestRejected),
        ("SomethingNewException", "Hm", 502, Overloaded),
    ],
)
async def test_what_aws_refuses_says_what_can_be_done(bedrock_at, kind, message, status, failure):
    raised = await refusal(bedrock_at, kind, message, status)

    assert type(raised) is failure
    assert (raised.provider, raised.status) == ("bedrock", status)
    assert str(raised) == f"status {status}: {kind}: {message}"


async def test_the_wait_that_aws_asks_for_is_kept(bedrock_at):
    raised = await refusal(bedrock_at, "ThrottlingException", "Slow down", 429, **{"retry-after": "7"})

    assert raised.retry_after == 7


@pytest.mark.parametrize(
    ("frame", "failure"),
    [
        (frames.exception("throttlingException", "Too many tokens, please wait"), RateLimited),
        (frames.exception("internalServerException", "Oh"), Overloaded),
        (frames.exception("serviceUnavailableException", "Busy"), Overloaded),
        (frames.exception("modelStreamErrorException", "The model broke"), BrokenStream),
        (frames.exception("validationException", "Input is too long for requested model."), ContextTooLong),
        (frames.exception("somethingNewException", "Hm"), BrokenStream),
        (frames.error("InternalFailure", "Oh"), Overloaded),
    ],
)
@pytest.mark.parametrize("before", [(START,), (START, text("Hel"))])
async def test_an_error_inside_the_stream_is_told_by_its_kind(bedrock_at, before, frame, failure):
    async with serving(Aws(*before, frame).app) as address:
        raised = await failure_of(bedrock_at(address))

    assert type(raised) is failure
    assert str(raised).startswith("an error inside the stream: ")


@pytest.mark.parametrize(
    ("parts", "failure"),
    [
        ((START, text("Hel")), BrokenStream),
        ((START, text("Hel"), WHOLE[2][:20]), BrokenStream),
        ((START, text("Hel"), WHOLE[2][:-1] + b"\x00"), BrokenStream),
        ((b"<html>not at all</html>",), BrokenStream),
        ((START, text("Hel"), stop("malformed_model_output")), BrokenStream),
        ((START,), EmptyAnswer),
        ((START, stop(), COUNTS), EmptyAnswer),
        ((START, stop("content_filtered"), COUNTS), ContentRefused),
        ((START, stop("guardrail_intervened"), COUNTS), ContentRefused),
        ((START, stop("model_context_window_exceeded"), COUNTS), ContextTooLong),
    ],
)
async def test_an_answer_that_is_not_whole_is_no_answer(bedrock_at, parts, failure):
    async with serving(Aws(*parts).app) as address:
        raised = await failure_of(bedrock_at(address))

    assert type(raised) is failure
    assert raised.provider == "bedrock"


async def test_silence_in_the_middle_is_noticed(bedrock_at, address, aws):
    provider = bedrock_at(address)
    await answer(provider)
    aws.parts, aws.waits = (START, text("Hel")), True

    with pytest.raises(TimedOut):
        await deltas(provider, question(timeout=0.2))

    async with asyncio.timeout(5):
        await aws.hung_up.wait()


async def test_silence_from_the_start_is_noticed(bedrock_at):
    async def wait(reader, writer):
        await reader.read()  # until the other side has had enough
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    async with server:
        provider = bedrock_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

        with pytest.raises(TimedOut):
            await deltas(provider, question(timeout=0.05))


async def test_where_nobody_answers_is_unreachable(bedrock_at):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        raised = await failure_of(bedrock_at(f"http://127.0.0.1:{taken.getsockname()[1]}"))

    assert type(raised) is Unreachable


async def test_a_connection_that_is_cut_breaks_the_answer(bedrock_at):
    async def cut(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        part = START + text("Hel")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n" % len(part) + part + b"\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server:
        raised = await failure_of(bedrock_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))

    assert type(raised) is BrokenStream


async def test_a_wrong_signature_shows_neither_secret_nor_what_was_signed(bedrock_at, address, monkeypatch):
    monkeypatch.setenv(
        "MINE_API_KEY", '{"access_key_id": "AKIDMINE", "secret_access_key": "canary", "region": "us-east-1"}'
    )

    raised = await failure_of(bedrock_at(address))

    assert type(raised) is KeyRefused
    assert "does not match" in str(raised)
    assert "The …" not in str(raised)
    assert "canary" not in str(raised)


@pytest.mark.parametrize(
    ("settings", "failure", "words"),
    [
        ({"region": "us-east-1"}, KeyMissing, "AWS_ACCESS_KEY_ID or AWS_BEARER_TOKEN_BEDROCK is not set"),
        ({"profile": "nobody"}, KeyRefused, "no such profile"),
        ({"region": "not a region"}, RequestRejected, "region"),
    ],
)
async def test_what_is_missing_around_us_is_named(bedrock_at, address, aws, settings, failure, words):
    raised = await failure_of(bedrock_at(address, api_key_env=None, settings=settings))

    assert type(raised) is failure
    assert words in str(raised)
    assert aws.requests == []


async def test_without_a_region_the_place_for_it_is_named(bedrock_at, monkeypatch):
    monkeypatch.setenv("MINE_API_KEY", '{"access_key_id": "AKIDMINE", "secret_access_key": "secret-mine"}')

    raised = await failure_of(bedrock_at(""))

    assert str(raised) == "no region is known; `settings: {region: …}` of the entry names one"


@pytest.mark.parametrize(
    ("foreign", "failure"),
    [
        (botocore.ReadTimeoutError(endpoint_url="https://x"), TimedOut),
        (botocore.ConnectTimeoutError(endpoint_url="https://x"), TimedOut),
        (botocore.ConnectionClosedError(endpoint_url="https://x"), BrokenStream),
        (botocore.SSLError(endpoint_url="https://x", error="no"), Unreachable),
        (botocore.ProxyConnectionError(proxy_url="https://x", error="no"), Unreachable),
        (botocore.UnauthorizedSSOTokenError(), KeyRefused),
        (botocore.PartialCredentialsError(provider="env", cred_var="x"), KeyRefused),
        (botocore.ParamValidationError(report="the words of a person"), RequestRejected),
        (aiohttp.ClientPayloadError("cut"), BrokenStream),
        (botocore.UnknownServiceError(service_name="x", known_service_names=[]), ProviderFailure),
    ],
)
def test_what_botocore_raises_is_translated(foreign, failure):
    raised = failure_from(foreign, "bedrock")

    assert type(raised) is failure
    assert "the words of a person" not in str(raised)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x88\x00\xff", b"[]", b"null", b'"text"', b"{half"])
@pytest.mark.parametrize("status", [302, 403, 500, 502])
async def test_a_report_that_nobody_can_read_is_one_of_our_failures(bedrock_at, body, status):
    async with serving(Aws(body, status=status).app) as address:
        failure = await failure_of(bedrock_at(address))

    assert failure.provider == "bedrock"
