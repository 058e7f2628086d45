"""What comes over the wire of ConverseStream, as deltas."""

import asyncio

import pytest

from tests.serving import serving
from utils.chat import ToolCallDelta, Usage

from ..asking import answer, deltas, question
from . import frames
from .frames import COUNTS, START, WHOLE, event, stop, text, usage
from .upstream import Aws


def delta(block, **said):
    return event("contentBlockDelta", contentBlockIndex=block, delta=said)


async def answer_of(bedrock_at, *parts):
    async with serving(Aws(*parts).app) as address:
        return await deltas(bedrock_at(address), question())


async def test_an_answer_comes_word_by_word_and_ends_with_reason_and_usage(bedrock_at, address, aws):
    said = await deltas(bedrock_at(address), question())

    assert [each.text for each in said] == ["Hel", "lo", ""]
    assert (said[-1].finish_reason, said[-1].usage) == ("stop", Usage(3, 2))
    assert aws.actions == ["converse-stream"]


async def test_thinking_is_kept_apart_from_the_answer(bedrock_at):
    parts = (START, delta(0, reasoningContent={"text": "Hm."}), delta(0, reasoningContent={"signature": "c2ln"}))

    said = await answer_of(bedrock_at, *parts, text("Yes.", 1), stop(), COUNTS)

    assert "".join(each.reasoning for each in said) == "Hm."
    assert "".join(each.text for each in said) == "Yes."


async def test_tool_calls_are_numbered_from_zero_and_come_in_pieces(bedrock_at):
    def call(block, id, name):
        return event("contentBlockStart", contentBlockIndex=block, start={"toolUse": {"toolUseId": id, "name": name}})

    said = await answer_of(
        bedrock_at,
        *(START, text("One moment.")),
        *(call(1, "t1", "weather"), delta(1, toolUse={"input": '{"city":'}), delta(1, toolUse={"input": '"Rome"}'})),
        *(call(2, "t2", "time"), stop("tool_use"), COUNTS),
    )

    assert [call for each in said for call in each.tool_calls] == [
        ToolCallDelta(0, "t1", "weather"),
        ToolCallDelta(0, arguments='{"city":'),
        ToolCallDelta(0, arguments='"Rome"}'),
        ToolCallDelta(1, "t2", "time"),
    ]
    assert said[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("reason", "finish_reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("content_filtered", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("a_new_one", "a_new_one"),
    ],
)
async def test_the_reason_to_stop_is_said_in_openais_words(bedrock_at, reason, finish_reason):
    said = await answer_of(bedrock_at, START, text("Yes"), stop(reason), COUNTS)

    assert said[-1].finish_reason == finish_reason


async def test_what_the_cache_gave_and_took_is_part_of_the_input(bedrock_at):
    counts = usage(inputTokens=10, outputTokens=4, cacheReadInputTokens=100, cacheWriteInputTokens=7)

    said = await answer_of(bedrock_at, START, text("Yes"), stop(), counts)

    assert said[-1].usage == Usage(117, 4, cached_tokens=100, cache_write_tokens=7)


async def test_an_answer_without_usage_is_whole_all_the_same(bedrock_at):
    said = await answer_of(bedrock_at, START, text("Yes"), stop())

    assert (said[-1].finish_reason, said[-1].usage) == ("stop", None)


async def test_what_follows_the_end_does_not_spoil_the_answer(bedrock_at):
    said = await answer_of(bedrock_at, START, text("Yes"), stop(), frames.exception("throttlingException", "late"))

    assert (said[0].text, said[-1].finish_reason) == ("Yes", "stop")


async def test_pictures_of_the_model_are_handed_on(bedrock_at):
    start = event("contentBlockStart", contentBlockIndex=0, start={"image": {"format": "webp"}})
    picture = delta(0, image={"source": {"bytes": "aGk="}})

    said = await answer_of(bedrock_at, START, start, picture, stop(), COUNTS)

    assert [image.url for each in said for image in each.images] == ["data:image/webp;base64,aGk="]


async def test_it_does_not_matter_where_the_network_cuts_the_frames(bedrock_at, address, aws):
    whole = b"".join((START, text("grüße \u2028 👋"), stop(), COUNTS))
    provider = bedrock_at(address)

    for cut in range(0, len(whole), 3):
        aws.parts = tuple(part for part in (whole[:cut], whole[cut : cut + 1], whole[cut + 1 :]) if part)

        assert await answer(provider) == "grüße \u2028 👋"


async def test_single_bytes_are_an_answer_too(bedrock_at):
    said = await answer_of(bedrock_at, *(bytes([byte]) for byte in b"".join(WHOLE)))

    assert "".join(each.text for each in said) == "Hello"


async def test_who_stops_listening_closes_the_connection(bedrock_at, address, aws):
    aws.parts, aws.waits = (START, text("Hel")), True
    stream = bedrock_at(address).stream(question())

    assert (await anext(stream)).text == "Hel"
    await stream.aclose()

    async with asyncio.timeout(5):
        await aws.hung_up.wait()


async def test_a_cancelled_task_closes_the_connection(bedrock_at, address, aws):
    aws.parts, aws.waits = (START, text("Hel")), True
    heard = asyncio.Event()

    async def listen():
        async for _ in bedrock_at(address).stream(question()):
            heard.set()

    listening = asyncio.create_task(listen())
    await heard.wait()
    listening.cancel()

    async with asyncio.timeout(5):
        await aws.hung_up.wait()


async def test_connections_are_used_again(bedrock_at, address, aws):
    provider = bedrock_at(address)

    for _ in range(3):
        await answer(provider)

    assert len({request.client.port for request in aws.requests}) == 1


async def test_a_model_that_cannot_stream_is_asked_for_the_whole_answer(bedrock_at, address, aws):
    aws.whole = {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Hm."}}},
                    {"text": "Yes."},
                    {"toolUse": {"toolUseId": "t", "name": "time", "input": {"zone": "CET"}}},
                ],
            }
        },
        "stopReason": "tool_use",
        "usage": {"inputTokens": 5, "outputTokens": 6, "totalTokens": 11},
        "metrics": {"latencyMs": 1},
    }

    said = await deltas(bedrock_at(address, settings={"stream": False}), question())

    assert aws.actions == ["converse"]
    assert ("".join(d.reasoning for d in said), "".join(d.text for d in said)) == ("Hm.", "Yes.")
    calls = [call for each in said for call in each.tool_calls]
    assert calls == [ToolCallDelta(0, "t", "time"), ToolCallDelta(0, arguments='{"zone": "CET"}')]
    assert (said[-1].finish_reason, said[-1].usage) == ("tool_calls", Usage(5, 6))
