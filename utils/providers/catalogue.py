"""The providers that are known by name: where they are, what their key is called, and a few models to begin with.

How each of them wants to be asked stands in `profiles`. Prices are left out on purpose: those written here would age.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from utils.registry import ModelConfig, ProfileName

from .profiles import by_name


@dataclass(frozen=True)
class KnownProvider:
    """What an entry of `providers.yaml` for this provider says, and what its owner should know."""

    title: str
    """Its name as it writes it itself."""
    api_base: str = ""
    """Where its API is; a ${VARIABLE} in it is replaced when the file is read."""
    api_key_env: tuple[str, ...] = ()
    """The environment variable with its key, as its own documentation calls it; none where no key is needed."""
    default_model: str | None = None
    """A model to begin with; None where the provider serves whatever its owner has loaded."""
    models: tuple[ModelConfig, ...] = ()
    """Some of its models, with what is known of them."""
    kind: str = "openai"
    """How it is spoken to."""
    embedding_model: str | None = None
    """Its model for embeddings, where it has one."""
    timeout: float | None = None
    """The silence to bear, in seconds, where the usual minute is not enough."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What only its kind knows."""
    key_url: str | None = None
    """Where a key is had; for what runs on your own machine, where the program is."""
    note: str = ""
    """What else its owner should know, in a sentence or two."""

    @property
    def facts(self) -> dict[str, Any]:
        """What an entry says of it, but for the name, as short as it can be written."""
        names = list(self.api_key_env)
        facts = {
            "kind": self.kind if self.kind != "openai" else None,
            "api_base": self.api_base,
            "api_key_env": names[0] if len(names) == 1 else names,
            "default_model": self.default_model,
            "models": [_short(model.model_dump(exclude_defaults=True)) for model in self.models],
            "embedding_model": self.embedding_model,
            "timeout": self.timeout,
        }
        return {name: fact for name, fact in facts.items() if fact not in (None, "", [], {})}


def known_provider(name: str) -> KnownProvider | None:
    """The provider that goes by this name: a name of `profile`, or another that is usual, such as `claude`."""
    known = by_name(name)
    return CATALOGUE.get(known) if known else None


def _short(model: dict[str, Any]) -> Any:
    return model["name"] if len(model) == 1 else model


def _model(
    name: str, context: int | None = None, *, sees: bool | None = None, calls: bool | None = None
) -> ModelConfig:
    return ModelConfig(name=name, context=context, vision=sees, tools=calls)


def _able(name: str, context: int | None = None) -> ModelConfig:
    """A model that sees pictures and calls functions."""
    return _model(name, context, sees=True, calls=True)


_FIREWORKS = "accounts/fireworks/models"

CATALOGUE: Mapping[ProfileName, KnownProvider] = {
    "openai": KnownProvider(
        title="OpenAI",
        api_base="https://api.openai.com/v1",
        api_key_env=("OPENAI_API_KEY",),
        default_model="gpt-6-luna",
        models=(
            _able("gpt-6-luna", 1_050_000),
            _able("gpt-6.1-terra"),
            _able("gpt-6-sol"),
            _able("gpt-6.1-sol"),
        ),
        embedding_model="text-embedding-3-small",
        key_url="https://platform.openai.com/api-keys",
        note="Its reasoning models take a `temperature` only with `reasoning_effort: none`.",
    ),
    "anthropic": KnownProvider(
        title="Anthropic",
        api_base="https://api.anthropic.com/v1/",
        api_key_env=("ANTHROPIC_API_KEY",),
        default_model="claude-haiku-5-5",
        models=(
            _able("claude-haiku-5-5", 1_000_000),
            _able("claude-sonnet-5-5", 1_000_000),
            _able("claude-opus-5-5", 1_000_000),
        ),
        key_url="https://console.anthropic.com/settings/keys",
        note="Its newer models refuse `temperature`; `response_format` is ignored.",
    ),
    "gemini": KnownProvider(
        title="Google Gemini",
        api_base="https://generativelanguage.googleapis.com/v1beta/openai/",
        api_key_env=("GEMINI_API_KEY",),
        default_model="gemini-3.8-flash",
        models=(
            _able("gemini-3.8-flash", 1_000_000),
            _able("gemini-3.5-flash-lite"),
            _able("gemini-2.5-flash-lite"),
        ),
        embedding_model="gemini-embedding-001",
        key_url="https://aistudio.google.com/apikey",
        note="The path has to end in `/v1beta/openai/`.",
    ),
    "fireworks": KnownProvider(
        title="Fireworks AI",
        api_base="https://api.fireworks.ai/inference/v1",
        api_key_env=("FIREWORKS_API_KEY",),
        default_model=f"{_FIREWORKS}/glm-5p3-flash",
        models=(
            _able(f"{_FIREWORKS}/glm-5p3-flash", 1_000_000),
            _model(f"{_FIREWORKS}/gpt-oss-20b", 131_000),
            _model(f"{_FIREWORKS}/deepseek-v4p1-flash"),
        ),
        embedding_model="nomic-ai/nomic-embed-text-v1.5",
        key_url="https://app.fireworks.ai/settings/users/api-keys",
        note="A dot in the name of a model is written `p`: `glm-5p3`.",
    ),
    "together": KnownProvider(
        title="Together AI",
        api_base="https://api.together.ai/v1",
        api_key_env=("TOGETHER_API_KEY",),
        default_model="openai/gpt-oss-120b",
        models=(
            _model("openai/gpt-oss-120b"),
            _model("zai-org/GLM-5.3-Flash"),
            _model("Qwen/Qwen3.8-Flash"),
            _model("deepseek-ai/DeepSeek-V4.1-Flash"),
        ),
        key_url="https://api.together.ai/settings/api-keys",
    ),
    "groq": KnownProvider(
        title="Groq",
        api_base="https://api.groq.com/openai/v1",
        api_key_env=("GROQ_API_KEY",),
        default_model="openai/gpt-oss-20b",
        models=(
            _model("openai/gpt-oss-20b", 131_000, calls=True),
            _model("openai/gpt-oss-120b", 131_000, calls=True),
            _able("qwen/qwen3.8-27b"),
        ),
        key_url="https://console.groq.com/keys",
    ),
    "ollama": KnownProvider(
        title="Ollama",
        api_base="${OLLAMA_BASE_URL:-http://localhost:11434/v1}",
        default_model="gpt-oss:20b",
        models=(_model("gpt-oss:20b"), _model("qwen3:8b"), _model("llama3.2")),
        timeout=300,
        key_url="https://ollama.com/download",
        note="Runs on your machine and needs no key: `ollama pull gpt-oss:20b`. The first answer waits until the"
        " model is loaded. For Ollama's cloud: `api_base: https://ollama.com/v1`, `api_key_env: OLLAMA_API_KEY`.",
    ),
    "azure": KnownProvider(
        title="Azure OpenAI",
        kind="azure",
        api_base="https://${AZURE_OPENAI_RESOURCE}.openai.azure.com/openai/v1",
        api_key_env=("AZURE_OPENAI_API_KEY",),
        default_model="gpt-6-luna",
        key_url="https://ai.azure.com",
        note="A model is the name of your deployment.",
    ),
    "bedrock": KnownProvider(
        title="AWS Bedrock",
        kind="bedrock",
        default_model="claude",
        settings={"region": "${AWS_REGION:-us-east-1}"},
        key_url="https://console.aws.amazon.com/bedrock/home#/api-keys",
        note="Needs `pip install -r requirements-bedrock.txt`. AWS credentials are found as the AWS CLI finds them;"
        " `api_key_env: AWS_BEARER_TOKEN_BEDROCK` uses an API key of Bedrock instead.",
    ),
    "replicate": KnownProvider(
        title="Replicate",
        kind="replicate",
        api_base="https://api.replicate.com/v1",
        api_key_env=("REPLICATE_API_TOKEN",),
        default_model="meta/meta-llama-3-8b-instruct",
        models=(_model("meta/meta-llama-3-8b-instruct", 8_000), _model("meta/meta-llama-3-70b-instruct", 8_000)),
        timeout=300,
        key_url="https://replicate.com/account/api-tokens",
        note="A model that nobody has used for a while is started first, which can take minutes.",
    ),
    "huggingface": KnownProvider(
        title="Hugging Face",
        api_base="https://router.huggingface.co/v1",
        api_key_env=("HF_TOKEN",),
        default_model="openai/gpt-oss-120b:fastest",
        models=(
            _model("openai/gpt-oss-120b:fastest"),
            _model("zai-org/GLM-5.3"),
            _model("moonshotai/Kimi-K3"),
        ),
        key_url="https://huggingface.co/settings/tokens",
        note="The token needs the permission to make calls to Inference Providers. Behind a model's name,"
        " `:fastest`, `:cheapest` or `:<provider>` says who computes it.",
    ),
    "cohere": KnownProvider(
        title="Cohere",
        api_base="https://api.cohere.ai/compatibility/v1",
        api_key_env=("CO_API_KEY",),
        default_model="command-r7b-12-2024",
        models=(
            _model("command-r7b-12-2024", 128_000),
            _model("command-r-08-2024"),
            _model("command-a-03-2025", 256_000),
        ),
        embedding_model="embed-v4.0",
        key_url="https://dashboard.cohere.com/api-keys",
    ),
    "openrouter": KnownProvider(
        title="OpenRouter",
        api_base="https://openrouter.ai/api/v1",
        api_key_env=("OPENROUTER_API_KEY",),
        default_model="openai/gpt-6-luna",
        models=(
            _able("openai/gpt-6-luna", 1_050_000),
            _able("anthropic/claude-haiku-5.5", 1_000_000),
            _able("google/gemini-3.8-flash", 1_000_000),
            _model("deepseek/deepseek-v4.1-flash"),
        ),
        key_url="https://openrouter.ai/settings/keys",
        note="In the names of Claude's models there are dots here, where Anthropic itself writes dashes.",
    ),
    "mistral": KnownProvider(
        title="Mistral AI",
        api_base="https://api.mistral.ai/v1",
        api_key_env=("MISTRAL_API_KEY",),
        default_model="mistral-small-latest",
        models=(
            _model("mistral-small-latest", 262_000, calls=True),
            _model("mistral-medium-latest", calls=True),
            _model("mistral-large-2512", 262_000, calls=True),
        ),
        embedding_model="mistral-embed",
        key_url="https://console.mistral.ai/api-keys",
    ),
    "deepseek": KnownProvider(
        title="DeepSeek",
        api_base="https://api.deepseek.com",
        api_key_env=("DEEPSEEK_API_KEY",),
        default_model="deepseek-flash",
        models=(_able("deepseek-flash", 1_000_000), _model("deepseek-v4-pro", 1_000_000, sees=False, calls=True)),
        key_url="https://platform.deepseek.com/api_keys",
        note="Its models think unless `params: {thinking: {type: disabled}}` says otherwise.",
    ),
    "xai": KnownProvider(
        title="xAI",
        api_base="https://api.x.ai/v1",
        api_key_env=("XAI_API_KEY",),
        default_model="grok-4.3",
        models=(_model("grok-4.3", 1_000_000, calls=True), _model("grok-4.7", 500_000, calls=True)),
        key_url="https://console.x.ai",
    ),
    "cerebras": KnownProvider(
        title="Cerebras",
        api_base="https://api.cerebras.ai/v1",
        api_key_env=("CEREBRAS_API_KEY",),
        default_model="gpt-oss-120b",
        models=(_model("gpt-oss-120b", 131_000, calls=True), _able("qwen-3.8-27b", 65_000)),
        key_url="https://cloud.cerebras.ai",
    ),
    "sambanova": KnownProvider(
        title="SambaNova",
        api_base="https://api.sambanova.ai/v1",
        api_key_env=("SAMBANOVA_API_KEY",),
        default_model="gpt-oss-120b",
        models=(_model("gpt-oss-120b", 131_000), _model("Meta-Llama-3.3-70B-Instruct")),
        embedding_model="E5-Mistral-7B-Instruct",
        key_url="https://cloud.sambanova.ai/apis",
    ),
    "nvidia": KnownProvider(
        title="NVIDIA NIM",
        api_base="https://integrate.api.nvidia.com/v1",
        api_key_env=("NVIDIA_API_KEY",),
        default_model="openai/gpt-oss-120b",
        models=(_model("openai/gpt-oss-120b"), _model("meta/llama-3.3-70b-instruct")),
        key_url="https://build.nvidia.com",
        note="A trial: about 40 requests a minute. A NIM of your own has its `api_base` at http://host:8000/v1.",
    ),
    "moonshot": KnownProvider(
        title="Moonshot AI",
        api_base="https://api.moonshot.ai/v1",
        api_key_env=("MOONSHOT_API_KEY",),
        default_model="kimi-k2.6",
        models=(_able("kimi-k2.6", 262_000), _able("kimi-k3")),
        key_url="https://platform.moonshot.ai/console/api-keys",
        note="In China: `api_base: https://api.moonshot.cn/v1`, with keys of its own.",
    ),
    "poe": KnownProvider(
        title="Poe API",
        api_base="https://api.poe.com/v1",
        api_key_env=("POE_API_KEY",),
        default_model="Claude-Sonnet-4.6",
        models=(_model("Claude-Sonnet-4.6"), _model("Gemini-3-Pro")),
        key_url="https://poe.com/api_key",
        note="A model is the name of a bot on Poe; its answers cost the points of the key's owner.",
    ),
    "vllm": KnownProvider(
        title="vLLM",
        api_base="${VLLM_BASE_URL:-http://localhost:8000/v1}",
        timeout=300,
        key_url="https://docs.vllm.ai",
        note="Serves what it was started with; name that model as `default_model`. Add `api_key_env: VLLM_API_KEY`"
        " when it was started with a key.",
    ),
    "lmstudio": KnownProvider(
        title="LM Studio",
        api_base="${LM_STUDIO_BASE_URL:-http://localhost:1234/v1}",
        timeout=300,
        key_url="https://lmstudio.ai",
        note="Serves the models that you have loaded in it; name one as `default_model`.",
    ),
    "llamacpp": KnownProvider(
        title="llama.cpp",
        api_base="${LLAMACPP_BASE_URL:-http://localhost:8080/v1}",
        timeout=300,
        key_url="https://github.com/ggml-org/llama.cpp",
        note="`llama-server` says at its start on which port it listens. Name its model as `default_model`.",
    ),
    "litellm": KnownProvider(
        title="LiteLLM proxy",
        api_base="${LITELLM_BASE_URL:-http://localhost:4000/v1}",
        api_key_env=("LITELLM_API_KEY",),
        key_url="https://docs.litellm.ai",
        note="A model is a `model_name` of its own configuration; name one as `default_model`.",
    ),
}
"""Every provider that has a profile of its own."""
