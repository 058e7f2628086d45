"""What a question to a model may say: from its provider's profile, from its entry, and from what it has refused."""

from dataclasses import dataclass

from utils.chat import ModelInfo
from utils.registry import ProviderConfig

from .profiles import Remedy, profile_of

EFFORTS = ("low", "medium", "high")
NO_EFFORT = "none"


@dataclass(frozen=True)
class Takes:
    """What is not known to be refused is said to be taken: what a model refuses after all is left out from then on."""

    temperature: bool = False
    max_tokens: bool = False
    reasoning_effort: tuple[str, ...] = ()
    """The values that may be chosen; none where it does not think."""
    images: bool = False
    """Only where it is known to see: a picture cannot be left out."""
    system: bool = False


def takes_of(config: ProviderConfig, model: ModelInfo | None, refused: Remedy) -> Takes:
    """What the model takes. None is a provider that has no model of its own."""
    profile = profile_of(config, model.name if model else None)
    left_out = {*profile.drop_params, *(name for name, wanted in refused.items() if wanted is None)}
    is_thinking_only = profile.sampling == "without_reasoning"
    efforts = (*((NO_EFFORT,) if is_thinking_only else ()), *EFFORTS)
    thinks = "reasoning_effort" not in left_out and not (model and model.reasoning is False)
    samples = config.additional_params.get("reasoning_effort") == NO_EFFORT if is_thinking_only else profile.sampling
    return Takes(
        temperature=bool(samples) and "temperature" not in left_out,
        max_tokens=not left_out & {"max_tokens", profile.max_tokens_param or "max_tokens"},
        reasoning_effort=efforts if thinks else (),
        images=bool(model and model.vision),
        system=True,
    )
