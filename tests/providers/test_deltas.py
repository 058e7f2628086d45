import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.chat import Delta, ToolCallDelta, Usage
from utils.errors import BrokenStream
from utils.providers.deltas import DeltaReader, InStreamError


def read(*chunks) -> Delta | None:
    return DeltaReader().read([json.dumps(chunk).encode() for chunk in chunks])


def after_words(chunk) -> Delta | None:
    """What the chunk brings in a read of its own, when the answer is in the middle of its words."""
    reader = DeltaReader()
    reader.read([json.dumps(of({"content": "words"})).encode()])
    return reader.read([json.dumps(chunk).encode()])


def of(delta, **choice) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, **choice}]}


def call(**fields) -> dict[str, Any]:
    return of({"tool_calls": [fields]})


CHUNKS = pytest.mark.parametrize(
    ("chunk", "delta"),
    [
        (of({"content": "Hi"}), Delta("Hi")),
        (of({"role": "assistant", "content": "Hi", "x_vendor": {"a": [1]}}, logprobs=None), Delta("Hi")),
        (of({"content": "Hi"}, finish_reason="length"), Delta("Hi", finish_reason="length")),
        (of({}, finish_reason="stop"), Delta(finish_reason="stop")),
        ({"choices": [{"finish_reason": "stop"}]}, Delta(finish_reason="stop")),
        (of({"refusal": "I will not."}), Delta("I will not.")),
        (of({"content": "Hi", "refusal": None}), Delta("Hi")),
        (of({"reasoning_content": "Hm"}), Delta(reasoning="Hm")),
        (of({"reasoning": "Hm"}), Delta(reasoning="Hm")),
        (of({"reasoning": "Hm", "reasoning_content": "Hm"}), Delta(reasoning="Hm")),
        (of({"reasoning": "Hm", "reasoning_content": ""}), Delta(reasoning="Hm")),
        (of({"reasoning": "Hm", "reasoning_details": [{"text": "Hm"}]}), Delta(reasoning="Hm")),
        (of({"content": "Hi", "reasoning": "Hm"}), Delta("Hi", "Hm")),
        (of({"content": ["Hi", " there"]}), Delta("Hi there")),
        (of({"content": [{"type": "text", "text": "Hi"}]}), Delta("Hi")),
        (of({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}), Delta(reasoning="Hm")),
        (of({"content": [{"type": "thinking", "thinking": "Hm"}, {"text": "Hi"}]}), Delta("Hi", "Hm")),
        (of({"content": [{"type": "reasoning", "text": "Hm"}]}), Delta(reasoning="Hm")),
        (of({"content": [{"type": ["odd"], "text": "Hi"}, None, 1, {"text": 2}, {"thinking": {}}]}), Delta("Hi")),
    ],
)


@CHUNKS
def test_a_chunk_brings(chunk, delta):
    assert read(chunk) == delta


@CHUNKS
def test_a_chunk_brings_the_same_behind_words(chunk, delta):
    assert after_words(chunk) == delta


NOTHING = pytest.mark.parametrize(
    "chunk",
    [
        {},
        [],
        None,
        "text",
        {"choices": []},
        {"choices": None},
        {"choices": "odd"},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"index": 0}]},
        {"choices": [], "prompt_filter_results": [{"content_filter_results": {}}]},
        of(None),
        of("odd"),
        of({}),
        of({"role": "assistant"}),
        of({"role": "assistant", "content": ""}),
        of({"content": None, "tool_calls": None, "reasoning": None, "refusal": None}),
        of({"content": 1, "reasoning": [], "refusal": {}, "tool_calls": {}}),
        of({"content": []}),
        of({"content": {}}),
        of({}, finish_reason=None),
        of({}, finish_reason=""),
        of({}, finish_reason=7),
        {"usage": None},
        {"usage": []},
        {"error": None},
        {"error": {}},
        {"error": ""},
    ],
)


@NOTHING
def test_a_chunk_brings_nothing(chunk):
    assert read(chunk) is None


@NOTHING
def test_a_chunk_brings_nothing_behind_words(chunk):
    assert after_words(chunk) is None


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}, Usage(3, 2)),
        ({"prompt_tokens": 3}, Usage(3)),
        ({}, Usage()),
        ({"prompt_tokens": None, "completion_tokens": None, "prompt_tokens_details": None}, Usage()),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": None}}, Usage(9, 0, 4)),
        ({"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 7}}, Usage(0, 9, 0, 7)),
        ({"completion_tokens_details": {"reasoning_tokens": None}, "prompt_tokens_details": {}}, Usage()),
        ({"prompt_tokens": 3.0, "completion_tokens": "2", "cost": 0.01}, Usage(3, cost=Decimal("0.01"))),
        ({"prompt_tokens": -3, "completion_tokens": -2}, Usage()),
        ({"prompt_tokens": 10**30, "completion_tokens": 10**12}, Usage(10**9, 10**9)),
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(3, 0, 3)),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 5}, Usage(9, 0, 4)),
        ({"prompt_tokens": 9, "cached_tokens": 4}, Usage(9, 0, 4)),
        ({"prompt_tokens": 9, "cache_creation_input_tokens": 4}, Usage(9, cache_write_tokens=4)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 5}},
            Usage(9, 0, 6, cache_write_tokens=3),
        ),
        ({"prompt_tokens": 9, "cost_in_usd_ticks": 318_319_000}, Usage(9, cost=Decimal("0.0318319"))),
        ({"prompt_tokens": 9, "cost": {"total_cost": 0.5}}, Usage(9, cost=Decimal("0.5"))),
        ({"prompt_tokens": 9, "cost": "0.00014"}, Usage(9, cost=Decimal("0.00014"))),
        ({"prompt_tokens": 9, "cost": 0}, Usage(9, cost=Decimal(0))),
        ({"prompt_tokens": 9, "cost": -1}, Usage(9)),
        ({"prompt_tokens": 9, "cost": 1e300}, Usage(9)),
        ({"prompt_tokens": 9, "cost": True}, Usage(9)),
        ({"prompt_tokens": 9, "cost": "much"}, Usage(9)),
        ({"prompt_tokens": 9, "cost": {"total_cost": None}}, Usage(9)),
        ({"prompt_tokens": True, "completion_tokens": [2], "prompt_tokens_details": 1}, Usage()),
        ({"prompt_tokens": float("inf"), "completion_tokens": float("nan")}, Usage()),
    ],
)
def test_tokens_are_counted_as_far_as_they_are_told(usage, tokens):
    assert read({"choices": [], "usage": usage}) == Delta(usage=tokens)
    assert read({**of({"content": "Hi"}), "usage": usage}) == Delta("Hi", usage=tokens)


@pytest.mark.parametrize(
    ("function", "piece"),
    [
        ({"name": "add", "arguments": ""}, ToolCallDelta(0, "a", "add", "")),
        ({"name": None, "arguments": '{"a"'}, ToolCallDelta(0, "a", None, '{"a"')),
        ({"name": "add", "arguments": {"a": 1}}, ToolCallDelta(0, "a", "add", '{"a": 1}')),
        ({"name": "add", "arguments": None}, ToolCallDelta(0, "a", "add", "")),
        ({"name": 1, "arguments": 1}, ToolCallDelta(0, "a", None, "")),
        ({}, ToolCallDelta(0, "a")),
        (None, ToolCallDelta(0, "a")),
        ("odd", ToolCallDelta(0, "a")),
    ],
)
def test_a_piece_of_a_tool_call_is_read(function, piece):
    assert read(call(index=0, id="a", type="function", function=function)) == Delta(tool_calls=(piece,))


@pytest.mark.parametrize(
    ("pieces", "indices"),
    [
        ([{"index": 0, "id": "a"}, {"index": 0}, {"index": 1, "id": "b"}, {"index": 1}], [0, 0, 1, 1]),
        ([{"id": "a"}, {}, {"id": "b"}, {}], [0, 0, 1, 1]),
        ([{"id": "a"}, {"id": "a"}, {"id": "b"}], [0, 0, 1]),
        ([{"id": "", "function": {"name": "f"}}, {"id": "", "function": {"name": "g"}}], [0, 1]),
        ([{"index": 4, "id": "a"}, {}, {"id": "b"}], [4, 4, 5]),
        ([{"index": None, "id": None}], [0]),
        ([{"index": "0", "id": "a"}, {"index": "1", "id": "b"}], [0, 1]),
    ],
)
def test_pieces_of_a_tool_call_belong_together_with_and_without_an_index(pieces, indices):
    in_one_chunk = read(of({"tool_calls": pieces}))
    in_several = read(*(call(**piece) for piece in pieces))

    assert in_one_chunk == in_several
    assert in_one_chunk is not None
    assert [piece.index for piece in in_one_chunk.tool_calls] == indices


@pytest.mark.parametrize(
    ("chunk", "body"),
    [
        ({"error": {"message": "No", "code": 500}}, {"message": "No", "code": 500}),
        ({"error": "No"}, {"error": "No"}),
        ({"error": ["No"]}, {"error": ["No"]}),
        ({"error": "No", "code": "overloaded"}, {"error": "No", "code": "overloaded"}),
        ({"choices": [{"error": {"code": 502}, "finish_reason": "error"}]}, {"code": 502}),
        ({"choices": [], "x_groq": {"error": "over_capacity"}}, {"choices": [], "x_groq": {"error": "over_capacity"}}),
        ({"error": {"code": 502}, "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]}, {"code": 502}),
        ({"error": {"message": "No"}, "choices": "odd"}, {"message": "No"}),
        ([{"error": {"code": 429}}], {"code": 429}),
        ({"object": "error", "message": "No", "code": 400}, {"object": "error", "message": "No", "code": 400}),
    ],
)
def test_an_error_inside_the_stream_is_raised_with_what_it_says(chunk, body):
    with pytest.raises(InStreamError) as caught:
        read(of({"content": "Hi"}), chunk)

    assert caught.value.body == body


@pytest.mark.parametrize(
    "event", [b"<p>", b'{"choices":', b"\xff\xfe", b"{'a': 1}", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"]
)
def test_what_is_no_json_breaks_the_stream(event):
    with pytest.raises(BrokenStream):
        DeltaReader().read([event])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def some_of(**fields: st.SearchStrategy) -> st.SearchStrategy:
    """Objects with these keys, each of them perhaps missing and perhaps odd."""
    return st.fixed_dictionaries({}, optional={name: value | json_values for name, value in fields.items()})


functions = some_of(name=st.text(), arguments=st.text())
calls = some_of(index=st.integers(), id=st.text(), function=functions)
parts = some_of(type=st.sampled_from(["text", "thinking"]), text=st.text(), thinking=st.lists(json_values))
messages = some_of(content=st.text() | st.lists(parts), reasoning=st.text(), tool_calls=st.lists(calls))
counts = some_of(prompt_tokens=st.floats(), completion_tokens_details=some_of(reasoning_tokens=st.floats()))
choices = some_of(delta=messages, finish_reason=st.text())
chunks = some_of(choices=st.lists(choices), usage=counts, error=json_values)


@given(st.lists(chunks | json_values))
def test_no_chunk_whatsoever_is_a_surprise(chunks):
    try:
        delta = read(*chunks)
    except (InStreamError, BrokenStream):
        return

    assert delta is None or all(type(text) is str for text in (delta.text, delta.reasoning))


def test_halves_of_an_emoji_in_two_chunks_are_the_emoji_again():
    delta = DeltaReader().read(
        [rb'{"choices":[{"delta":{"content":"\ud83d"}}]}', rb'{"choices":[{"delta":{"content":"\ude00"}}]}']
    )

    assert delta is not None
    assert json.loads(json.dumps(delta.text)) == "😀"


def test_what_came_in_one_read_is_joined_in_its_order():
    delta = read(
        of({"role": "assistant", "content": ""}),
        of({"reasoning_content": "First "}),
        of({"reasoning_content": "think."}),
        of({"content": "Then"}),
        of({"content": " speak."}, finish_reason="stop"),
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    )

    assert delta == Delta("Then speak.", "First think.", finish_reason="stop", usage=Usage(1, 2))


@pytest.mark.parametrize(
    ("events", "is_whole"),
    [
        ([of({"content": "Hi"}, finish_reason="stop")], True),
        ([of({"content": "Hi"}, finish_reason="stop"), "[DONE]"], True),
        ([of({"content": "Hi"}, finish_reason="stop"), of({}, finish_reason="")], True),
        ([of({"content": "Hi"}, finish_reason=""), "[DONE]"], True),
        ([of({"content": "Hi"}, finish_reason="")], False),
        ([of({"content": "Hi"}), "[DONE]"], False),
        ([of({"content": "Hi"})], False),
        ([], False),
    ],
)
def test_an_answer_is_whole_when_it_says_so(events, is_whole):
    reader = DeltaReader()

    reader.read([event.encode() if isinstance(event, str) else json.dumps(event).encode() for event in events])

    assert reader.is_whole == is_whole


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        *[(said, "stop") for said in ("stop", "STOP", "eos", "eos_token", "end_turn", "stop_sequence", "COMPLETE")],
        *[(said, "length") for said in ("length", "MAX_TOKENS", "max_tokens", "model_length")],
        *[(said, "tool_calls") for said in ("tool_calls", "tool_use", "tool-calls", "function_call")],
        *[(said, "content_filter") for said in ("content_filter", "content_filter: RECITATION", "SAFETY", "sensitive")],
        ("insufficient_system_resource", "insufficient_system_resource"),
        ("of_tomorrow", "of_tomorrow"),
    ],
)
def test_the_reason_to_finish_is_said_in_known_words(said, reason):
    assert read(of({"content": "Hi"}, finish_reason=said)) == Delta("Hi", finish_reason=reason)


def test_an_answer_that_called_something_has_finished_for_that():
    reader = DeltaReader()

    reader.read([json.dumps(call(id="a", function={"name": "add"})).encode()])
    delta = reader.read([json.dumps(of({}, finish_reason="stop")).encode()])

    assert delta == Delta(finish_reason="tool_calls")


def test_the_model_that_answers_is_said_once():
    reader = DeltaReader()
    pieces = [{"model": "m-1", **of({"role": "assistant"})}, *({"model": "m-1", **of({"content": "Hi"})},) * 2]

    said = [reader.read([json.dumps(piece).encode()]) for piece in pieces]

    assert said == [None, Delta("Hi", model="m-1"), Delta("Hi")]


@pytest.mark.parametrize(
    ("fields", "thought"),
    [
        (("reasoning_content", "reasoning"), "a"),
        (("reasoning", "reasoning_content"), "b"),
        (("thinking",), "c"),
        (("nothing", "thinking", "reasoning"), "c"),
        (("nothing",), ""),
        ((), ""),
    ],
)
def test_thoughts_are_looked_for_where_the_profile_says(fields, thought):
    said = of({"content": "Hi", "reasoning_content": "a", "reasoning": "b", "thinking": "c"})

    assert DeltaReader(fields).read([json.dumps(said).encode()]) == Delta("Hi", thought)


@pytest.mark.parametrize(
    ("extra", "signature"),
    [
        ({"google": {"thought_signature": "c2ln"}}, "c2ln"),
        ({"google": {"thought_signature": 1}}, None),
        ({"google": "odd"}, None),
        ("odd", None),
        (None, None),
    ],
)
def test_a_signature_comes_with_the_call_that_it_signs(extra, signature):
    delta = read(call(id="a", function={"name": "add", "arguments": "{}"}, extra_content=extra))

    assert delta == Delta(tool_calls=(ToolCallDelta(0, "a", "add", "{}", signature),))


@pytest.mark.parametrize(
    "place",
    [
        lambda usage: {"choices": [], "usage": usage},
        lambda usage: of({}, usage=usage),
        lambda usage: {"choices": [], "x_groq": {"id": "req_1", "usage": usage}},
    ],
)
def test_tokens_are_found_in_every_place_where_vendors_put_them(place):
    usage = {"prompt_tokens": 3, "completion_tokens": 2}

    assert read(place(usage)) == Delta(usage=Usage(3, 2))


def test_nothing_is_read_behind_the_end_mark():
    reader = DeltaReader()

    delta = reader.read([json.dumps(of({"content": "Hi"})).encode(), b"[DONE]", b"not json"])

    assert (delta, reader.is_done) == (Delta("Hi"), True)


@pytest.mark.parametrize(
    "delta",
    [
        {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
        {"images": [{"image_url": "data:image/png;base64,AAAA"}, {"image_url": {"url": "file:///etc/passwd"}}, 5]},
        {"content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
    ],
)
def test_pictures_that_the_model_makes_are_found(delta):
    event = json.dumps({"choices": [{"delta": delta}]}).encode()

    found = DeltaReader().read([event])

    assert found is not None
    assert [image.url for image in found.images] == ["data:image/png;base64,AAAA"]
    assert found.has_content


@pytest.mark.parametrize(
    "chunk",
    [
        {"message": "Too many requests", "code": 429},
        {"type": "error", "message": "oops"},
        {"detail": "Not found"},
        {"detail": [{"msg": "no"}]},
    ],
)
def test_errors_that_do_not_stand_under_error_are_errors_too(chunk):
    with pytest.raises(InStreamError):
        DeltaReader().read([json.dumps(chunk).encode()])


def test_a_whole_message_in_a_chunk_is_read_like_a_piece_of_one():
    event = json.dumps({"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}).encode()

    found = DeltaReader().read([event])

    assert found is not None
    assert (found.text, found.finish_reason) == ("hi", "stop")


def test_calls_that_share_an_index_are_told_apart_by_name_and_id():
    said = [
        call(index=0, id="a", function={"name": "add", "arguments": '{"x":'}),
        call(index=0, id="a", function={"name": "add", "arguments": "1}"}),
        call(index=0, id="b", function={"name": "sub", "arguments": '{"y":'}),
        call(index=0, function={"arguments": "2}"}),
        call(index=1, id="c", function={"name": "mul", "arguments": "{}"}),
    ]

    found = read(*said)

    assert found is not None
    assert [(piece.index, piece.id, piece.arguments) for piece in found.tool_calls] == [
        (0, "a", '{"x":'),
        (0, "a", "1}"),
        (1, "b", '{"y":'),
        (1, None, "2}"),
        (2, "c", "{}"),
    ]


def test_an_id_that_changes_without_a_name_begins_no_call():
    said = [call(index=0, id="a", function={"name": "add"}), call(index=0, id="b", function={"arguments": "{}"})]

    found = read(*said)

    assert found is not None
    assert [piece.index for piece in found.tool_calls] == [0, 0]


def test_of_several_answers_the_one_that_comes_first_is_read():
    def piece(index: int, text: str, reason: str | None = None) -> dict[str, Any]:
        return {"index": index, "delta": {"content": text}, "finish_reason": reason}

    chunks = [
        {"choices": [piece(1, "Hel")]},
        {"choices": [piece(0, "Good"), piece(1, "lo")]},
        {"choices": [piece(0, "bye", "stop")]},
        {"choices": [{"delta": {"content": "!"}, "finish_reason": "length"}], "usage": {"prompt_tokens": 3}},
    ]

    assert read(*chunks) == Delta("Hello!", finish_reason="length", usage=Usage(3))
