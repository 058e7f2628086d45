import asyncio
import gzip
import json
import socket
import struct
from contextlib import aclosing

import pytest

from tests.serving import serving
from utils.chat import ChatMessage, ChatProvider, ChatRequest, Delta, ToolCallDelta, Usage
from utils.errors import (
    BrokenStream,
    ContentRefused,
    ContextTooLong,
    EmptyAnswer,
    NotAStream,
    Overloaded,
    ProviderFailure,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)
from utils.providers import event_stream

from .asking import answer, deltas, question
from .upstreams import DONE, WHOLE, Upstream, ending, event, raw_server, saying, until

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
TOOL = {"type": "function", "function": {"name": "add", "parameters": {}}}
_CALL = {"type": "function", "function": {"name": "add", "arguments": "{}"}}
_COUNTS = {"prompt_tokens": 3, "completion_tokens": 2}


def framed(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


async def listen(provider: ChatProvider, request: ChatRequest, heard: list[str]) -> None:
    """Hears what is said up to a failure."""
    async for delta in provider.stream(request):
        heard.append(delta.text)


def reset(writer: asyncio.StreamWriter) -> None:
    """What the other side sees when a machine dies."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    "text",
    [
        "Hello there",
        "  two  blanks  and\n\n\ttabs ",
        "line\u2028paragraph\u2029next\x85unit\x1cfile\x0bvertical\x0cform",
        "😀👩‍👩‍👧‍👦 e\u0301 ß 漢字 العربية \ufeff",
        '{"choices": []} data: [DONE] \\n "quoted" \\u0041 </script>',
        "\r\n and \r alone",
        "word " * 3000 + ".",
    ],
)
@pytest.mark.parametrize("quirk", ["", "/drip ", "/crlf ", "/nulls ", "/list "])
async def test_the_answer_is_what_was_said_to_the_last_character(demo_address, provider_at, text, quirk):
    assert await answer(provider_at(demo_address), f"{quirk}/echo {text}") == text


async def test_an_answer_ends_with_its_reason_and_what_it_took(demo_address, provider_at):
    provider = provider_at(demo_address, params={"stream_options": {"include_usage": True}})

    said = await deltas(provider, question("/tokens 3 /finish length"))

    assert "".join(delta.text for delta in said) == "tok0 tok1 tok2"
    assert [delta.finish_reason for delta in said if delta.finish_reason] == ["length"]
    assert [delta.usage.output_tokens for delta in said if delta.usage] == [3]


@pytest.mark.parametrize("quirk", ["", "/list "])
async def test_thoughts_come_apart_from_the_words(demo_address, provider_at, quirk):
    said = await deltas(provider_at(demo_address), question(f"{quirk}/think 3 /echo Done"))

    assert "".join(delta.reasoning for delta in said) == "thought0 thought1 thought2"
    assert "".join(delta.text for delta in said) == "Done"


async def test_tool_calls_come_in_pieces_that_belong_together(demo_address, provider_at):
    said = await deltas(provider_at(demo_address), question('/call add {"a": 1} /call sub {"b": 22}', tools=(TOOL,)))

    pieces = [piece for delta in said for piece in delta.tool_calls]
    assert [(piece.index, piece.name) for piece in pieces if piece.name] == [(0, "add"), (1, "sub")]
    assert "".join(piece.arguments for piece in pieces if piece.index == 0) == '{"a": 1}'
    assert "".join(piece.arguments for piece in pieces if piece.index == 1) == '{"b": 22}'
    assert said[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("order", "kind", "said"),
    [
        ("/nodone 2 /tokens 9", BrokenStream, "tok0 tok1"),
        ("/break 2 /tokens 9", BrokenStream, "tok0 tok1"),
        ("/error-inside 0", BrokenStream, ""),
        ("/empty", EmptyAnswer, ""),
        ("/html", NotAStream, ""),
        ("/fail 503", Overloaded, ""),
        ("/fail 429 7", RateLimited, ""),
        ("/hang", TimedOut, ""),
        ("/comments", TimedOut, ""),
    ],
)
async def test_what_goes_wrong_is_told_apart(demo_address, provider_at, order, kind, said):
    heard: list[str] = []

    with pytest.raises(ProviderFailure) as caught:
        await listen(provider_at(demo_address), question(order, timeout=0.15), heard)

    assert (type(caught.value), caught.value.provider, "".join(heard)) == (kind, "upstream", said)


@pytest.mark.parametrize("cut", [1, 7, 10_000])
async def test_an_answer_in_one_piece_is_an_answer(provider_at, cut):
    message = {"role": "assistant", "content": "Hi", "reasoning_content": "Hm", "tool_calls": [{"id": "c", **_CALL}]}
    whole = {"model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": _COUNTS}
    body = json.dumps(whole, indent=1).encode()
    parts = [body[begin : begin + cut] for begin in range(0, len(body), cut)]

    async with serving(Upstream(*parts, headers={"content-type": "application/json"}).app) as address:
        said = await deltas(provider_at(address), question())

    call = ToolCallDelta(0, "c", "add", "{}")
    assert said == [Delta("Hi", "Hm", (call,), "tool_calls", Usage(3, 2), model="m")]


async def test_an_answer_in_one_piece_that_does_not_say_why_it_ends_has_ended(provider_at):
    async with serving(Upstream(b'{"choices": [{"message": {"content": "Hi"}}]}').app) as address:
        said = await deltas(provider_at(address), question())

    assert said == [Delta("Hi", finish_reason="stop")]


async def test_of_an_answer_in_one_piece_no_more_is_kept_than_fits(provider_at, monkeypatch):
    monkeypatch.setattr(event_stream, "_LONGEST_LINE", 20_000)
    upstream = Upstream(b'{"choices":\n', *[b" " * 999 + b"\n"] * 40)

    async with serving(upstream.app) as address:
        with pytest.raises(BrokenStream, match="one piece of more than 20000 bytes"):
            await answer(provider_at(address))


@pytest.mark.parametrize(
    ("api_base", "asked"),
    [
        ("/v1?tenant=a&x=1", "/v1/chat/completions?tenant=a&x=1"),
        ("/v1/?tenant=a", "/v1/chat/completions?tenant=a"),
        ("/v1/chat/completions?tenant=a", "/v1/chat/completions?tenant=a"),
        ("/v1#models", "/v1/chat/completions"),
    ],
)
async def test_a_query_in_the_address_stays_behind_the_path(provider_at, api_base, asked):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        await answer(provider_at(address, api_base=f"{address}{api_base}"))

    url = upstream.requests[0].url
    assert f"{url.path}{'?' if url.query else ''}{url.query}" == asked


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ((saying("Hi"), ending("timeout"), DONE), TimedOut),
        ((saying("Hi"), ending("ERROR_LIMIT"), DONE), ContextTooLong),
        ((ending("ERROR_TOXIC"), DONE), ContentRefused),
        ((saying("Hi"), event({"error": {"code": 502, "message": "Gone"}})), Overloaded),
        ((saying("Hi"), ending(None), DONE), BrokenStream),
        ((saying("Hi"), ending("error"), DONE), BrokenStream),
        ((saying("Hi"), b"data: {half"), BrokenStream),
        ((ending("stop"), DONE), EmptyAnswer),
        ((ending("content_filter"), DONE), ContentRefused),
        ((DONE,), EmptyAnswer),
        ((b": ping\n\n",), EmptyAnswer),
        ((), EmptyAnswer),
        ((b"  \n",), EmptyAnswer),
        ((b'{"error": {"code": "context_length_exceeded", "message": "Too long"}}',), ContextTooLong),
        ((b'[{"error": {"code": 503, "message": "Busy"}}]',), Overloaded),
        ((b'{"error": "rate limit"}',), RateLimited),
        ((b'{"error": {"message": "model overloaded ' + b"x" * 3000,), Overloaded),
        ((b'{"choices": [{"message": {"content": "Hi"}}]',), NotAStream),
        ((b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}',), EmptyAnswer),
        ((b'{"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}',), ContentRefused),
        ((b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "error"}]}',), BrokenStream),
        ((b'{"choices": [], "object": "chat.completion"}',), NotAStream),
        ((b"It works!",), NotAStream),
    ],
)
async def test_an_answer_that_is_not_whole_is_a_failure(provider_at, parts, kind):
    async with serving(Upstream(*parts).app) as address:
        with pytest.raises(ProviderFailure) as caught:
            await answer(provider_at(address))

    assert (type(caught.value), caught.value.provider) == (kind, "upstream")


@pytest.mark.parametrize(
    "parts",
    [
        WHOLE,
        (saying("Hello"), ending("stop")),
        (saying("Hello"), ending("stop").rstrip()),
        (saying("Hello"), ending(""), DONE),
        (saying("Hello"), ending(""), DONE.rstrip()),
        (saying("Hello"), ending("stop"), DONE, b"<p>whatever</p>"),
        (b"event: message\nid: 1\n" + saying("Hello"), b": ping\n\n", ending("end_turn")),
        (b"".join(WHOLE),),
    ],
)
async def test_an_answer_is_whole_in_every_form_that_vendors_give_it(provider_at, parts):
    async with serving(Upstream(*parts).app) as address:
        assert await answer(provider_at(address)) == "Hello"


async def test_what_one_read_brings_is_one_delta(provider_at):
    usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
    parts = b"".join((saying("Hel"), saying("lo"), ending("stop"), event(usage), DONE))

    async with serving(Upstream(parts).app) as address:
        said = await deltas(provider_at(address), question())

    assert said == [Delta("Hello", finish_reason="stop", usage=Usage(1, 2))]


async def test_a_compressed_stream_is_read_too(provider_at):
    upstream = Upstream(gzip.compress(b"".join(WHOLE)), headers={"content-encoding": "gzip"})

    async with serving(upstream.app) as address:
        assert await answer(provider_at(address)) == "Hello"

    assert upstream.requests[0].headers["accept-encoding"] == "identity"


async def dropped(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def dropped_after_the_question(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def reset_after_the_question(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    reset(writer)


async def of_another_protocol(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def with_half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(CHUNKED + framed(saying("Hi")))
    await writer.drain()


async def with_a_broken_frame(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(CHUNKED + framed(saying("Hi")) + b"zzzz\r\n")
    await writer.drain()


async def with_broken_compression(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD.replace(b"connection", b"content-encoding: gzip\r\nconnection") + saying("Hi"))
    await writer.drain()


async def with_half_a_letter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + b'data: {"choices":[{"delta":{"content":"\xf0\x9f')
    await writer.drain()


@pytest.mark.parametrize(
    ("connection", "kind"),
    [
        (dropped, Unreachable),
        (dropped_after_the_question, Unreachable),
        (reset_after_the_question, Unreachable),
        (silent, TimedOut),
        (of_another_protocol, BrokenStream),
        (with_half_an_answer, BrokenStream),
        (with_a_broken_frame, BrokenStream),
        (with_broken_compression, BrokenStream),
        (with_half_a_letter, BrokenStream),
    ],
)
async def test_no_bad_connection_is_a_surprise(provider_at, connection, kind):
    async with raw_server(connection) as address:
        with pytest.raises(ProviderFailure) as caught:
            await answer(provider_at(address), timeout=0.3)

    assert (type(caught.value), caught.value.provider) == (kind, "upstream")


async def test_where_nobody_listens_nothing_can_be_reached(provider_at):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(Unreachable):
        await answer(provider_at(address))


async def test_a_host_that_does_not_exist_cannot_be_reached(provider_at):
    with pytest.raises(Unreachable):
        await answer(provider_at("http://nobody.invalid"))


@pytest.mark.parametrize("is_reset", [True, False])
async def test_an_answer_that_has_said_its_end_is_whole_whatever_the_connection_does_then(provider_at, is_reset):
    heard = asyncio.Event()

    async def finished(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + framed(saying("Hello")) + framed(ending("stop")))
        await heard.wait()
        if is_reset:
            reset(writer)
        await silent(reader, writer)

    async with raw_server(finished) as address:
        text = ""
        async for delta in provider_at(address).stream(question(timeout=0.3)):
            text += delta.text
            if delta.finish_reason:
                heard.set()

    assert text == "Hello"


async def test_a_redirect_is_not_followed(provider_at):
    elsewhere = Upstream(*WHOLE)

    async with serving(elsewhere.app) as address:
        moved = Upstream(b"", status=307, headers={"location": f"{address}/v1/chat/completions"})
        async with serving(moved.app) as old_address:
            with pytest.raises(ProviderFailure):
                await answer(provider_at(old_address))

    assert (len(moved.requests), elsewhere.requests) == (1, [])


async def test_nothing_is_asked_twice(provider_at):
    upstream = Upstream(b"{}", status=503, headers={"retry-after": "0", "x-should-retry": "true"})

    async with serving(upstream.app) as address:
        with pytest.raises(Overloaded):
            await answer(provider_at(address))

    assert len(upstream.requests) == 1


async def test_a_connection_serves_one_whole_answer_after_the_other(provider_at):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        provider = provider_at(address)
        for _ in range(3):
            await answer(provider)

    assert len({request.client for request in upstream.requests}) == 1


@pytest.mark.parametrize(("pause", "connections"), [(0.02, 1), (60, 2)])
async def test_the_end_of_a_body_is_waited_for_a_little_so_that_the_connection_can_be_kept(
    provider_at, pause, connections
):
    accepted = []

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)
        while await reader.readuntil(b'"stream":true}'):
            writer.write(CHUNKED + b"".join(framed(part) for part in WHOLE))
            await asyncio.sleep(pause)
            writer.write(b"0\r\n\r\n")

    async with raw_server(late) as address:
        provider = provider_at(address)
        said = [await answer(provider), await answer(provider)]

    assert (said, len(accepted)) == (["Hello", "Hello"], connections)


async def test_a_connection_that_the_provider_has_closed_is_not_used_again(provider_at):
    closed = asyncio.Event()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"".join(framed(part) for part in WHOLE) + b"0\r\n\r\n")
        await closed.wait()

    async with raw_server(once) as address:
        provider = provider_at(address)
        first = await answer(provider)
        closed.set()
        # The news of it takes a round of the loop or two; the connection is known by then to be of no use.
        await asyncio.sleep(0.05)
        second = await answer(provider)

    assert (first, second) == ("Hello", "Hello")


async def test_leaving_an_answer_stops_the_provider_at_once(demo, demo_address, provider_at):
    async with aclosing(provider_at(demo_address).stream(question("/slow 20 /tokens 999"))) as stream:
        await anext(stream)
        while_it_is_read = demo.state.open_streams

    assert while_it_is_read == 1
    await until(lambda: demo.state.open_streams == 0, seconds=0.1)


@pytest.mark.parametrize("order", ["/hang", "/comments", "/slow 20 /tokens 999", "/wait 9000"])
async def test_cancelling_the_one_who_listens_stops_the_provider_at_once(demo, demo_address, provider_at, order):
    listening = asyncio.create_task(answer(provider_at(demo_address), order))
    await until(lambda: demo.state.open_streams == 1)

    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening

    await until(lambda: demo.state.open_streams == 0, seconds=0.1)


async def test_an_answer_that_was_left_does_not_spoil_the_next(demo_address, provider_at):
    provider = provider_at(demo_address)

    for _ in range(3):
        async with aclosing(provider.stream(question("/tokens 500 /slow 1"))) as stream:
            await anext(stream)

    assert await answer(provider, "/echo Hi") == "Hi"


async def test_only_what_was_set_is_sent(provider_at):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        await answer(provider_at(address), model="gpt")

    said = {"model": "gpt", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    assert upstream.bodies == [{**said, "stream_options": {"include_usage": True}}]


async def test_the_question_goes_where_the_entry_says(provider_at):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        await answer(provider_at(address, api_base=f"{address}/some/path/", api_version="2024-10-21"))

    assert upstream.requests[0].url.path == "/some/path/chat/completions"
    assert upstream.requests[0].url.query == "api-version=2024-10-21"


async def test_the_patience_of_a_question_wins_over_that_of_the_provider(demo_address, provider_at):
    with pytest.raises(TimedOut):
        await answer(provider_at(demo_address, timeout=60), "/hang", timeout=0.1)

    assert await answer(provider_at(demo_address, timeout=0.1), "/wait 300 /echo Hi", timeout=60) == "Hi"


async def test_half_of_an_emoji_in_the_question_does_not_stop_it(provider_at):
    upstream = Upstream(*WHOLE)

    async with serving(upstream.app) as address:
        await answer(provider_at(address), "whole \ud83d\ude00, half \ud83d")

    assert upstream.bodies[0]["messages"][0]["content"] == "whole 😀, half \ufffd"


async def test_what_cannot_be_sent_is_a_failure_like_others(demo_address, provider_at):
    with pytest.raises(RequestRejected):
        await answer(provider_at(demo_address, params={"seed": float("nan")}))


async def test_tools_and_their_results_go_the_whole_way(demo, demo_address, provider_at):
    first = await deltas(provider_at(demo_address), question("/call add", tools=(TOOL,)))
    (piece,) = [piece for delta in first for piece in delta.tool_calls if piece.id]
    history = (ChatMessage("user", "Hi"), ChatMessage("tool", "42", tool_call_id=piece.id))

    said = await deltas(provider_at(demo_address), ChatRequest(history))

    assert isinstance(piece, ToolCallDelta)
    assert "42" in "".join(delta.text for delta in said)
    assert json.dumps(demo.state.requests[0][1]["tools"]) == json.dumps([TOOL])
