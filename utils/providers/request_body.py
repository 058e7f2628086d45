"""A `ChatRequest` as the JSON body of a chat completion. Only what somebody has set is in it."""

from typing import Any

from utils.chat import ChatMessage, ChatRequest
from utils.registry import ProviderConfig


def request_body(config: ProviderConfig, request: ChatRequest) -> dict[str, Any]:
    """The body. The bot's parameters win over the provider's, and what the request says over both."""
    body: dict[str, Any] = {**config.additional_params, **request.params}
    model = request.model or config.model
    if model:
        body["model"] = config.full_model_name(model)
    body["messages"] = [_message(message) for message in request.messages]
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    if request.stop:
        body["stop"] = list(request.stop)
    if request.tools:
        body["tools"] = list(request.tools)
    body["stream"] = True
    return body


def _message(message: ChatMessage) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    return body


def _content(message: ChatMessage) -> str | list[dict[str, Any]] | None:
    text = _sendable(message.text)
    if message.images:
        words = [{"type": "text", "text": text}] if text else []
        return [*words, *({"type": "image_url", "image_url": {"url": image.url}} for image in message.images)]
    return text if text or not message.tool_calls else None


def _sendable(text: str) -> str:
    """The text without lone halves of surrogate pairs, which JSON can bring in and UTF-8 cannot take out."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
