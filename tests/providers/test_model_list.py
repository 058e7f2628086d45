"""Lists of models in the shapes that are out there, and in shapes that should not be."""

import pytest

from utils.chat import ModelInfo
from utils.errors import NotAStream, ProviderFailure, RateLimited
from utils.providers.model_list import models_in


@pytest.mark.parametrize(
    "body",
    [
        ["m"],
        [{"id": "m"}],
        {"data": [{"id": "m"}]},
        {"models": [{"name": "m", "model": "m"}]},
        {"data": [{"id": " m "}, {"id": "m", "context_length": 5}], "models": [{"name": "other"}]},
        {"data": [None, 7, [], {}, {"id": None}, {"id": ""}, {"id": "a\nb"}, {"id": "x" * 400}, {"id": "m"}]},
        {"models": [{"name": "models/m"}]},
    ],
)
def test_a_list_is_found_wherever_it_stands(body):
    assert models_in(body) == (ModelInfo("m"),)


@pytest.mark.parametrize("body", [[], {"data": []}, {"object": "list", "data": None}])
def test_a_provider_without_models_has_an_empty_list(body):
    assert models_in(body) == ()


@pytest.mark.parametrize(
    ("vendor", "entry", "context", "vision", "tools", "reasoning"),
    [
        (
            "Mistral",
            {"capabilities": {"vision": True, "function_calling": False}, "max_context_length": 9},
            9,
            True,
            False,
            None,
        ),
        (
            "OpenRouter",
            {
                "context_length": 9,
                "architecture": {"input_modalities": ["text", "image"], "modality": "text+image->text"},
                "supported_parameters": ["tools", "temperature"],
            },
            *(9, True, True, False),
        ),
        ("older OpenRouter", {"architecture": {"modality": "text->text+image"}}, None, False, None, None),
        (
            "Hugging Face",
            {
                "providers": [
                    {"context_length": 9, "supports_tools": False},
                    {"context_length": 8, "supports_tools": True},
                    {},
                ]
            },
            *(8, None, True, None),
        ),
        ("vLLM", {"max_model_len": 9}, 9, None, None, None),
        ("llama.cpp", {"meta": {"n_ctx_train": 9}}, 9, None, None, None),
        ("Groq", {"context_window": 9, "active": True}, 9, None, None, None),
        ("Poe", {"context_window": {"context_length": 9}}, 9, None, None, None),
        ("Together", {"type": "chat", "context_length": 9}, 9, None, None, None),
        ("Fireworks", {"supports_image_input": True, "supports_tools": True, "context_length": 9}, 9, True, True, None),
        ("Fireworks' own API", {"supportsImageInput": False, "contextLength": 9}, 9, False, None, None),
        (
            "Anthropic",
            {
                "max_input_tokens": 9,
                "capabilities": {"image_input": {"supported": True}, "thinking": {"supported": True}},
            },
            *(9, True, None, True),
        ),
        (
            "Google",
            {"inputTokenLimit": 9, "supportedGenerationMethods": ["generateContent"], "thinking": True},
            9,
            None,
            None,
            True,
        ),
        (
            "Cohere",
            {"endpoints": ["chat"], "context_length": 9.0, "features": ["tools", "vision"]},
            9,
            True,
            True,
            None,
        ),
        ("Ollama", {"capabilities": ["completion", "tools", "thinking"]}, None, None, True, True),
        ("text", {"context_length": "9"}, 9, None, None, None),
        (
            "nonsense",
            {"context_length": {"a": 1}, "capabilities": 3, "architecture": "x", "providers": "y", "meta": []},
            *[None] * 4,
        ),
        ("wrong numbers", {"context_length": -1, "context_window": True, "max_model_len": 10**12}, *[None] * 4),
        ("nulls", {"context_length": None, "capabilities": None, "supported_parameters": [None]}, *[None] * 4),
    ],
)
def test_what_an_entry_says_of_its_model_is_understood(vendor, entry, context, vision, tools, reasoning):
    assert models_in([{"id": "m", **entry}]) == (ModelInfo("m", context, vision, tools, reasoning),)


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "image"},
        {"type": "Embedding"},
        {"endpoints": ["embed"]},
        {"capabilities": {"completion_chat": False}},
        {"supportedGenerationMethods": ["embedContent"]},
    ],
)
def test_what_cannot_be_chatted_with_is_left_out(entry):
    assert models_in([{"id": "m", **entry}, {"id": "chat"}]) == (ModelInfo("chat"),)


@pytest.mark.parametrize("body", ["<html>", None, 3, {}, {"data": {"id": "m"}}, {"object": "error"}])
def test_what_is_no_list_is_a_failure_that_shows_its_beginning(body):
    with pytest.raises(NotAStream, match="instead of a list of models came"):
        models_in(body, "upstream")


def test_an_error_in_the_place_of_a_list_is_understood_and_shows_no_key():
    with pytest.raises(RateLimited) as caught:
        models_in({"error": {"code": "rate_limit_exceeded", "message": "wait, my-secret"}}, "upstream", "my-secret")

    assert "my-secret" not in str(caught.value)


def test_a_failure_names_its_provider():
    with pytest.raises(ProviderFailure) as caught:
        models_in({}, "upstream")

    assert caught.value.provider == "upstream"
