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
    assert body(question("Hi")) == {
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


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
        "stream_options": {"include_usage": True},
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


ALL = {
    "temperature": 1.8,
    "top_p": 0.5,
    "max_tokens": 9,
    "stop": ["x"],
    "seed": 7,
    "frequency_penalty": 0.1,
    "logit_bias": {"1": 2},
    "user": "u",
}
"""Of each of these the table below says how it is sent: as it is, changed, or not at all (None)."""
USAGE = {"include_usage": True}


@pytest.mark.parametrize(
    ("profile", "model", "changes"),
    [
        ("neutral", "m", {"stream_options": USAGE}),
        ("openai", "gpt-4o-mini", {"max_tokens": None, "max_completion_tokens": 9, "stream_options": USAGE}),
        (
            "openai",
            "o3",
            {
                **dict.fromkeys(("temperature", "top_p", "frequency_penalty", "logit_bias", "stop", "max_tokens")),
                "max_completion_tokens": 9,
                "stream_options": USAGE,
            },
        ),
        ("anthropic", "claude-haiku-4-5", {"temperature": 1, "stream_options": USAGE}),
        (
            "anthropic",
            "claude-haiku-5-5",
            {**dict.fromkeys(("temperature", "top_p", "frequency_penalty", "logit_bias")), "stream_options": USAGE},
        ),
        (
            "gemini",
            "gemini-3.8-flash",
            {**dict.fromkeys(("seed", "frequency_penalty", "logit_bias")), "stream_options": USAGE},
        ),
        ("fireworks", "m", {"stream_options": USAGE}),
        ("together", "m", {"stream_options": USAGE}),
        (
            "groq",
            "m",
            {
                **dict.fromkeys(("frequency_penalty", "logit_bias", "max_tokens")),
                "max_completion_tokens": 9,
                "stream_options": USAGE,
            },
        ),
        ("ollama", "m", {"stream_options": USAGE}),
        ("azure", "mistral-large", {"stream_options": USAGE}),
        ("azure", "gpt-4o", {"max_tokens": None, "max_completion_tokens": 9, "stream_options": USAGE}),
        ("bedrock", "m", {"max_tokens": None, "max_completion_tokens": 9, "stream_options": USAGE}),
        ("replicate", "m", {}),
        ("huggingface", "m", {"logit_bias": None, "stream_options": USAGE}),
        ("cohere", "m", {"logit_bias": None, "temperature": 1}),
        ("openrouter", "m", {}),
        ("mistral", "m", {**dict.fromkeys(("logit_bias", "user", "seed")), "random_seed": 7, "temperature": 1.5}),
        ("deepseek", "m", {"stream_options": USAGE}),
        ("xai", "grok-4.3", {**dict.fromkeys(("stop", "frequency_penalty")), "stream_options": USAGE}),
        (
            "cerebras",
            "m",
            {"logit_bias": None, "max_tokens": None, "max_completion_tokens": 9, "stream_options": USAGE},
        ),
        ("sambanova", "m", {"stream_options": USAGE}),
        ("nvidia", "m", {"stream_options": USAGE}),
        ("moonshot", "moonshot-v1-8k", {"temperature": 1, "stream_options": USAGE}),
        (
            "moonshot",
            "kimi-k2.6",
            {**dict.fromkeys(("temperature", "top_p", "frequency_penalty", "logit_bias")), "stream_options": USAGE},
        ),
        *[(name, "m", {"stream_options": USAGE}) for name in ("poe", "vllm", "lmstudio", "llamacpp", "litellm")],
    ],
)
def test_each_provider_gets_the_parameters_as_it_takes_them(profile, model, changes):
    sent = body(question(model=model, params=ALL), profile=profile)

    expected = {name: value for name, value in {**ALL, **changes}.items() if value is not None}
    assert {name: sent[name] for name in sent if name not in ("model", "messages", "stream")} == expected


@pytest.mark.parametrize("effort", [None, "low", "none"])
def test_sampling_that_is_only_for_models_at_rest_is_sent_where_reasoning_is_off(effort):
    params = {"temperature": 0.5, **({"reasoning_effort": effort} if effort else {})}

    sent = body(question(model="gpt-6-luna", params=params), profile="openai")

    assert ("temperature" in sent) == (effort == "none")


@pytest.mark.parametrize(
    ("of_provider", "of_bot", "of_request", "tokens"),
    [
        ({"max_tokens": 1}, {}, None, 1),
        ({"max_completion_tokens": 1}, {"max_tokens": 2}, None, 2),
        ({"max_tokens": 1}, {"max_completion_tokens": 2}, None, 2),
        ({"max_completion_tokens": 1}, {"max_completion_tokens": 2}, 3, 3),
        ({"max_completion_tokens": 1, "max_tokens": 5}, {}, None, 1),
    ],
)
def test_the_longest_answer_is_sent_once_and_the_nearer_to_the_question_wins(of_provider, of_bot, of_request, tokens):
    sent = body(question(params=of_bot, max_tokens=of_request), params=of_provider, profile="openai")

    assert (sent["max_completion_tokens"], "max_tokens" in sent) == (tokens, False)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ({"include_obfuscation": False}, {"include_usage": True, "include_obfuscation": False}),
        ({"include_usage": False}, {"include_usage": False}),
        (None, None),
    ],
)
def test_what_the_owner_asks_of_a_stream_stays(written, sent):
    assert body(question(params={"stream_options": written}), profile="openai")["stream_options"] == sent


@pytest.mark.parametrize(("asked", "sent"), [(0.0, 0.2), (0.5, 0.5), (2.0, 0.9)])
def test_a_temperature_is_brought_within_the_range(asked, sent):
    overrides = {"temperature_min": 0.2, "temperature_max": 0.9}

    assert body(question(temperature=asked), profile_overrides=overrides)["temperature"] == sent


TURNS = ChatRequest(
    (
        ChatMessage("system", "A"),
        ChatMessage("system", "B"),
        ChatMessage("user", "C", images=(Image("data:1"),)),
        ChatMessage("user", "D", images=(Image("data:2"),)),
        ChatMessage("assistant", tool_calls=(ToolCall("a", "add"),)),
        ChatMessage("tool", "1", tool_call_id="a"),
        ChatMessage("tool", "2", tool_call_id="b"),
    )
)


@pytest.mark.parametrize(
    ("overrides", "roles"),
    [
        ({}, "system system user user assistant tool tool"),
        ({"merge_system": True}, "system user user assistant tool tool"),
        ({"merge_roles": True}, "system user assistant tool tool"),
        ({"merge_system": True, "system_role": "developer"}, "developer user user assistant tool tool"),
    ],
)
def test_messages_follow_each_other_as_the_profile_wants(overrides, roles):
    sent = body(TURNS, profile_overrides=overrides)["messages"]

    assert " ".join(message["role"] for message in sent) == roles


def test_joined_messages_keep_all_words_and_pictures():
    sent = body(TURNS, profile_overrides={"merge_roles": True})["messages"]

    assert [message["content"] for message in sent[:2]] == [
        "A\n\nB",
        [
            {"type": "text", "text": "C\n\nD"},
            {"type": "image_url", "image_url": {"url": "data:1"}},
            {"type": "image_url", "image_url": {"url": "data:2"}},
        ],
    ]


def test_no_picture_goes_where_none_are_taken():
    request = ChatRequest((ChatMessage("user", "See", images=(Image("https://x/a.png"),)),))

    assert body(request, images="none")["messages"] == [{"role": "user", "content": "See"}]
