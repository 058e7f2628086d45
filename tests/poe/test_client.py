import pytest

from tests.serving import serving
from utils.errors import BotError, BotErrorNoRetry
from utils.poe.client import PoeClient


def answering(body, status=200):
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})

    return app


async def asked(app, key=None):
    async with serving(app) as address:
        return [event async for event in PoeClient(f"{address}/Bot", key).ask([{"role": "user", "content": "hi"}])]


async def test_the_events_up_to_done_are_given():
    body = (
        b'event: meta\r\ndata: {}\r\n\r\n: ping\r\n\r\nevent: text\ndata: {"text": "hi"}\n\nevent: done\ndata: {}\n\n'
    )

    assert await asked(answering(body)) == [("meta", {}), ("text", {"text": "hi"})]


async def test_text_with_other_line_ends_in_it_stays_one_event():
    body = 'event: text\ndata: {"text": "a\u2028b\u0085c"}\n\nevent: done\ndata: {}\n\n'.encode()

    assert await asked(answering(body)) == [("text", {"text": "a\u2028b\u0085c"})]


async def test_an_error_event_is_raised_with_its_text():
    body = b'event: error\ndata: {"text": "too long"}\n\nevent: done\ndata: {}\n\n'

    with pytest.raises(BotError, match="too long"):
        await asked(answering(body))


@pytest.mark.parametrize("body", [b'{"error": "The access key is missing or wrong."}', b"<h1>no</h1>", b"[]"])
async def test_a_refusal_is_raised_with_its_reason(body):
    with pytest.raises(BotErrorNoRetry, match="401"):
        await asked(answering(body, 401))


async def test_a_key_that_no_header_can_hold_is_not_shown():
    with pytest.raises(BotError) as failed:
        await asked(answering(b""), key="secret\nkey")

    assert "secret" not in str(failed.value)


async def test_a_server_that_is_not_there_is_named():
    with pytest.raises(BotError, match=r"http://127\.0\.0\.1:9/Bot cannot be reached"):
        async for _ in PoeClient("http://127.0.0.1:9/Bot").ask([]):
            pass
