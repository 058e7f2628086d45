import json

import pytest
import structlog

from tests.poe.answering.showing import events_of, on_the_screen
from utils.chat import Delta, ToolCallDelta
from utils.errors import EmptyAnswer
from utils.poe.answering import Way

WITH_TOOLS = Way(with_tools=True)
ADD = ToolCallDelta(0, "call_1", "add", '{"a": 1}')


def calling(*pieces):
    return [*(Delta(tool_calls=(piece,)) for piece in pieces), Delta(finish_reason="tool_calls")]


def calls_in(events):
    chunks = [event.data["choices"][0] for event in events if event.data]
    return [call for chunk in chunks for call in chunk["delta"].get("tool_calls", ())]


async def functions_of(*pieces):
    calls = calls_in(await events_of(calling(*pieces), WITH_TOOLS))
    return [(call["index"], call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]


@pytest.mark.parametrize("reasoning", ["hide", "show", "status"])
async def test_a_call_alone_is_an_answer(reasoning):
    events = await events_of(calling(ADD), Way(reasoning, with_tools=True))

    assert [event.data is None for event in events] == [False, False]


async def test_a_call_and_the_chunk_that_closes_it_have_the_shape_that_the_client_reads():
    call, closing = await events_of(calling(ADD), WITH_TOOLS)

    function = {"name": "add", "arguments": '{"a": 1}'}
    delta = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}
    assert (call.text, call.data) == ("", {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    assert closing.data == {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}


@pytest.mark.parametrize(
    ("pieces", "functions"),
    [
        pytest.param(
            [ToolCallDelta(0, "c", "add"), ToolCallDelta(0, arguments='{"a"'), ToolCallDelta(0, arguments=": 1}")],
            [(0, "add", {"a": 1})],
            id="in pieces",
        ),
        pytest.param(
            [ToolCallDelta(0, arguments='{"a"'), ToolCallDelta(0, "c", "add", ": 1}")],
            [(0, "add", {"a": 1})],
            id="the name comes late",
        ),
        pytest.param(
            [ToolCallDelta(0, "c", "add", '{"a"'), ToolCallDelta(0, "c", "add", ": 1}")],
            [(0, "add", {"a": 1})],
            id="the name comes with every piece",
        ),
        pytest.param(
            [ToolCallDelta(0, "c", "add", '{"a"'), ToolCallDelta(0, "d", None, ": 1}")],
            [(0, "add", {"a": 1})],
            id="every piece has another id",
        ),
        pytest.param(
            [ToolCallDelta(3, "c", "add", "{}"), ToolCallDelta(7, "d", "sub", "{}")],
            [(0, "add", {}), (1, "sub", {})],
            id="odd numbering",
        ),
        pytest.param(
            [
                ToolCallDelta(0, "c", "add", '{"a"'),
                ToolCallDelta(1, "d", "sub", '{"b"'),
                ToolCallDelta(0, None, None, ": 1}"),
                ToolCallDelta(1, None, None, ": 2}"),
            ],
            [(0, "add", {"a": 1}), (1, "sub", {"b": 2})],
            id="two at the same time",
        ),
        pytest.param(
            [ToolCallDelta(0, "c", "add", '{"a": 1}'), ToolCallDelta(0, "d", "add", '{"a": 2}')],
            [(0, "add", {"a": 1}), (1, "add", {"a": 2})],
            id="two with one index",
        ),
        pytest.param(
            [ToolCallDelta(0, None, "add", '{"a": 1}'), ToolCallDelta(0, None, "sub", '{"b": 2}')],
            [(0, "add", {"a": 1}), (1, "sub", {"b": 2})],
            id="two with one index and no id",
        ),
    ],
)
async def test_the_pieces_of_calls_are_put_together(pieces, functions):
    assert await functions_of(*pieces) == functions


@pytest.mark.parametrize(
    ("arguments", "understood"),
    [
        ("", {}),
        (" \n", {}),
        ("null", {}),
        ("{}", {}),
        ('{"text": "two\nlines"}', {"text": "two\nlines"}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('{"a": "日本 🙂"}', {"a": "日本 🙂"}),
    ],
)
async def test_arguments_always_are_a_json_object(arguments, understood):
    assert await functions_of(ToolCallDelta(0, "c", "add", arguments)) == [(0, "add", understood)]


@pytest.mark.parametrize("arguments", ['{"a": 1', "[1]", "1", '"1"', "add(1)", "{}{}", "[" * 100_000])
async def test_a_call_that_nobody_can_carry_out_is_left_out_and_logged(arguments):
    with structlog.testing.capture_logs() as logs:
        functions = await functions_of(ToolCallDelta(0, "c", "book", arguments), ToolCallDelta(1, "d", "add"))

    assert functions == [(0, "add", {})]
    log = {"event": "tool_call.unreadable", "log_level": "warning", "tool": "book", "characters": len(arguments)}
    assert logs == [log]


async def test_a_call_without_a_name_is_left_out():
    assert await functions_of(ToolCallDelta(0, "c", None, "{}"), ToolCallDelta(1, "d", "add")) == [(0, "add", {})]


async def test_calls_without_an_id_get_one_each():
    first, second = calls_in(
        await events_of(calling(ToolCallDelta(0, None, "add"), ToolCallDelta(1, None, "add")), WITH_TOOLS)
    )

    assert first["id"].startswith("call_")
    assert second["id"].startswith("call_")
    assert first["id"] != second["id"]


@pytest.mark.parametrize("reasoning", ["hide", "show", "status"])
async def test_words_around_the_calls_are_plain_text(reasoning):
    deltas = [Delta("Let me "), Delta("see.", tool_calls=(ADD,)), Delta(" Wait.")]

    events = await events_of(deltas, Way(reasoning, with_tools=True))

    assert [event.text for event in events] == ["Let me ", "see.", " Wait.", "", ""]
    assert [call["function"]["name"] for call in calls_in(events)] == ["add"]


async def test_empty_lines_before_a_call_are_nothing():
    events = await events_of([Delta("<think>hm</think>\n\n"), *calling(ADD)], WITH_TOOLS)

    assert on_the_screen(events) == ""
    assert len(events) == 2


async def test_a_thinking_line_is_gone_when_there_are_only_calls():
    events = await events_of([Delta(reasoning="hm"), *calling(ADD)], Way("status", with_tools=True))

    assert events[0].text == "Thinking…"
    assert on_the_screen(events) == ""
    assert len(calls_in(events)) == 1


async def test_calls_of_tools_that_nobody_offered_are_not_shown():
    assert [event.text for event in await events_of([Delta("Hm."), *calling(ADD)], Way())] == ["Hm."]


@pytest.mark.parametrize(
    ("pieces", "way"),
    [([ADD], Way()), ([ToolCallDelta(0, "c", "add", "[")], WITH_TOOLS)],
    ids=["nobody offered tools", "nobody can carry it out"],
)
async def test_calls_that_cannot_be_sent_are_no_answer(pieces, way):
    with pytest.raises(EmptyAnswer, match="cannot run"):
        await events_of(calling(*pieces), way)
