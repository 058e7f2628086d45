"""A `ChatRequest` as the body of a prediction, and the path to which it goes."""

import re
from dataclasses import dataclass, replace
from typing import Any

from utils.chat import ChatRequest, Image
from utils.errors import ModelNotFound
from utils.registry import ProviderConfig

from ..profiles import profile_of
from ..request_body import model_of, request_body
from .families import Family, family_of
from .prompts import prompt_inputs
from .settings import ReplicateSettings

_OWNED = re.compile(r"[\w.-]+/[\w.-]+")
_VERSION = re.compile(r"(?:[\w.-]+/[\w.-]+:)?([0-9a-f]{40,64})")
_OF_A_CHAT = ("model", "messages", "tools", "tool_choice", "stream", "stream_options")


@dataclass(frozen=True)
class Ask:
    """What is posted, and where below `api_base`."""

    path: str
    body: dict[str, Any]


def ask_of(config: ProviderConfig, settings: ReplicateSettings, request: ChatRequest) -> Ask:
    """The prediction that answers the request. Raises `ModelNotFound` for what is no model of Replicate's."""
    model = model_of(config, request) or ""
    body: dict[str, Any] = {"input": _input(config, settings, request, model), "stream": settings.stream}
    if version := _VERSION.fullmatch(model):
        return Ask("/predictions", {"version": version[1], **body})
    if _OWNED.fullmatch(model):
        return Ask(f"/models/{model}/predictions", body)
    wanted = "write it as owner/name, as owner/name:version or as the id of a version"
    raise ModelNotFound(f"`{model[:100]}` is no model of Replicate: {wanted}", provider=config.name)


def _input(config: ProviderConfig, settings: ReplicateSettings, request: ChatRequest, model: str) -> dict[str, Any]:
    family = family_of(model)
    if settings.pictures:
        family = replace(family, pictures=settings.pictures)
    # The profile says what the model is not sent, and under which names the owner wants what; the rest is the family's.
    chat = request_body(config, request, profile_of(config, model or None))
    params = {name: value for name, value in chat.items() if name not in _OF_A_CHAT}
    return {
        **settings.input,
        **{family.names.get(name, name): _joined(name, value) for name, value in params.items()},
        **prompt_inputs(settings.template or family.template, request.messages, family),
        **_pictures(config, request, model, family),
    }


def _joined(name: str, value: Any) -> Any:
    """Replicate's models take their stop sequences as one text with commas."""
    return ",".join(str(part) for part in value) if name == "stop" and isinstance(value, list | tuple) else value


def _pictures(config: ProviderConfig, request: ChatRequest, model: str, family: Family) -> dict[str, Any]:
    known = config.model_config_of(model)
    pictures: list[Image] = [image for message in request.messages for image in message.images]
    if not pictures or known is None or not known.vision or profile_of(config, model).images == "none":
        return {}
    urls = [picture.url for picture in pictures]
    return {family.pictures: urls[-1] if family.pictures == "image" else urls}
