"""A `ChatRequest` as the JSON body of a chat completion, in the form that the provider's profile wants.

Only what somebody has set is in it, and the question for the count of tokens where the profile asks for that.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby, takewhile
from typing import Any

import msgspec

from utils.chat import ChatMessage, ChatRequest, ToolCall
from utils.errors import RequestRejected
from utils.registry import ModelProfile, ProviderConfig

from .profiles import profile_of

_SAMPLING = frozenset(
    (
        *("temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty"),
        *("logit_bias", "logprobs", "top_logprobs"),
    )
)
_UNSIGNED = "skip_thought_signature_validator"
"""Google's word for a call that it did not sign: https://ai.google.dev/gemini-api/docs/thought-signatures"""
_LONGEST_ANSWER = ("max_tokens", "max_completion_tokens")


def request_body(config: ProviderConfig, request: ChatRequest, profile: ModelProfile | None = None) -> dict[str, Any]:
    """The body. The bot's parameters win over the provider's, and what the request says over both.

    A `profile` that the caller has at hand need not be looked up again.
    """
    model = model_of(config, request)
    profile = profile or profile_of(config, model)
    params: dict[str, Any] = {}
    for layer in (config.additional_params, request.params, _set_in(request)):
        params |= _renamed(layer, profile)
    body = _accepted(params, profile)
    if model:
        body["model"] = model
    body["messages"] = [_message(message, profile) for message in _joined(request.messages, profile)]
    if request.tools:
        body["tools"] = list(request.tools)
    body["stream"] = True
    return body


def as_json(body: Mapping[str, Any], provider: str) -> bytes:
    """The body as it is sent. Raises a `RequestRejected` for what is no JSON."""
    try:
        # Somebody has written the parameters, and msgspec says nothing of a NaN. For the messages, which are nearly all
        # of a long chat and are made here, the standard library would take ten times as long.
        json.dumps({name: value for name, value in body.items() if name != "messages"}, allow_nan=False)
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as exc:
        raise RequestRejected(f"this cannot be sent: {exc}", provider=provider) from exc


def model_of(config: ProviderConfig, request: ChatRequest) -> str | None:
    """The provider's own name of the model that is asked; None leaves it to the provider."""
    model = request.model or config.model
    return config.full_model_name(model) if model else None


def _set_in(request: ChatRequest) -> dict[str, Any]:
    said = {"temperature": request.temperature, "max_tokens": request.max_tokens, "stop": list(request.stop) or None}
    return {name: value for name, value in said.items() if value is not None}


def _renamed(params: Mapping[str, Any], profile: ModelProfile) -> dict[str, Any]:
    """One layer of parameters under the provider's names. Of two for the same, the one with that name counts."""
    names = dict(profile.rename_params)
    if wanted := profile.max_tokens_param:
        final = names.get(wanted, wanted)
        names |= {name: final for name in _LONGEST_ANSWER if name != final}
    moved = {names[name]: value for name, value in params.items() if name in names}
    return {**moved, **{name: value for name, value in params.items() if name not in names}}


def _accepted(params: dict[str, Any], profile: ModelProfile) -> dict[str, Any]:
    """The parameters without those that the model refuses, and within its limits."""
    asked = params.get("stream_options", {})
    if profile.stream_usage == "request" and isinstance(asked, Mapping):
        params["stream_options"] = {"include_usage": True, **asked}
    refused = {*profile.drop_params, *(() if _samples(params, profile) else _SAMPLING)}
    body = {name: value for name, value in params.items() if name not in refused}
    if isinstance(temperature := body.get("temperature"), int | float):
        body["temperature"] = _within(profile.temperature_min, temperature, profile.temperature_max)
    return body


def _samples(params: Mapping[str, Any], profile: ModelProfile) -> bool:
    if profile.sampling == "without_reasoning":
        return params.get("reasoning_effort") == "none"
    return profile.sampling


def _within(least: float | None, value: float, most: float | None) -> float:
    if least is not None and value < least:
        return least
    return most if most is not None and value > most else value


def _joined(messages: Iterable[ChatMessage], profile: ModelProfile) -> Iterator[ChatMessage]:
    """The messages as the profile wants them to follow each other."""
    messages = list(messages)
    if profile.merge_system:
        leading = list(takewhile(_is_system, messages))
        messages = [*([_one(leading)] if leading else ()), *messages[len(leading) :]]
    if not profile.merge_roles:
        yield from messages
        return
    for (_, is_plain), run in groupby(messages, key=lambda message: (message.role, _is_plain(message))):
        neighbours = list(run)
        yield from [_one(neighbours)] if is_plain else neighbours


def _is_system(message: ChatMessage) -> bool:
    return message.role == "system"


def _is_plain(message: ChatMessage) -> bool:
    """Whether nothing but words and pictures is in it, so that it can be joined with its neighbour."""
    return message.role != "tool" and not message.tool_calls


def _one(messages: list[ChatMessage]) -> ChatMessage:
    if len(messages) == 1:
        return messages[0]
    text = "\n\n".join(message.text for message in messages if message.text)
    return msgspec.structs.replace(
        messages[0], text=text, images=tuple(image for message in messages for image in message.images)
    )


def _message(message: ChatMessage, profile: ModelProfile) -> dict[str, Any]:
    role = profile.system_role if _is_system(message) else message.role
    body: dict[str, Any] = {"role": role, "content": _content(message, profile)}
    if message.tool_calls:
        body["tool_calls"] = [_call(call, profile) for call in message.tool_calls]
        if profile.thought_signatures:
            _sign(body["tool_calls"], message.tool_calls)
        if profile.echo_reasoning:
            body["reasoning_content"] = _sendable(message.reasoning)
    if message.tool_call_id is not None:
        body["tool_call_id"] = _call_id(message.tool_call_id, profile.tool_call_id_length)
    return body


def _call(call: ToolCall, profile: ModelProfile) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": _call_id(call.id, profile.tool_call_id_length), "type": "function", "function": function}


def _sign(sent: list[dict[str, Any]], calls: Iterable[ToolCall]) -> None:
    """Put each signature to its call. Of calls that run side by side Google signs, and checks, the first only."""
    signatures = [call.signature for call in calls]
    if not any(signatures):
        signatures[0] = _UNSIGNED
    for call, signature in zip(sent, signatures, strict=True):
        if signature:
            call["extra_content"] = {"google": {"thought_signature": signature}}


def _call_id(id: str, length: int | None) -> str:
    """The id, or always the same one in its place where it has not the form that is wanted."""
    if length is None or (len(id) == length and id.isascii() and id.isalnum()):
        return id
    return sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def _content(message: ChatMessage, profile: ModelProfile) -> str | list[dict[str, Any]] | None:
    text = _sendable(message.text)
    if message.images and profile.images != "none":
        words = [{"type": "text", "text": text}] if text else []
        return [*words, *({"type": "image_url", "image_url": {"url": image.url}} for image in message.images)]
    return text if text or not message.tool_calls else None


def _sendable(text: str) -> str:
    """The text without lone halves of surrogate pairs, which JSON can bring in and UTF-8 cannot take out."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
