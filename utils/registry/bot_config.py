"""One bot of `bots.yaml`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from .budget_config import BotBudgets
from .routing_config import CacheConfig, OnBreak, SplitConfig, TargetConfig
from .spec import BOT_NAME, PATH, Spec, variable_name, with_other_name

Control = Literal["model", "temperature", "max_tokens", "reasoning_effort", "system_message", "show_reasoning"]


class Charge(Spec):
    """What an answer costs a person on Poe: a fixed price, the model's price times a factor, or both."""

    per_message: Decimal = Field(default=Decimal(0), ge=0)
    """US dollars for each answer."""
    markup: Decimal | None = Field(default=None, ge=0)
    """The model's price is charged times this factor; the model needs a `price` for that. Unset: it is not charged."""
    minimum: Decimal = Field(default=Decimal(0), ge=0)
    """The least that is charged for an answer, in US dollars."""
    when_unavailable: Literal["open", "closed"] = "open"
    """Whether the bot answers when Poe's cost API does not: `open` answers for free, `closed` does not answer."""


def _as_target(value: Any) -> Any:
    return {"target": value} if isinstance(value, str) else value


class BotConfig(Spec):
    """A bot on Poe: a provider's model with a character of its own."""

    bot_name: str = Field(min_length=1, max_length=100, pattern=BOT_NAME)
    """The name, the same as on Poe."""
    provider: str = ""
    """Which provider of providers.yaml answers. May be left out where `model` is `provider:model`."""
    model: str | None = None
    """Which of its models, by name or alias, or `provider:model`; by default the provider's `default_model`."""
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

    path: str | None = Field(default=None, pattern=PATH)
    """Where it is served; by default /{bot_name}."""
    access_key_env: str | None = None
    """The environment variable with its Poe access key; by default `POE_ACCESS_KEY_<NAME>`, then `POE_ACCESS_KEY`."""
    bot_class: str = "bots.llm_chat_bot.LLMChatBot"
    """The class that it is made of, as a dotted name."""
    enabled: bool = True
    """Whether it is served at all."""
    fallbacks: tuple[str, ...] = ()
    """Who answers when the provider fails before its first word: `provider`, `provider:model` or an alias, in order."""
    targets: tuple[Annotated[TargetConfig, BeforeValidator(_as_target)], ...] = ()
    """Instead of `provider` and `fallbacks`: everyone who may answer, with a `weight` or a `name` where needed."""
    strategy: str = "priority"
    """First: `priority`, `round_robin`, `random`, `least_latency`, `least_cost`, `least_busy`, `module.Class`."""
    split: SplitConfig | None = None
    """An A/B test: `{a: 90, b: 10, by: user}` gives every person the same one of these targets each time."""
    context_fallback: str | None = None
    """Who is asked when a conversation is too long for the others: `provider:model` with a longer context."""
    retries: int = Field(default=2, ge=0, le=20)
    """How often an answer may be asked for again, over all targets and keys together."""
    deadline: float = Field(default=600, gt=0, le=3600)
    """After how many seconds an answer has to be over."""
    first_content_timeout: float | None = Field(default=None, gt=0)
    """How many seconds a target may take to its first word; by default 20, while another one could take over."""
    idle_timeout: float | None = Field(default=None, gt=0)
    """How many seconds a target may be silent within an answer; by default its `timeout`."""
    on_break: OnBreak = "replace"
    """When an answer breaks off: `replace` it by a new one, let the next one `continue` it, or end with an `error`."""
    on_refusal: Literal["error", "fallback"] = "error"
    """When a model refuses the content: say so, or ask the next target."""
    hedge_after_ms: int | None = Field(default=None, ge=1)
    """After how many milliseconds without a word a second target is asked as well; the first one to speak answers."""
    rate_limit: str | None = None
    """How often one person may ask, such as `20/minute` or `20/minute; 200/day`."""
    cache: CacheConfig | None = None
    """How long an answer is given again to the same question."""
    budget: BotBudgets = ()
    """How much it may spend, such as `{usd: 5, per: day}`; or a list of such budgets."""
    poe: Mapping[str, Any] = {}
    """Poe's own settings, such as introduction_message."""

    models: tuple[str, ...] = ()
    """What the `model` control offers: models of its provider, or `provider:model` of any."""
    controls: tuple[Control, ...] = ()
    """Ready-made controls that Poe shows beside the chat."""
    parameter_controls: Mapping[str, Any] | None = None
    """Controls of your own, in Poe's grammar; `controls` come before them."""
    reasoning: Literal["hide", "show", "status"] = "hide"
    """A model's thinking: hidden, shown as a quotation before the answer, or a line that the answer replaces."""
    suggested_replies: tuple[str, ...] | Literal["auto"] = ()
    """Replies offered under the answer: a fixed list, or `auto` for two or three that the model thinks of."""
    content_type: Literal["text/markdown", "text/plain"] = "text/markdown"
    """How Poe shows the answers."""
    flush_ms: int = Field(default=50, ge=0, le=10_000)
    """How long words may be gathered before they go on, in milliseconds; the first ones go at once. 0 gathers none."""
    first_content_ms: int = Field(default=3500, ge=0, le=60_000)
    """After how long without a word a status line is shown, in milliseconds; 0 shows none."""
    charge: Charge | None = None
    """What people on Poe pay for an answer; Poe's creator programme is needed for that."""

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

    @field_validator("fallbacks", "targets", "models", "controls", "suggested_replies", mode="before")
    @classmethod
    def _none_are_none(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("bot_description", "provider", mode="before")
    @classmethod
    def _none_is_no_text(cls, value: Any) -> Any:
        return "" if value is None else value

    @property
    def all_targets(self) -> tuple[TargetConfig, ...]:
        """Everyone who may answer, in order: `targets`, or else its own provider and then `fallbacks`."""
        own = f"{self.provider}:{self.model}" if self.model else self.provider
        return self.targets or tuple(TargetConfig(target=each) for each in (own, *self.fallbacks))

    @property
    def fallback_targets(self) -> tuple[tuple[str, str | None], ...]:
        """`fallbacks` as provider and model; no model means the provider's own."""
        parts = (target.partition(":") for target in self.fallbacks)
        return tuple((provider, model or None) for provider, _, model in parts)

    @property
    def served_at(self) -> str:
        """The path of the bot, without a slash at its end."""
        return (self.path or f"/{self.bot_name}").rstrip("/") or "/"
