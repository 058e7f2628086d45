"""What an entry of kind `bedrock` may say under `settings`."""

from functools import cache
from importlib.util import find_spec
from typing import Any

from pydantic import Field, ValidationError, model_validator

from utils.problems import did_you_mean
from utils.registry import ProviderConfig
from utils.registry.spec import Spec


class Guardrail(Spec):
    """A guardrail that reads along."""

    id: str = Field(min_length=1)
    """Its identifier or its ARN."""
    version: str = "DRAFT"
    """Its version: a number, or `DRAFT`."""


class BedrockSettings(Spec):
    """What Bedrock has to know besides the model."""

    region: str | None = None
    """The AWS region that is asked; by default that of the key, then that of the profile or the environment."""
    profile: str | None = None
    """The profile of the AWS configuration files whose credentials are used."""
    role: str | None = Field(default=None, pattern=r"^arn:")
    """The ARN of a role to assume."""
    external_id: str | None = None
    """What the role's owner wants to hear from whoever assumes it."""
    sts_endpoint: str | None = Field(default=None, pattern=r"^https?://")
    """Where the role is assumed, if not at the usual address of AWS."""
    stream: bool = True
    """Whether answers come word by word; false for a model that cannot do that."""
    guardrail: Guardrail | None = None
    """A guardrail that reads questions and answers."""

    @model_validator(mode="after")
    def _external_id_needs_a_role(self) -> "BedrockSettings":
        if self.role is None and (self.external_id or self.sts_endpoint):
            raise ValueError("`external_id` and `sts_endpoint` have no meaning without `role`")
        return self


def settings_of(config: ProviderConfig) -> BedrockSettings:
    """The entry's settings. Raises pydantic's `ValidationError` where `wrong_settings` would have said why."""
    return BedrockSettings.model_validate(dict(config.settings))


def wrong_settings(config: ProviderConfig) -> str | None:
    """What is wrong with the entry, as a sentence."""
    try:
        settings_of(config)
    except ValidationError as exc:
        return _sentence(exc.errors(include_input=False, include_url=False)[0])
    return None


def why_not_ready(config: ProviderConfig) -> str | None:
    """What has to be installed first."""
    return None if _is_installed() else "aiobotocore is not installed (`pip install -r requirements-bedrock.txt`)"


@cache
def _is_installed() -> bool:
    return find_spec("aiobotocore") is not None


def _sentence(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = Guardrail if len(error["loc"]) > 1 else BedrockSettings
        hint = did_you_mean(str(error["loc"][-1]), known.model_fields)
        return f"`{place}` is not a known key of `settings`.{hint}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return f"`settings`: `{place}` {_WORDING.get(place, 'is not of the right kind')}"


_WORDING = {
    "role": "should be the ARN of a role, such as arn:aws:iam::123456789012:role/bots",
    "sts_endpoint": "should be an address such as https://sts.eu-central-1.amazonaws.com",
    "stream": "should be true or false",
    "guardrail": "should be a mapping with `id` and `version`",
    "guardrail.id": "is missing",
}
