"""What only Replicate knows in an entry's `settings`."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError, field_validator

from utils.registry import ProviderConfig
from utils.registry.spec import Spec

TemplateName = Literal["plain", "messages", "llama3", "llama2", "mistral"]


class ReplicateSettings(Spec):
    """How the models of this entry take a question, where that is not known by their names."""

    template: TemplateName | None = None
    """How the conversation becomes the model's input; by default known by the model's name."""
    pictures: Literal["image", "images", "image_input"] | None = None
    """The input that takes pictures, for models with `vision: true`; `image` takes one, the others take lists."""
    input: Mapping[str, Any] = {}
    """Inputs of the model that are always sent, such as `{thinking: none}`."""
    stream: bool = True
    """Whether the answer is read while it is made; false waits for the whole of it."""

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_the_default(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].get_default() if value is None else value


def wrong_settings(config: ProviderConfig) -> str | None:
    """What is wrong with the entry's settings, as a sentence for its owner."""
    try:
        ReplicateSettings.model_validate(config.settings)
    except ValidationError as exc:
        error = exc.errors(include_input=False)[0]
        name = ".".join(str(step) for step in error["loc"])
        known = ", ".join(f"`{field}`" for field in ReplicateSettings.model_fields)
        if error["type"] == "extra_forbidden":
            return f"its setting `{name}` is not known; Replicate has {known}."
        return f"its setting `{name}`: {error['msg'][:1].lower()}{error['msg'][1:]}."
    return None
