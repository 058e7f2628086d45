from typing import Any

import pytest

from utils.chat import ChatMessage, ChatRequest, Image, ToolCall
from utils.providers.request_body import request_body
from utils.registry import ProviderConfig

from .asking import question

TOOL = {"type": "function", "function": {"name": "add"}}


def entry(**fields) -> ProviderConfig:
    return ProviderConfig.model_validate({"name": "p", "api_base": "http://localhost/v1", **fields})


def body(request: ChatRequest, **fields) -> dict[str, Any]:
    return request_body(entry(**fields), request)


def test_only_what_was_set_is_in_it():
    assert body(question("Hi")) == {"messages": [{"role": "user", "content": "Hi"}], "stream": True}


def test_everything_that_was_set_is_in_it():
    request = question(
        "Hi", model="m", temperature=0.0, max_tokens=9, stop=("a", "b"), tools=(TOOL,), params={"seed": 7}
    )

    assert body(request) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.0,
        "max_tokens": 9,
        "stop": ["a", "b"],
        "tools": [TOOL],
        "seed": 7,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("of_provider", "of_bot", "of_request", "temperature"),
    [
        ({}, {}, None, None),
        ({"temperature": 1}, {}, None, 1),
        ({"temperature": 1}, {"temperature": 2}, None, 2),
        ({"temperature": 1}, {"temperature": 2}, 0.5, 0.5),
        ({}, {"temperature": 2}, 0.5, 0.5),
        ({"temperature": 1}, {}, 0.5, 0.5),
    ],
)
def test_the_nearer_to_the_question_wins(of_provider, of_bot, of_request, temperature):
    sent = body(question(params=of_bot, temperature=of_request), params=of_provider)

    assert sent.get("temperature") == temperature


def test_parameters_change_neither_the_question_nor_that_it_is_a_stream():
    sent = body(question("Hi", model="m"), params={"stream": False, "messages": [], "model": "other"})

    assert (sent["stream"], sent["messages"], sent["model"]) == (True, [{"role": "user", "content": "Hi"}], "m")


@pytest.mark.parametrize(
    ("fields", "asked", "sent"),
    [
        ({}, None, None),
        ({}, "m", "m"),
        ({"models": ["first", "second"]}, None, "first"),
        ({"models": ["first", "second"], "default_model": "second"}, None, "second"),
        ({"models": ["first"]}, "unlisted", "unlisted"),
        ({"models": [{"name": "accounts/x/long", "alias": "short"}]}, "short", "accounts/x/long"),
        ({"models": [{"name": "long", "alias": "short"}], "default_model": "short"}, None, "long"),
        ({"models": [{"name": "long", "alias": "short"}]}, "long", "long"),
    ],
)
def test_the_model_has_the_providers_own_name(fields, asked, sent):
    assert body(question(model=asked), **fields).get("model") == sent


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (ChatMessage("system", "Be kind"), {"role": "system", "content": "Be kind"}),
        (ChatMessage("user"), {"role": "user", "content": ""}),
        (ChatMessage("tool", "42", tool_call_id="a"), {"role": "tool", "content": "42", "tool_call_id": "a"}),
        (
            ChatMessage("user", "See", images=(Image("https://x/a.png"),)),
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "See"},
                    {"type": "image_url", "image_url": {"url": "https://x/a.png"}},
                ],
            },
        ),
        (
            ChatMessage("user", images=(Image("data:1"), Image("data:2"))),
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": "data:1"}},
                    {"type": "image_url", "image_url": {"url": "data:2"}},
                ],
            },
        ),
        (
            ChatMessage("assistant", tool_calls=(ToolCall("a", "add", '{"x": 1}'),)),
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "a", "type": "function", "function": {"name": "add", "arguments": '{"x": 1}'}}],
            },
        ),
        (
            ChatMessage("assistant", "Wait", tool_calls=(ToolCall("a", "add"),)),
            {
                "role": "assistant",
                "content": "Wait",
                "tool_calls": [{"id": "a", "type": "function", "function": {"name": "add", "arguments": "{}"}}],
            },
        ),
    ],
)
def test_a_message_looks_like(message, sent):
    assert body(ChatRequest((message,)))["messages"] == [sent]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("\ud83d\ude00", "😀"),
        ("a\ud83db", "a\ufffdb"),
        ("\ude00", "\ufffd"),
        ("\ufeffé 漢 😀", "\ufeffé 漢 😀"),
    ],
)
def test_no_half_of_a_surrogate_pair_is_sent(text, sent):
    assert body(question(text))["messages"][0]["content"] == sent
