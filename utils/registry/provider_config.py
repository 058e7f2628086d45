"""One provider of `providers.yaml`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from .budget_config import ProviderBudgets
from .profile import Images, Profile, ProfileName
from .routing_config import HealthCheck
from .spec import PROVIDER_NAME, Spec, variable_name, with_other_name

KINDS = ("openai", "azure", "bedrock", "replicate", "demo")
"""The kinds that are built in."""

_THE_CALL = "/chat/completions"


class Price(Spec):
    """US dollars for a million tokens."""

    input: Decimal = Field(ge=0)
    """For what is sent to the model."""
    output: Decimal = Field(ge=0)
    """For what the model answers."""
    cached_input: Decimal | None = Field(default=None, ge=0)
    """For what the provider had in its cache; by default the same as `input`."""


class ModelConfig(Spec):
    """What is known of one model. Just its name is enough."""

    name: str = Field(min_length=1)
    """The name that the provider gives it."""
    alias: str | None = None
    """A shorter name for it in this configuration."""
    context: int | None = Field(default=None, gt=0)
    """How many tokens it can read; unset means unknown."""
    vision: bool | None = None
    """Whether it sees pictures; unset means unknown."""
    tools: bool | None = None
    """Whether it can call functions; unset means unknown."""
    price: Price | None = None
    """What it costs; a bot's `charge` with a `markup` reckons with it."""


def _sendable(value: str) -> str:
    """Blanks around it are not part of it, as where a variable ends with a line break."""
    value = value.strip()
    if not (value.isascii() and (value.isprintable() or not value)):
        raise ValueError("holds a character that no header can carry; only plain letters, digits and signs can be sent")
    return value


def _header_name(name: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise ValueError("is no name of a header; it is one word of letters, digits and `-`")
    return name


HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_sendable)]


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return () if value is None else (value,) if isinstance(value, str) else value


class ProviderConfig(Spec):
    """A place that answers questions with a language model."""

    name: str = Field(min_length=1, pattern=PROVIDER_NAME)
    """By this name bots refer to it."""
    api_base: str = Field(default="", repr=False)
    """Where its OpenAI-compatible API is, such as https://api.openai.com/v1."""
    api_key_env: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """The environment variable that holds its key; of a list, the first that works. None: it needs no key."""
    default_model: str | None = None
    """The model of the bots that name none, or its alias; by default the first one of `models`."""
    models: tuple[Annotated[ModelConfig, BeforeValidator(_named)], ...] = ()
    """The models that you use there: names, or mappings that say more about one."""
    timeout: float = Field(default=60, gt=0)
    """The longest silence allowed from the provider, in seconds."""
    headers: Mapping[HeaderName, HeaderValue] = Field(default={}, repr=False)
    """Sent with every request to this provider, and to no other."""
    api_version: str | None = None
    """For Azure: the dated version of its API; sent as `api-version`."""
    organization_id: str | None = None
    """For OpenAI: the organisation that is billed."""
    additional_params: Mapping[str, Any] = {}
    """Sent with every request; what a bot sets wins. `params` is the same key by its other name."""
    kind: str = "openai"
    """How it is spoken to: `openai` (any such API), `azure`, `bedrock`, `replicate`, `demo`, or what a plugin adds."""
    settings: Mapping[str, Any] = {}
    """What only its kind knows, such as the region of Bedrock; checked by it."""
    enabled: bool = True
    """Whether it is used at all."""
    allow: tuple[str, ...] | None = None
    """Who may use it: names of bots, bot classes and plugins; unset: every bot whose entry names it."""
    embedding_model: str | None = None
    """Its model for embeddings."""
    max_concurrent: int | None = Field(default=None, gt=0)
    """How many answers it may give at a time with each key; more of them wait their turn."""
    health_check: HealthCheck | None = None
    """How it is looked after while nobody asks it anything; by default not at all."""
    budget: ProviderBudgets = ()
    """How much all bots together may spend there, such as `{usd: 20, per: month}`; or a list of such budgets."""
    images: Images | None = None
    """How its models that see take pictures: `url`, `data` (in the request) or `none`; by default as its profile."""
    profile: ProfileName | None = None
    """Whose peculiarities it has; by default known by `name`, then by the host of `api_base`."""
    profile_overrides: Profile | None = None
    """What is different here from its profile."""

    @model_validator(mode="before")
    @classmethod
    def _params_is_the_same_key(cls, data: Any) -> Any:
        return with_other_name(data, "additional_params", "params")

    @field_validator("api_key_env", mode="after")
    @classmethod
    def _are_names_of_variables(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(variable_name(name) for name in names)

    @field_validator("models", mode="before")
    @classmethod
    def _none_are_no_models(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("headers", "additional_params", "settings", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("timeout", mode="before")
    @classmethod
    def _unset_timeout(cls, value: Any) -> Any:
        return 60 if value is None else value

    @field_validator("api_base", mode="after")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not _is_address(value):
            raise ValueError("should be an address such as https://api.openai.com/v1")
        if "@" in urlsplit(value).netloc:
            raise ValueError("should hold no name and password; an `Authorization` among the `headers` can")
        # What the vendor's page gives is often the address of the one call that is made here anyway.
        parts = urlsplit(value)
        path = parts.path.rstrip("/")
        return parts._replace(path=path.removesuffix(_THE_CALL)).geturl() if path.endswith(_THE_CALL) else value

    @model_validator(mode="after")
    def _has_an_address(self) -> "ProviderConfig":
        if self.enabled and self.kind == "openai" and not self.api_base:
            raise ValueError("`api_base` is missing: it says where the provider's API is")
        return self

    @property
    def model(self) -> str | None:
        """The model that is used where none is named."""
        if self.default_model:
            return self.full_model_name(self.default_model)
        return next((model.name for model in self.models), None)

    @property
    def public_address(self) -> str:
        """`api_base` without a user's name, a password or a query, which may be secret."""
        parts = urlsplit(self.api_base)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

    def knows_model(self, name: str) -> bool:
        """Whether the model is listed; an empty list knows everything."""
        return not self.models or name == self.default_model or self.lists_model(name)

    def lists_model(self, name: str) -> bool:
        """Whether a model of this name or alias is among its `models`."""
        return any(name in (model.name, model.alias) for model in self.models)

    def model_config_of(self, name: str | None) -> ModelConfig | None:
        """What is known of the model of that name or alias, if it is listed as more than a name."""
        by_name = (model for model in self.models if name == model.name)
        by_alias = (model for model in self.models if name is not None and name == model.alias)
        return next(chain(by_name, by_alias), None)

    def full_model_name(self, name: str) -> str:
        """The provider's own name of a model that is given by its alias."""
        model = self.model_config_of(name)
        return model.name if model else name


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not match
        return False
