"""The body of a chat completion becomes a question to Converse.

The body comes from `request_body`, so that the profile and what was learned have been heeded already.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from utils.errors import RequestRejected

_INFERENCE = {
    "temperature": "temperature",
    "top_p": "topP",
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "stop": "stopSequences",
}
_OWN = frozenset(
    (
        *("guardrailConfig", "performanceConfig", "serviceTier", "requestMetadata", "promptVariables"),
        *("additionalModelResponseFieldPaths", "outputConfig"),
    )
)
"""What Converse takes beside the model's parameters, under its own names."""
_ELSEWHERE = frozenset(("model", "messages", "tools", "tool_choice", "stream", "stream_options"))
_FORMATS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "gif": "gif", "webp": "webp"}
_DATA = re.compile(r"data:image/([\w.+-]+)[^,]*;base64,(.*)", re.DOTALL)
_NOTHING_SAID = "…"
"""Converse takes no empty text, and no conversation that the assistant begins."""


def question(body: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of Converse and ConverseStream, without the model."""
    asked: dict[str, Any] = {"messages": _turns(body["messages"])}
    if system := [{"text": text} for message in body["messages"] if _is_system(message) for text in _texts(message)]:
        asked["system"] = system
    if tools := _tools(body, asked["messages"]):
        asked["toolConfig"] = tools
    if inference := _inference(body):
        asked["inferenceConfig"] = inference
    asked |= {name: value for name, value in body.items() if name in _OWN}
    if more := {name: value for name, value in body.items() if name not in {*_ELSEWHERE, *_INFERENCE, *_OWN}}:
        asked["additionalModelRequestFields"] = more
    return asked


def _inference(body: Mapping[str, Any]) -> dict[str, Any]:
    said = {_INFERENCE[name]: value for name, value in body.items() if name in _INFERENCE and value is not None}
    if isinstance(stop := said.get("stopSequences"), str):
        said["stopSequences"] = [stop]
    return said


def _turns(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages in turns, of which the user has the first."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if _is_system(message):
            continue
        role = "assistant" if message["role"] == "assistant" else "user"
        content = list(_blocks(message)) or ([{"text": _NOTHING_SAID}] if role == "user" else [])
        if not turns and role == "assistant":
            turns.append({"role": "user", "content": [{"text": _NOTHING_SAID}]})
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += content
        elif content:
            turns.append({"role": role, "content": content})
    return turns


def _is_system(message: Mapping[str, Any]) -> bool:
    return message["role"] in {"system", "developer"}


def _blocks(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if message["role"] == "tool":
        result = [{"text": text} for text in _texts(message)] or [{"text": _NOTHING_SAID}]
        yield {"toolResult": {"toolUseId": message.get("tool_call_id") or "", "content": result}}
        return
    for part in _parts(message):
        if part.get("type") == "image_url":
            yield {"image": _image(part["image_url"]["url"])}
        elif part.get("text", "").strip():
            # Claude refuses an answer to go on with that ends in a blank.
            yield {"text": part["text"].rstrip() if message["role"] == "assistant" else part["text"]}
    for call in message.get("tool_calls", ()):
        function = call["function"]
        use = {"toolUseId": call["id"], "name": function["name"], "input": _arguments(function["arguments"])}
        yield {"toolUse": use}


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def _texts(message: Mapping[str, Any]) -> list[str]:
    return [part["text"] for part in _parts(message) if part.get("text", "").strip()]


def _image(url: str) -> dict[str, Any]:
    match = _DATA.match(url)
    kind = _FORMATS.get(match[1].lower()) if match else None
    if match is None or kind is None:
        raise RequestRejected("a picture is no PNG, JPEG, GIF or WebP inside the request; `images: data` puts it there")
    try:
        return {"format": kind, "source": {"bytes": base64.b64decode(match[2], validate=True)}}
    except binascii.Error as exc:
        raise RequestRejected("the data of a picture is not what it says") from exc


def _arguments(text: str) -> dict[str, Any]:
    """The arguments as an object, which Converse insists on."""
    try:
        arguments = json.loads(text or "{}")
    except ValueError:
        arguments = text
    return arguments if isinstance(arguments, dict) else {"arguments": arguments}


def _tools(body: Mapping[str, Any], turns: list[dict[str, Any]]) -> dict[str, Any] | None:
    choice = body.get("tool_choice")
    tools = [_tool(tool.get("function") or tool) for tool in body.get("tools") or ()]
    # Converse wants to know the tools as long as one of their calls stands in the conversation.
    if not tools or (choice == "none" and not _has_calls(turns)):
        return None
    chosen = _choice(choice)
    return {"tools": tools, "toolChoice": chosen} if chosen else {"tools": tools}


def _tool(function: Mapping[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    spec: dict[str, Any] = {"name": function["name"], "inputSchema": {"json": schema}}
    if description := function.get("description"):
        spec["description"] = description
    return {"toolSpec": spec}


def _choice(choice: Any) -> dict[str, Any] | None:
    if isinstance(choice, Mapping):
        name = (choice.get("function") or choice).get("name")
        return {"tool": {"name": name}} if name else None
    return {"auto": {"auto": {}}, "required": {"any": {}}}.get(str(choice))


def _has_calls(turns: list[dict[str, Any]]) -> bool:
    return any("toolUse" in block or "toolResult" in block for turn in turns for block in turn["content"])
