"""How the models of Replicate want to be asked, a row for each family. Each model there has inputs of its own.

The rows follow the models' published schemas; an entry's `settings` and `profile_overrides` win over them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .settings import TemplateName


@dataclass(frozen=True)
class Family:
    """The template of the conversation, and the names of the inputs."""

    template: TemplateName = "plain"
    system: str | None = "system_prompt"
    """The input for the system message; None puts it in front of the prompt."""
    pictures: str = "image"
    names: Mapping[str, str] = field(default_factory=dict)
    """Inputs that have another name than a chat completion's parameter."""


_LLAMA_3 = Family("llama3", names={"stop": "stop_sequences"})
_LLAMA_2 = Family("llama2", names={"max_tokens": "max_new_tokens", "stop": "stop_sequences"})
_MISTRAL = Family("mistral", names={"max_tokens": "max_new_tokens", "stop": "stop_sequences"})
_GPT = Family("messages", pictures="image_input", names={"max_tokens": "max_completion_tokens"})
_GEMINI = Family(system="system_instruction", pictures="images", names={"max_tokens": "max_output_tokens"})
_PROMPT_ONLY = Family(system=None)

_FAMILIES: dict[str, Family] = {
    "meta/meta-llama-3*-instruct": _LLAMA_3,
    "meta/llama-2-*-chat": _LLAMA_2,
    "meta/llama-4-*": _PROMPT_ONLY,
    "mistralai/mi[sx]tral-*-instruct*": _MISTRAL,
    "openai/gpt-*": _GPT,
    "openai/o[134]*": Family(pictures="image_input", names={"max_tokens": "max_completion_tokens"}),
    "openai/gpt-oss-*": _PROMPT_ONLY,
    "google/gemini-*": _GEMINI,
    "deepseek-ai/*": _PROMPT_ONLY,
    "moonshotai/*": _PROMPT_ONLY,
    "xai/*": _PROMPT_ONLY,
    "ibm-granite/*": Family(names={"stop": "stop_sequences"}),
}
"""By patterns of the model's name; of several that fit, the later one counts."""


def family_of(model: str) -> Family:
    """The family of the model; prompt and system prompt where nothing is known of it."""
    name = model.partition(":")[0].lower()
    return next((_FAMILIES[pattern] for pattern in reversed(_FAMILIES) if fnmatchcase(name, pattern)), Family())
