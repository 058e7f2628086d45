"""One bot of `bots.yaml`."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from .spec import Spec, variable_name, with_other_name


class BotConfig(Spec):
    """A bot on Poe: a provider's model with a character of its own."""

    bot_name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f/?#%\\]+$")
    """The name, the same as on Poe."""
    provider: str
    """Which provider of providers.yaml answers."""
    model: str | None = None
    """Which of its models; by default the provider's `default_model`."""
    bot_description: str = ""
    """What it is good for, in a sentence."""
    version: str = "1.0.0"
    """Your own count of its changes."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """How freely it answers. Unset means not sent: many current models refuse it."""
    max_tokens: int | None = Field(default=None, gt=0)
    """The longest answer, in tokens. Unset means not sent."""
    timeout: float | None = Field(default=None, gt=0)
    """The longest silence allowed from the provider, in seconds; overrides the provider's."""
    system_message: str | None = None
    """What the model is told before every conversation."""
    additional_params: Mapping[str, Any] = {}
    """Sent with every request of this bot, over the provider's own. `params` is the same key by its other name."""
    settings: Mapping[str, Any] = {}
    """Handed to the bot class, which checks it."""

    path: str | None = Field(default=None, pattern=r"^/[^\s?#%\\]*$")
    """Where it is served; by default /{bot_name}."""
    access_key_env: str | None = None
    """The environment variable with its Poe access key; by default POE_ACCESS_KEY_<NAME>, then POE_ACCESS_KEY."""
    bot_class: str = "bots.llm_chat_bot.LLMChatBot"
    """The class that it is made of, as a dotted name."""
    enabled: bool = True
    """Whether it is served at all."""
    fallbacks: tuple[str, ...] = ()
    """Who answers when the provider fails before its first word: `provider` or `provider:model`, in this order."""
    strategy: Literal["priority"] = "priority"
    """How the next one to ask is chosen: `priority` is the order in which they stand."""
    poe: Mapping[str, Any] = {}
    """Poe's own settings, such as introduction_message."""

    @model_validator(mode="before")
    @classmethod
    def _params_is_the_same_key(cls, data: Any) -> Any:
        return with_other_name(data, "additional_params", "params")

    @field_validator("bot_name", mode="after")
    @classmethod
    def _has_no_blanks_around(cls, value: str) -> str:
        if value != value.strip():
            raise ValueError("should not begin or end with a blank")
        return value

    @field_validator("access_key_env", mode="after")
    @classmethod
    def _is_the_name_of_a_variable(cls, name: str | None) -> str | None:
        return None if name is None else variable_name(name)

    @field_validator("settings", "poe", "additional_params", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("fallbacks", mode="before")
    @classmethod
    def _none_are_no_fallbacks(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("bot_description", mode="before")
    @classmethod
    def _none_is_no_description(cls, value: Any) -> Any:
        return "" if value is None else value

    @property
    def served_at(self) -> str:
        """The path of the bot, without a slash at its end."""
        return (self.path or f"/{self.bot_name}").rstrip("/") or "/"
