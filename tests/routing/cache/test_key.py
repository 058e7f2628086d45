from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from utils.chat import ChatMessage, ChatRequest, Image, Origin, ToolCall
from utils.routing.cache.key import NOT_SHAPING, key_of

ORIGIN = Origin("poe", "Poet", "alice", "c1", "m1")
CALL = ToolCall("call_1", "weather", '{"city":"Ulm"}', "signed")
MESSAGES = (
    ChatMessage("system", "Be kind."),
    ChatMessage("user", "Look", images=(Image("data:image/png;base64,AAAA"), Image("https://a.example/b.png"))),
    ChatMessage("assistant", "", tool_calls=(CALL,)),
    ChatMessage("tool", "sunny", tool_call_id="call_1"),
    ChatMessage("user", "Thanks"),
)
RICH = ChatRequest(
    MESSAGES,
    model="gpt",
    temperature=0.5,
    max_tokens=100,
    stop=("END", "."),
    tools=({"type": "function", "function": {"name": "weather", "parameters": {"a": 1, "b": [1, 2]}}},),
    params={"top_p": 0.9, "extra": {"x": 1, "y": None}},
    timeout=30.0,
    origin=ORIGIN,
)


def with_(**changes: Any) -> ChatRequest:
    return msgspec.structs.replace(RICH, **changes)


def with_message(number: int, **changes: Any) -> ChatRequest:
    messages = list(MESSAGES)
    messages[number] = msgspec.structs.replace(messages[number], **changes)
    return with_(messages=tuple(messages))


OTHERS = {
    "model": with_(model="gpt-2"),
    "no model": with_(model=None),
    "temperature": with_(temperature=0.6),
    "temperature of zero": with_(temperature=0.0),
    "no temperature": with_(temperature=None),
    "temperature that is no number": with_(temperature=float("nan")),
    "endless temperature": with_(temperature=float("inf")),
    "max_tokens": with_(max_tokens=101),
    "no max_tokens": with_(max_tokens=None),
    "stop": with_(stop=("END",)),
    "stop in another order": with_(stop=(".", "END")),
    "stop joined": with_(stop=("END.",)),
    "tools": with_(tools=()),
    "a tool's parameter": with_(tools=({**RICH.tools[0], "function": {"name": "weather", "parameters": {"a": 2}}},)),
    "a list inside a tool": with_(
        tools=({"type": "function", "function": {"name": "weather", "parameters": {"a": 1, "b": [2, 1]}}},)
    ),
    "params": with_(params={"top_p": 0.8, "extra": {"x": 1, "y": None}}),
    "no params": with_(params={}),
    "a param that is missing": with_(params={"top_p": 0.9, "extra": {"x": 1}}),
    "a param of another type": with_(params={"top_p": "0.9", "extra": {"x": 1, "y": None}}),
    "a param that is true": with_(params={"top_p": 0.9, "extra": {"x": True, "y": None}}),
    "a param that is no number": with_(params={"top_p": 0.9, "extra": {"x": 1, "y": float("nan")}}),
    "a role": with_message(0, role="user"),
    "a text": with_message(4, text="Thanks!"),
    "an embedded picture": with_message(1, images=(Image("data:image/png;base64,AAAB"), MESSAGES[1].images[1])),
    "a picture's address": with_message(1, images=(MESSAGES[1].images[0], Image("https://a.example/c.png"))),
    "pictures in another order": with_message(1, images=MESSAGES[1].images[::-1]),
    "a call's id": with_message(2, tool_calls=(msgspec.structs.replace(CALL, id="call_2"),)),
    "a call's name": with_message(2, tool_calls=(msgspec.structs.replace(CALL, name="news"),)),
    "a call's signature": with_message(2, tool_calls=(msgspec.structs.replace(CALL, signature=None),)),
    "a call's arguments": with_message(2, tool_calls=(msgspec.structs.replace(CALL, arguments="{}"),)),
    "a result's id": with_message(3, tool_call_id="call_2"),
    "no result's id": with_message(3, tool_call_id=None),
    "a thought": with_message(2, reasoning="Ulm it is."),
    "the key to ask with": with_(key="second"),
    "a reader who can take nothing back": with_(can_restart=False),
    "a message less": with_(messages=MESSAGES[:-1]),
    "a message more": with_(messages=(*MESSAGES, ChatMessage("user"))),
    "messages in another order": with_(messages=(MESSAGES[1], MESSAGES[0], *MESSAGES[2:])),
}


def key(request: ChatRequest = RICH, asks: str | bytes = "openai:gpt", scope: Any = "user") -> bytes:
    found = key_of(request, asks, scope)
    assert found is not None
    return found


@pytest.mark.parametrize("what", OTHERS)
def test_another_question_has_another_key(what):
    assert key(OTHERS[what]) != key()


def test_no_two_of_these_questions_have_the_same_key():
    assert len({key(), *map(key, OTHERS.values())}) == len(OTHERS) + 1


def test_the_same_question_has_the_same_key():
    again = msgspec.convert(msgspec.to_builtins(RICH), ChatRequest)

    assert key(again) == key()


@pytest.mark.parametrize(
    "same",
    [
        with_(params={"extra": {"y": None, "x": 1}, "top_p": 0.9}),
        with_(params=MappingProxyType({"extra": MappingProxyType({"y": None, "x": 1}), "top_p": 0.9})),
        with_(tools=({"function": {"parameters": {"b": [1, 2], "a": 1}, "name": "weather"}, "type": "function"},)),
        with_(timeout=5.0),
        with_(fresh=True),
        with_(origin=msgspec.structs.replace(ORIGIN, message="m2")),
        with_(origin=msgspec.structs.replace(ORIGIN, conversation="c2")),
    ],
)
def test_what_shapes_no_answer_changes_no_key(same):
    assert key(same) == key()


def test_every_field_of_a_request_is_told_apart_or_known_to_shape_nothing():
    changed = {
        field
        for field in ChatRequest.__struct_fields__
        if any(getattr(other, field) != getattr(RICH, field) for other in OTHERS.values())
    }

    assert changed | NOT_SHAPING == set(ChatRequest.__struct_fields__)
    assert changed & NOT_SHAPING == set()


def test_other_targets_have_another_key():
    assert len({key(asks=asks) for asks in ("openai:gpt", "openai:gpt,anthropic:claude", b"openai:gpt", "")}) == 4


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("bot", {"bot"}),
        ("user", {"bot", "user", "door"}),
        ("conversation", {"bot", "user", "conversation", "door"}),
    ],
)
def test_a_scope_keeps_apart_what_it_names(scope, fields):
    changed = {
        field
        for field in Origin.__struct_fields__
        if key(with_(origin=msgspec.structs.replace(ORIGIN, **{field: "another"})), scope=scope) != key(scope=scope)
    }

    assert changed == fields


def test_the_same_name_in_another_scope_is_another_key():
    origin = Origin("x", "x", "x", "x", "x")

    assert len({key(with_(origin=origin), scope=scope) for scope in ("bot", "user", "conversation")}) == 3


@pytest.mark.parametrize(
    ("scope", "missing"),
    [("bot", "bot"), ("user", "bot"), ("user", "user"), ("conversation", "bot"), ("conversation", "conversation")],
)
def test_an_answer_that_would_be_nobodys_has_no_key(scope, missing):
    nobody = msgspec.structs.replace(ORIGIN, **{missing: ""})

    assert key_of(with_(origin=nobody), "openai:gpt", scope) is None


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [10**30, "\ud800", object(), {1: "a"}, nested(100_000)], ids=type)
def test_what_cannot_be_compared_has_no_key(value):
    assert key_of(with_(params={"x": value}), "openai:gpt", "user") is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 2**63, b"bytes", None])
def test_an_odd_value_is_equal_to_itself(value):
    assert key(with_(params={"x": value})) == key(with_(params={"x": value}))


@pytest.mark.parametrize("struct", [ChatMessage, ToolCall, Image])
def test_every_field_of_a_message_is_told_apart(struct):
    def parts(request: ChatRequest) -> list[Any]:
        calls = [call for message in request.messages for call in message.tool_calls]
        images = [image for message in request.messages for image in message.images]
        return [part for part in (*request.messages, *calls, *images) if isinstance(part, struct)]

    same_length = [parts(other) for other in OTHERS.values() if len(parts(other)) == len(parts(RICH))]

    for field in struct.__struct_fields__:
        assert any(
            getattr(ours, field) != getattr(theirs, field)
            for others in same_length
            for ours, theirs in zip(parts(RICH), others, strict=True)
        ), field
