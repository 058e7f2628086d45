"""How a provider wants to be asked. The values for known providers stand in `utils.providers.profiles`."""

from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from pydantic import Field, field_validator

from .spec import Spec

ProfileName = Literal[
    "neutral",
    "openai",
    "anthropic",
    "gemini",
    "fireworks",
    "together",
    "groq",
    "ollama",
    "azure",
    "bedrock",
    "replicate",
    "huggingface",
    "cohere",
    "openrouter",
    "mistral",
    "deepseek",
    "xai",
    "cerebras",
    "sambanova",
    "nvidia",
    "moonshot",
    "poe",
    "vllm",
    "lmstudio",
    "llamacpp",
    "litellm",
]
PROFILE_NAMES: tuple[ProfileName, ...] = get_args(ProfileName)

Images = Literal["url", "data", "none"]


class ModelProfile(Spec):
    """How one model wants to be asked. What is not set changes nothing about a request."""

    max_tokens_param: Literal["max_tokens", "max_completion_tokens"] | None = None
    """The name under which the longest answer is sent; unset leaves it as it is written."""
    stream_usage: Literal["request", "always", "never"] = "never"
    """Whether tokens are counted in a stream: when `stream_options` asks for it, always, or nobody asks."""
    drop_params: tuple[str, ...] = ()
    """Parameters that are left out, whoever has set them."""
    rename_params: Mapping[str, str] = {}
    """Parameters that are sent under another name."""
    sampling: bool | Literal["without_reasoning"] = True
    """Whether temperature, top_p, penalties and their like are sent; or only where `reasoning_effort` is `none`."""
    temperature_min: float | None = None
    """A lower temperature is raised to this."""
    temperature_max: float | None = None
    """A higher temperature is lowered to this."""
    images: Images = "data"
    """How pictures are sent: by address, with their data inside the request, or not at all."""
    merge_roles: bool = False
    """Whether messages of one role that follow each other become one."""
    merge_system: bool = False
    """Whether the system messages at the beginning become one."""
    system_role: Literal["system", "developer", "user"] = "system"
    """The role that a system message is sent with."""
    reasoning_fields: tuple[str, ...] = ("reasoning_content", "reasoning")
    """Where thinking stands in the pieces of an answer; the first that is there counts."""
    echo_reasoning: bool = False
    """Whether turns that called tools go back with the model's thoughts; with empty ones where they are not known."""
    thought_signatures: bool = False
    """Whether turns that called tools go back with Google's thought signatures."""
    tool_call_id_length: int | None = Field(default=None, ge=1, le=64)
    """The ids of tool calls are changed to so many letters and digits; unset leaves them as they are."""
    prefill: bool = False
    """Whether it goes on where an answer that is given to it has stopped."""
    usage_excludes_reasoning: bool = False
    """Whether tokens of thinking are missing in the count of the answer's, so that they have to be added."""

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_the_default(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].get_default() if value is None else value

    def with_all_of(self, other: "ModelProfile") -> Self:
        """The profile with everything in it that the other one sets."""
        return self.model_copy(update={name: getattr(other, name) for name in other.model_fields_set})


class Profile(ModelProfile):
    """How a provider wants to be asked, and what is special about some of its models."""

    models_list: bool = True
    """Whether it lists its models at `/models`."""
    price_provider: str | None = None
    """The name by which genai-prices knows it; unset means that it does not."""
    models: Mapping[str, ModelProfile] = {}
    """What differs for some models, by their names: `*` stands for any letters, a later entry wins."""
