"""Every provider has its row, and an entry of `providers.yaml` finds the right one and can change all of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from utils.providers.profiles import TABLE, known_as, profile_of
from utils.registry import PROFILE_NAMES, ModelProfile, Profile, ProviderConfig
from utils.registry.help import texts_under_fields
from utils.settings import ROOT

HOSTS = {
    "openai": ["https://api.openai.com/v1", "https://eu.api.openai.com/v1"],
    "anthropic": ["https://api.anthropic.com/v1/"],
    "gemini": ["https://generativelanguage.googleapis.com/v1beta/openai/"],
    "fireworks": ["https://api.fireworks.ai/inference/v1"],
    "together": ["https://api.together.ai/v1", "https://api.together.xyz/v1"],
    "groq": ["https://api.groq.com/openai/v1"],
    "ollama": [
        "http://localhost:11434/v1",
        "http://127.0.0.1:11434/v1",
        "http://[::1]:11434/v1",
        "https://ollama.com/v1",
    ],
    "azure": ["https://mine.openai.azure.com/openai/v1/", "https://mine.services.ai.azure.com/openai/v1/"],
    "bedrock": [
        "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1",
        "https://bedrock-mantle.us-east-1.api.aws/v1",
    ],
    "replicate": ["https://openai-proxy.replicate.com/v1"],
    "huggingface": ["https://router.huggingface.co/v1"],
    "cohere": ["https://api.cohere.ai/compatibility/v1", "https://api.cohere.com/compatibility/v1"],
    "openrouter": ["https://openrouter.ai/api/v1", "https://eu.openrouter.ai/api/v1"],
    "mistral": ["https://api.mistral.ai/v1", "https://api.eu.mistral.ai/v1"],
    "deepseek": ["https://api.deepseek.com", "https://api.deepseek.com/v1"],
    "xai": ["https://api.x.ai/v1", "https://us.api.x.ai/v1"],
    "cerebras": ["https://api.cerebras.ai/v1"],
    "sambanova": ["https://api.sambanova.ai/v1"],
    "nvidia": ["https://integrate.api.nvidia.com/v1"],
    "moonshot": ["https://api.moonshot.ai/v1", "https://api.moonshot.cn/v1"],
    "poe": ["https://api.poe.com/v1"],
    "vllm": ["http://localhost:8000/v1"],
    "lmstudio": ["http://localhost:1234/v1"],
    "llamacpp": ["http://localhost:8080/v1"],
    "litellm": ["http://localhost:4000"],
}
ELSEWHERE = "https://gateway.example/v1"


def entry(**fields: Any) -> ProviderConfig:
    return ProviderConfig.model_validate({"name": "mine", "api_base": ELSEWHERE, **fields})


def test_every_name_of_a_profile_has_its_row():
    assert set(TABLE) == set(PROFILE_NAMES) == {"neutral", *HOSTS}


@pytest.mark.parametrize("name", HOSTS)
def test_a_provider_is_known_by_its_name(name):
    assert known_as(entry(name=name)) == known_as(entry(name=name.upper())) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *[
            ("Google", "gemini"),
            ("lm-studio", "lmstudio"),
            ("llama.cpp", "llamacpp"),
            ("x-ai", "xai"),
            ("hf", "huggingface"),
        ],
        *[("together_ai", "together"), ("azure-openai", "azure"), ("Claude", "anthropic"), ("NIM", "nvidia")],
    ],
)
def test_a_provider_is_known_by_its_other_names(written, name):
    assert known_as(entry(name=written)) == name


@pytest.mark.parametrize(("name", "address"), [(name, each) for name, many in HOSTS.items() for each in many])
def test_a_provider_is_known_by_its_host(name, address):
    assert known_as(entry(api_base=address)) == name


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"profile": "groq", "name": "mistral", "api_base": "https://api.x.ai/v1"}, "groq"),
        ({"name": "mistral", "api_base": "https://api.x.ai/v1"}, "mistral"),
        ({"api_base": "https://api.x.ai/v1"}, "xai"),
        ({"api_base": "https://api.x.ai.example/v1"}, "neutral"),
        ({"api_base": "https://fakeapi.openai.com.example/v1"}, "neutral"),
        ({"api_base": "http://localhost:5555/v1"}, "neutral"),
        ({"profile": "neutral", "name": "openai"}, "neutral"),
        ({"kind": "azure", "name": "mistral", "api_base": "https://gateway.example"}, "azure"),
        ({"kind": "bedrock", "name": "claude", "api_base": ""}, "bedrock"),
        ({"kind": "replicate", "name": "llama", "api_base": ""}, "replicate"),
        ({"kind": "azure", "name": "mine", "profile": "deepseek"}, "deepseek"),
        ({"kind": "polly", "name": "groq"}, "groq"),
    ],
)
def test_what_is_said_counts_before_the_name_and_the_name_before_the_host(fields, name):
    assert known_as(entry(**fields)) == name


def test_a_profile_that_nobody_knows_is_a_mistake():
    with pytest.raises(ValidationError, match="profile"):
        entry(profile="opnai")


@pytest.mark.parametrize("field", [name for name in Profile.model_fields if name != "models"])
@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_every_field_of_every_row_can_be_overridden(name, field):
    other: dict[str, Any] = {
        "max_tokens_param": "max_tokens",
        "stream_usage": "always",
        "drop_params": ("seed",),
        "rename_params": {"a": "b"},
        "sampling": False,
        "temperature_min": 0.25,
        "temperature_max": 0.75,
        "images": "none",
        "merge_roles": True,
        "merge_system": True,
        "system_role": "user",
        "reasoning_fields": ("thought",),
        "prefill": True,
        "echo_reasoning": True,
        "thought_signatures": True,
        "tool_call_id_length": 7,
        "usage_excludes_reasoning": True,
        "models_list": False,
        "price_provider": "else",
    }

    profile = profile_of(entry(profile=name, profile_overrides={field: other[field]}), "gpt-6-luna")

    assert getattr(profile, field) == other[field]


@pytest.mark.parametrize(
    ("name", "model", "field", "value"),
    [
        ("openai", "gpt-6-luna", "sampling", "without_reasoning"),
        ("openai", "gpt-6.1-sol", "sampling", False),
        ("openai", "gpt-6-astra", "sampling", False),
        ("openai", "gpt-5.2", "sampling", True),
        ("openai", "gpt-5-mini", "sampling", False),
        ("openai", "gpt-5.5-pro", "sampling", False),
        ("openai", "gpt-4o-mini", "sampling", True),
        ("openai", "o3-mini", "drop_params", ("stop",)),
        ("openai", None, "sampling", True),
        ("azure", "Mistral-Large-3", "max_tokens_param", "max_tokens"),
        ("anthropic", "claude-haiku-5-5", "sampling", False),
        ("anthropic", "claude-haiku-4-5", "sampling", True),
        ("moonshot", "kimi-k2.6", "sampling", False),
        ("moonshot", "moonshot-v1-8k", "sampling", True),
        ("deepseek", "deepseek-v4-pro", "images", "none"),
        ("xai", "grok-4.3", "usage_excludes_reasoning", True),
        ("xai", "grok-3-mini", "drop_params", ("frequency_penalty", "presence_penalty", "stop", "web_search_options")),
        ("gemini", "gemini-3.8-flash", "thought_signatures", True),
        ("gemini", "models/gemini-4-argon", "thought_signatures", True),
        ("gemini", "gemini-2.5-flash", "thought_signatures", False),
        ("mistral", "m", "tool_call_id_length", 9),
        ("deepseek", "m", "echo_reasoning", True),
        ("moonshot", "kimi-k2.6", "echo_reasoning", True),
    ],
)
def test_models_differ(name, model, field, value):
    assert getattr(profile_of(entry(profile=name), model), field) == value


@pytest.mark.parametrize(
    ("overrides", "sampling"),
    [
        ({}, False),
        ({"sampling": True}, True),
        ({"models": {"claude-haiku-*": {"sampling": True}}}, True),
        ({"models": {"claude-opus-*": {"sampling": True}}}, False),
        ({"sampling": True, "models": {"*-5-5": {"sampling": False}}}, False),
        ({"models": {"*": {"sampling": False}, "CLAUDE-*": {"sampling": True}}}, True),
    ],
)
def test_the_owners_word_counts_before_the_table_and_the_models_before_the_provider(overrides, sampling):
    config = entry(profile="anthropic", profile_overrides=overrides)

    assert profile_of(config, "claude-haiku-5-5").sampling == sampling


@pytest.mark.parametrize(
    ("fields", "images"),
    [
        ({}, "data"),
        ({"profile": "openai"}, "url"),
        ({"profile": "openai", "profile_overrides": {"images": "none"}}, "none"),
        ({"profile": "openai", "profile_overrides": {"images": "none"}, "images": "data"}, "data"),
    ],
)
def test_pictures_are_sent_as_the_entry_says_else_as_the_profile_does(fields, images):
    assert profile_of(entry(**fields)).images == images


def test_null_takes_a_limit_of_the_table_away():
    config = entry(profile="cohere", profile_overrides={"temperature_max": None, "drop_params": None})

    profile = profile_of(config)

    assert (profile.temperature_max, profile.drop_params) == (None, ())


def test_the_neutral_profile_only_wants_to_know_what_an_answer_took():
    assert profile_of(entry()) == Profile(stream_usage="request")


def test_no_row_has_a_model_that_differs_in_nothing():
    vain = [
        (name, pattern)
        for name, row in TABLE.items()
        for pattern, difference in row.profile.models.items()
        if difference == ModelProfile()
    ]

    assert vain == []


@pytest.mark.parametrize("field", Profile.model_fields)
def test_the_reference_explains_every_field(field):
    reference = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    lines = [line for line in reference.splitlines() if line.startswith(f"- `{field}`")]

    assert [line.partition(": ")[2] for line in lines] == [texts_under_fields(Profile)[field]]
