"""Whatever a program sends, it is told what is wrong with it, and nothing that it says chooses where we ask."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.programs import question, server
from utils.web.json_body import checked
from utils.web.openai_api.chat_body import ChatBody
from utils.web.openai_api.embeddings import EmbeddingsBody
from utils.web.openai_api.question import messages_of, wishes_of
from utils.web.refusals import Refused, WrongField

MESSAGES = [{"role": "user", "content": "hi"}]


def refusal_to(body: bytes, form: Any) -> Refused | None:
    """What is said against the body; None where nothing is."""
    try:
        read = checked(body, form)
        if isinstance(read, ChatBody):
            messages_of(read, "url")
            wishes_of(read)
    except Refused as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": None}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "wizard", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [*MESSAGES, {"content": "hi"}]}, "messages[1].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "tool", "content": "2"}]}, "messages[0].tool_call_id"),
        ({"model": 7}, "model"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"n": 2}, "n"),
        ({"stop": ["a"] * 17}, "stop"),
        ({"top_p": 2}, "top_p"),
        ({"seed": 2**70}, "seed"),
        ({"logprobs": True}, "logprobs"),
        ({"store": True}, "store"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
        ({"tools": [{"type": "custom", "function": {"name": "a"}}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"logit_bias": {"50": 101}}, "logit_bias[...]"),
        ({"tempreature": 1}, "tempreature"),
    ],
)
async def test_a_wrong_field_is_named(changed, param):
    body = json.dumps({"messages": MESSAGES, **changed}).encode()

    refusal = refusal_to(body, ChatBody)

    assert refusal is not None
    assert refusal.param == param
    assert f"`{param}`" in refusal.message


def test_a_field_that_is_nearly_known_is_suggested():
    with pytest.raises(WrongField, match="Did you mean `temperature`"):
        checked(json.dumps({"messages": MESSAGES, "tempreature": 1}).encode(), ChatBody)


@pytest.mark.parametrize(
    "name", ["base_url", "api_base", "api_key", "extra_headers", "headers", "extra_body", "api_version", "timeout"]
)
async def test_nobody_says_where_or_with_which_key_is_asked(tmp_path, name):
    async with server(tmp_path) as served:
        answers = [
            await served.client.post("/v1/chat/completions", json=question(**{name: "https://evil.example"})),
            await served.client.post("/v1/embeddings", json={"input": "a", name: "https://evil.example"}),
            await served.client.post("/chat", json={"message": "hi", name: "https://evil.example"}),
        ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert {answer.json()["error"]["param"] for answer in answers} == {name}
    assert all("its owner configures" in answer.json()["error"]["message"] for answer in answers)
    assert served.asked == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"messages":' + b"[" * 100_000])
async def test_what_is_no_json_object_is_refused(tmp_path, body):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", content=body)

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_a_huge_body_is_refused_before_it_is_read_to_its_end(tmp_path):
    async def in_chunks():
        for _ in range(32):
            yield b" " * 65_536

    async with server(tmp_path, max_body_mb=1) as served:
        announced = await served.client.post("/v1/chat/completions", content=b" " * 2_000_000)
        chunked = await served.client.post("/v1/chat/completions", content=in_chunks())

    assert (announced.status_code, chunked.status_code) == (413, 413)


async def test_a_model_that_sees_nothing_is_shown_nothing():
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    body = checked(json.dumps({"messages": [{"role": "user", "content": parts}]}).encode(), ChatBody)

    with pytest.raises(WrongField, match="cannot be shown pictures"):
        messages_of(body, "none")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("functions", [], "send those"),
        ("function_call", "auto", "`tool_choice`"),
        ("audio", {}, "answers are words"),
        ("modalities", ["audio"], "answers are words"),
        ("n", 2, "one answer"),
        ("logprobs", True, "no probabilities"),
        ("top_logprobs", 3, "no probabilities"),
        ("service_tier", "flex", "`auto` and `default`"),
        ("web_search_options", {}, "offer one as a tool"),
        ("store", True, "nothing is stored"),
    ],
)
async def test_what_of_openais_is_not_for_here_is_refused_in_a_sentence(name, value, words):
    refusal = refusal_to(json.dumps({"messages": MESSAGES, name: value}).encode(), ChatBody)

    assert refusal is not None
    assert words in refusal.message
    assert refusal.param is not None
    assert refusal.param.startswith(name)


def test_vectors_are_as_long_as_their_model_makes_them():
    with pytest.raises(WrongField, match="`dimensions`: vectors are as long"):
        checked(b'{"input": "a", "dimensions": 3}', EmbeddingsBody)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*ChatBody.__struct_fields__, *EmbeddingsBody.__struct_fields__, "x"])


@settings(max_examples=300)
@given(st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_wrong_types_are_refused_and_never_a_surprise(changed):
    for form, whole in ((ChatBody, {"messages": MESSAGES}), (EmbeddingsBody, {"input": "a"})):
        refusal = refusal_to(json.dumps({**whole, **changed}).encode(), form)

        if refusal is not None:
            assert refusal.status == 400
            assert json.loads(refusal.frame("ref").removeprefix(b"data: "))["error"]["message"]
