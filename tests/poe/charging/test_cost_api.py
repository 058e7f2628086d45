import asyncio
import json
import socket

import fastapi_poe as fp
import httpx
import pytest
import respx

from tests.poe.charging.fake_poe import KEY, Call, FakePoe, Reply, query, result
from tests.serving import serving
from utils.poe.charging import CostApi, CostApiUnavailable, InsufficientPoints, NotChargeable
from utils.poe.sentences import error_event, sentence_for

SUCCESS = 'event: result\r\ndata: {"status": "success"}\r\n\r\n'
EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8"}


async def asked(poe, verb="authorize", milli_cents=42, timeout_seconds=5.0):
    """Ask that Poe once."""
    async with serving(poe) as address:
        api = CostApi(address, timeout_seconds=timeout_seconds)
        try:
            await getattr(api, verb)(query(), milli_cents)
        finally:
            await api.aclose()


async def as_fastapi_poe(verb, base_url="https://api.poe.com/"):
    """Ask for the same in fastapi_poe's own way."""
    bot = fp.PoeBot(bot_name="Bot", access_key=KEY)
    item = fp.CostItem(amount_usd_milli_cents=42, description="An answer")
    await getattr(bot, f"{verb}_cost")(query(), item, base_url=base_url)


@pytest.mark.parametrize("verb", ["authorize", "capture"])
async def test_poe_is_asked_as_fastapi_poe_asks_it(verb):
    api = CostApi()

    with respx.mock() as poe:
        route = poe.post(f"https://api.poe.com/bot/cost/q-1/{verb}")
        route.respond(200, headers=EVENT_STREAM, text=SUCCESS)
        await as_fastapi_poe(verb)
        await getattr(api, verb)(query(), 42)
    await api.aclose()

    theirs, ours = (call.request for call in route.calls)
    assert json.loads(ours.content) == json.loads(theirs.content)
    for name in ("accept", "cache-control", "content-type"):
        assert ours.headers[name] == theirs.headers[name]


@pytest.mark.parametrize("verb", ["authorize", "capture"])
async def test_the_fake_of_these_tests_understands_fastapi_poe_and_us_alike(verb):
    poe = FakePoe()

    async with serving(poe) as address:
        await as_fastapi_poe(verb, f"{address}/")
    await asked(poe, verb)

    assert poe.calls == [Call(verb, "q-1", 42)] * 2


async def test_all_calls_share_their_connections():
    poe = FakePoe()

    async with serving(poe) as address:
        api = CostApi(f"{address}/")
        await api.authorize(query(), 1)
        await api.capture(query(), 2)
        await api.aclose()

    assert len(poe.calls) == 2
    assert len(poe.connections) == 1


async def test_a_result_counts_at_once_even_when_poe_does_not_hang_up():
    poe = FakePoe(result("success")._replace(hangs=True))

    async with asyncio.timeout(4):
        await asked(poe)

    assert poe.calls == [Call("authorize", "q-1", 42)]


@pytest.mark.parametrize("verb", ["authorize", "capture"])
@pytest.mark.parametrize("status", ["insufficient_funds", "failure", ""])
async def test_any_result_but_success_means_too_few_points(verb, status):
    with pytest.raises(InsufficientPoints) as caught:
        await asked(FakePoe(result(status)), verb)

    event = error_event(caught.value, "abcd1234")
    assert event["error_type"] == "insufficient_fund"
    assert event["allow_retry"] is False
    assert "enough points" in event["text"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", 401),
        Reply(b"", 500),
        Reply(b"event: error\ndata: garbage\n\n", 500),
        Reply(b'event: result\ndata: {"status": "success"}\n\n', 503),
        Reply(b""),
        Reply(b"<html>Bad gateway</html>"),
        Reply(b"\xff\xfe\x00\n\n\x80"),
        Reply(b'{"status": "success"}'),
        Reply(b'data: {"status": "success"}\n\n'),
        Reply(b"event: result\ndata: success\n\n"),
        Reply(b"event: result\ndata: []\n\n"),
        Reply(b"event: result\ndata: {}\n\n"),
        Reply(b'event: result\ndata: {"status": true}\n\n'),
        Reply(b'event: result\ndata: {"status": null}\n\n'),
        Reply(b"event: result\ndata: " + b"[" * 100_000 + b"\n\n"),
        Reply(b'event: result\ndata: {"status": "success"}'),
        Reply(b": ping\n\nevent: other\ndata: {}\n\n"),
    ],
)
@pytest.mark.parametrize("verb", ["authorize", "capture"])
async def test_a_reply_without_a_result_says_nothing_about_points(verb, reply):
    with pytest.raises(CostApiUnavailable) as caught:
        await asked(FakePoe(reply), verb)

    event = error_event(caught.value, "abcd1234")
    assert event["allow_retry"] is True
    assert "error_type" not in event
    assert "cannot be charged right now" in event["text"]


@pytest.mark.parametrize(
    "said",
    [
        b': ping\r\n\r\nevent: other\r\ndata: {}\r\n\r\nevent: result\r\ndata: {"status": "success"}\r\n\r\n',
        b'event: result\ndata: {"status": "success", "more": 1}\n\nevent: done\ndata: {}\n\n',
        b'event:result\ndata:{"status":"success"}\n\n<garbage>\n\n',
    ],
)
async def test_what_stands_around_the_result_is_ignored(said):
    poe = FakePoe(Reply(said))

    await asked(poe)

    assert len(poe.calls) == 1


@pytest.mark.parametrize("begins_with", [b"", b": ping\n\n", b"event: result\n"])
async def test_a_silent_poe_is_not_waited_for(begins_with):
    with pytest.raises(CostApiUnavailable) as caught:
        await asked(FakePoe(Reply(begins_with, hangs=True)), timeout_seconds=0.3)

    assert str(caught.value) == "no result within 0.3 seconds"


async def test_a_poe_that_does_not_even_begin_is_not_waited_for():
    poe = FakePoe()
    poe.may_reply.clear()

    async with serving(poe) as address:
        api = CostApi(address, timeout_seconds=0.3)
        with pytest.raises(CostApiUnavailable):
            await api.authorize(query(), 1)
        await api.aclose()
        poe.may_reply.set()


async def test_five_seconds_are_given_over_the_whole_call():
    assert CostApi()._timeout_seconds == 5


async def test_a_poe_that_cannot_be_reached_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    api = CostApi(f"http://127.0.0.1:{port}")

    with pytest.raises(CostApiUnavailable) as caught:
        await api.authorize(query(), 1)
    await api.aclose()

    assert str(caught.value) == "ConnectError"


@pytest.mark.parametrize("base_url", ["ftp://api.poe.com", "https://", "nothing", "http://[::1"])
async def test_a_wrong_address_is_unavailable(base_url):
    api = CostApi(base_url)

    with pytest.raises(CostApiUnavailable):
        await api.authorize(query(), 1)
    await api.aclose()


async def test_what_poe_complains_of_is_kept_for_the_log():
    complaint = b'event: error\ndata: {"message": "The bot is not enrolled."}\n\n'

    with pytest.raises(CostApiUnavailable) as caught:
        await asked(FakePoe(Reply(complaint, 403)))

    assert str(caught.value) == "403 The bot is not enrolled."
    assert "enrolled" not in sentence_for(caught.value)


@pytest.mark.parametrize(
    "asking",
    [query(bot_query_id=""), query(bot_query_id=".."), query(access_key=""), query(access_key="<missing>")],
)
async def test_what_cannot_be_charged_is_never_sent(asking):
    with respx.mock() as poe:
        with pytest.raises(NotChargeable):
            await CostApi().authorize(asking, 1)

        assert not poe.calls


@pytest.mark.parametrize("bot_query_id", ["../../steal", "a/b", "q?x=1", "q#f", "q%2e%2e", "ß", "\ud800"])
async def test_an_odd_query_id_stays_inside_its_place_in_the_address(bot_query_id):
    asking = query().model_copy(update={"bot_query_id": bot_query_id})
    api = CostApi()

    with respx.mock() as poe:
        poe.post(url__regex=r"^https://api\.poe\.com/bot/cost/[^/?#]+/capture$").respond(200, text=SUCCESS)
        await api.capture(asking, 1)
        await api.aclose()

        assert len(poe.calls) == 1


async def test_a_redirect_is_not_followed_with_the_key():
    api = CostApi()

    with respx.mock() as poe:
        poe.post("https://api.poe.com/bot/cost/q-1/authorize").respond(307, headers={"location": "https://elsewhere"})
        with pytest.raises(CostApiUnavailable):
            await api.authorize(query(), 1)
        await api.aclose()

        assert [str(call.request.url.host) for call in poe.calls] == ["api.poe.com"]


async def test_after_it_was_closed_it_can_be_used_again():
    poe = FakePoe()

    async with serving(poe) as address:
        api = CostApi(address)
        await api.authorize(query(), 1)
        await api.aclose()
        await api.capture(query(), 1)
        await api.aclose()
        await api.aclose()

    assert [call.verb for call in poe.calls] == ["authorize", "capture"]


@respx.mock
async def test_an_error_while_the_rest_is_read_does_not_undo_the_result():
    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield SUCCESS.encode()
            raise httpx.ReadError("reset")

    respx.post("https://api.poe.com/bot/cost/q-1/capture").mock(return_value=httpx.Response(200, stream=Broken()))
    api = CostApi()

    await api.capture(query(), 1)
    await api.aclose()

    assert len(respx.calls) == 1
