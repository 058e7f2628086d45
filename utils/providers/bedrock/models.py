"""Short names for models of Bedrock, and where a model is asked for through an inference profile."""

from collections.abc import Mapping
from typing import NamedTuple


class Family(NamedTuple):
    """A model, and the parts of the world that have an inference profile for it. Without one it is asked directly."""

    model: str
    profiles: tuple[str, ...] = ()


_EVERYWHERE = ("us", "eu", "global")
_NOVA = ("us", "eu", "apac")

ALIASES: Mapping[str, Family] = {
    "claude": Family("anthropic.claude-haiku-5-5", _EVERYWHERE),
    "claude-haiku": Family("anthropic.claude-haiku-5-5", _EVERYWHERE),
    "claude-sonnet": Family("anthropic.claude-sonnet-5-5", _EVERYWHERE),
    "claude-opus": Family("anthropic.claude-opus-5-5", _EVERYWHERE),
    "nova": Family("amazon.nova-2-lite-v1:0", _EVERYWHERE),
    "nova-lite": Family("amazon.nova-lite-v1:0", _NOVA),
    "nova-micro": Family("amazon.nova-micro-v1:0", _NOVA),
    "nova-pro": Family("amazon.nova-pro-v1:0", _NOVA),
    "llama": Family("meta.llama4-maverick-17b-instruct-v1:0", ("us",)),
    "llama-3": Family("meta.llama3-3-70b-instruct-v1:0", ("us",)),
    "mistral": Family("mistral.mistral-large-3-675b-instruct"),
    "ministral": Family("mistral.ministral-3-8b-instruct"),
    "cohere": Family("cohere.command-r-plus-v1:0"),
    "gpt-oss": Family("openai.gpt-oss-120b-1:0"),
    "gpt-oss-20b": Family("openai.gpt-oss-20b-1:0"),
    "titan-embed": Family("amazon.titan-embed-text-v2:0"),
    "cohere-embed": Family("cohere.embed-multilingual-v3"),
}
"""The current model of each family. A full id, or an ARN, is taken as it is written."""

_PARTS_OF_THE_WORLD = {"us": "us", "ca": "us", "eu": "eu", "ap": "apac"}
"""By the beginning of a region's name. The others have the global profiles."""


def full_id(name: str, region: str) -> str:
    """The id that Bedrock knows: that of the alias, through the inference profile that is nearest to the region."""
    family = ALIASES.get(name.lower())
    if family is None:
        return name
    profile = _profile(family, region)
    return f"{profile}.{family.model}" if profile else family.model


def _profile(family: Family, region: str) -> str | None:
    # The government's regions reach none of the others.
    near = "us-gov" if region.startswith("us-gov-") else _PARTS_OF_THE_WORLD.get(region.partition("-")[0], "global")
    if near in family.profiles or (near == "us-gov" and family.profiles):
        return near
    return next((profile for profile in ("global", *family.profiles[:1]) if profile in family.profiles), None)
