"""What is known of each provider, a row for each. Where documents contradict each other, the tolerant reading stands.

Order matters within `models`: of several patterns that fit, the later one wins.
"""

from collections.abc import Mapping
from typing import NamedTuple

from utils.registry import ModelProfile, Profile, ProfileName


class Row(NamedTuple):
    """A profile, the hosts where it holds, and by what other names it goes (in small letters and digits only)."""

    profile: Profile
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


_PENALTIES = ("frequency_penalty", "presence_penalty")
_NO_SAMPLING = ModelProfile(sampling=False)
_UNLESS_REASONING = ModelProfile(sampling="without_reasoning")

_OPENAI_MODELS = {
    "o[134]*": _NO_SAMPLING,
    "o3*": ModelProfile(sampling=False, drop_params=("stop",)),
    "o4-mini*": ModelProfile(sampling=False, drop_params=("stop",)),
    # From 5.1 to 5.4 no reasoning is the default, and sampling is allowed with it.
    **dict.fromkeys(("gpt-5", "gpt-5-*", "gpt-6*"), _NO_SAMPLING),
    **dict.fromkeys(("gpt-5.5*", "gpt-5.6*", "gpt-6-sol*", "gpt-6-luna*", "gpt-6.1-terra*"), _UNLESS_REASONING),
    **dict.fromkeys(("gpt-5*-pro*", "gpt-6*-pro*", "gpt-*-chat-latest"), _NO_SAMPLING),
}

_THINKING_CLAUDES = ("opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable-5")

TABLE: Mapping[ProfileName, Row] = {
    "neutral": Row(Profile(stream_usage="request")),
    "openai": Row(
        Profile(
            max_tokens_param="max_completion_tokens",
            stream_usage="request",
            temperature_max=2,
            images="url",
            price_provider="openai",
            models=_OPENAI_MODELS,
        ),
        ("api.openai.com", "*.api.openai.com"),
    ),
    "anthropic": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            temperature_max=1,
            images="url",
            price_provider="anthropic",
            models={f"claude-{model}*": _NO_SAMPLING for model in _THINKING_CLAUDES},
        ),
        ("api.anthropic.com",),
        ("claude",),
    ),
    "gemini": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            drop_params=(*_PENALTIES, "seed", "logit_bias", "top_k", "reasoning"),
            temperature_max=2,
            price_provider="google",
            models={"*gemini-[3-9]*": ModelProfile(thought_signatures=True)},
        ),
        ("generativelanguage.googleapis.com",),
        ("google", "googlegemini", "googleai"),
    ),
    "fireworks": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            temperature_max=2,
            images="url",
            price_provider="fireworks",
        ),
        ("api.fireworks.ai",),
        ("fireworksai",),
    ),
    "together": Row(
        Profile(max_tokens_param="max_tokens", stream_usage="request", images="url", price_provider="together"),
        ("api.together.ai", "api.together.xyz", "api-inference.together.ai"),
        ("togetherai",),
    ),
    "groq": Row(
        Profile(
            max_tokens_param="max_completion_tokens",
            stream_usage="request",
            drop_params=(*_PENALTIES, "logit_bias", "logprobs", "top_logprobs", "store", "metadata"),
            temperature_max=2,
            images="url",
            price_provider="groq",
        ),
        ("api.groq.com",),
    ),
    "ollama": Row(
        # It reads no `max_completion_tokens` and says nothing about it.
        Profile(max_tokens_param="max_tokens", stream_usage="request"),
        ("localhost:11434", "ollama.com"),
        ("ollamacloud",),
    ),
    "azure": Row(
        Profile(
            max_tokens_param="max_completion_tokens",
            stream_usage="request",
            temperature_max=2,
            images="url",
            price_provider="azure",
            models={**_OPENAI_MODELS, "*mistral*": ModelProfile(max_tokens_param="max_tokens")},
        ),
        ("*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com"),
        ("azureopenai",),
    ),
    "bedrock": Row(
        Profile(
            max_tokens_param="max_completion_tokens",
            stream_usage="request",
            models_list=False,
            price_provider="aws",
            models={
                **dict.fromkeys(("claude", "claude-haiku", "claude-sonnet", "claude-opus"), _NO_SAMPLING),
                **{f"*anthropic.claude-{model}*": _NO_SAMPLING for model in _THINKING_CLAUDES},
            },
        ),
        ("bedrock-runtime.*.amazonaws.com", "bedrock-mantle.*.api.aws"),
        ("aws", "awsbedrock", "amazonbedrock"),
    ),
    "replicate": Row(
        Profile(max_tokens_param="max_tokens", images="url", models_list=False),
        ("api.replicate.com", "openai-proxy.replicate.com"),
    ),
    "huggingface": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            drop_params=("logit_bias", "n"),
            temperature_max=2,
            images="url",
        ),
        ("router.huggingface.co", "*.endpoints.huggingface.cloud"),
        ("hf",),
    ),
    "cohere": Row(
        Profile(
            max_tokens_param="max_tokens",
            drop_params=(
                *("logit_bias", "top_logprobs", "n", "parallel_tool_calls", "service_tier", "store", "metadata"),
                *("modalities", "audio", "prediction"),
            ),
            temperature_max=1,
            merge_system=True,
            models_list=False,
            price_provider="cohere",
        ),
        ("api.cohere.ai", "api.cohere.com"),
    ),
    "openrouter": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="always",
            temperature_max=2,
            images="url",
            price_provider="openrouter",
        ),
        ("openrouter.ai", "*.openrouter.ai"),
    ),
    "mistral": Row(
        # It answers 422 to every name that it does not know, `stream_options` among them.
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="always",
            drop_params=("logit_bias", "user", "stream_options"),
            rename_params={"seed": "random_seed"},
            temperature_max=1.5,
            images="url",
            merge_system=True,
            tool_call_id_length=9,
            price_provider="mistral",
        ),
        ("api.mistral.ai", "api.*.mistral.ai", "codestral.mistral.ai"),
        ("mistralai",),
    ),
    "deepseek": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            temperature_max=2,
            images="url",
            echo_reasoning=True,
            price_provider="deepseek",
            models={"*v4-pro*": ModelProfile(images="none")},
        ),
        ("api.deepseek.com",),
    ),
    "xai": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            drop_params=("web_search_options",),
            temperature_max=2,
            images="url",
            usage_excludes_reasoning=True,
            price_provider="x-ai",
            models=dict.fromkeys(
                ("grok-4*", "grok-3-mini*"), ModelProfile(drop_params=(*_PENALTIES, "stop", "web_search_options"))
            ),
        ),
        ("api.x.ai", "*.api.x.ai"),
        ("grok",),
    ),
    "cerebras": Row(
        Profile(
            max_tokens_param="max_completion_tokens",
            stream_usage="request",
            drop_params=("logit_bias",),
            temperature_max=2,
            price_provider="cerebras",
        ),
        ("api.cerebras.ai",),
    ),
    "sambanova": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            temperature_max=2,
        ),
        ("api.sambanova.ai",),
    ),
    "nvidia": Row(
        Profile(max_tokens_param="max_tokens", stream_usage="request", merge_roles=True, merge_system=True),
        ("integrate.api.nvidia.com",),
        ("nim", "nvidianim"),
    ),
    "moonshot": Row(
        Profile(
            max_tokens_param="max_tokens",
            stream_usage="request",
            temperature_max=1,
            echo_reasoning=True,
            price_provider="moonshotai",
            # The models that think take no temperature but 1.
            models=dict.fromkeys(("kimi-*thinking*", "kimi-k2.[5-9]*", "kimi-k[3-9]*"), _NO_SAMPLING),
        ),
        ("api.moonshot.ai", "api.moonshot.cn"),
        ("moonshotai", "kimi"),
    ),
    "poe": Row(
        Profile(stream_usage="request", temperature_max=2, images="url"),
        ("api.poe.com",),
        ("poeapi",),
    ),
    "vllm": Row(
        # The template of a model may want one system message, and turns that alternate.
        Profile(stream_usage="request", merge_roles=True, merge_system=True),
        ("localhost:8000",),
    ),
    "lmstudio": Row(
        Profile(max_tokens_param="max_tokens", stream_usage="request", merge_roles=True, merge_system=True),
        ("localhost:1234",),
    ),
    "llamacpp": Row(
        Profile(max_tokens_param="max_tokens", stream_usage="request", merge_roles=True, merge_system=True),
        ("localhost:8080",),
        ("llamaserver",),
    ),
    "litellm": Row(
        Profile(stream_usage="request", images="url", price_provider="litellm"),
        ("localhost:4000",),
        ("litellmproxy",),
    ),
}
