"""The body of a request from Poe, read leniently: what the protocol says to ignore is ignored."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import msgspec
from fastapi_poe.types import BaseRequest, ContentType, FeedbackType
from pydantic import ValidationError
from starlette.requests import Request

from ..reading import PoeQuery

Report = TypeVar("Report", bound=BaseRequest)

_ROLES = ("system", "user", "bot", "tool")
_ALWAYS = {"version": "", "user_id": "", "conversation_id": "", "message_id": ""}
"""Fields that fastapi_poe demands and that not every caller sends."""

_decode = msgspec.json.Decoder().decode


class BadRequest(Exception):
    """The body is nothing that Poe would send. The message may be shown to the caller."""


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object in the body, which has a `type`."""
    try:
        raw = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = _leniently(body)
    if not isinstance(raw, dict):
        raise BadRequest("The body should be a JSON object.")
    if not isinstance(raw.get("type"), str):
        raise BadRequest("The body has no `type`.")
    return raw


def _leniently(body: bytes) -> Any:
    """The body by the standard library, which also takes half of a surrogate pair, as cut text may end with."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequest("The body is no valid JSON.") from exc


def query_request(raw: Mapping[str, Any], access_key: str | None, http_request: Request) -> PoeQuery:
    """The query. Whatever in it is unknown or ill-formed is left out rather than refused."""
    if not isinstance(raw.get("query"), list):
        raise BadRequest("`query` should be a list of messages.")
    keys = {"access_key": access_key or "<missing>", "api_key": access_key or "<missing>"}
    given = {**_ALWAYS, **_empty(), **raw, **keys, "http_request": http_request}
    _say_what_is_empty(raw["query"])
    try:
        return PoeQuery.model_validate(given).keeping(raw)
    except ValidationError:
        cleaned = {**given, "query": [message for item in raw["query"] if (message := _message(item))]}
        return _validated(PoeQuery, cleaned).keeping(raw)


# What is not said, pydantic takes from its defaults, with deep copies that cost more than all else of a message.


def _empty() -> dict[str, Any]:
    return {"logit_bias": {}, "stop_sequences": [], "users": []}


def _say_what_is_empty(messages: list[Any]) -> None:
    for message in messages:
        if isinstance(message, dict) and "parameters" not in message:
            message["parameters"] = {}


def report_request(model: type[Report], raw: Mapping[str, Any], http_request: Request) -> Report | None:
    """Settings, feedback, a reaction or an error report; None when it says nothing that we know."""
    try:
        return _validated(model, {**_ALWAYS, "metadata": {}, **raw, "http_request": http_request})
    except BadRequest:
        return None


def _validated(model: type[Report], given: dict[str, Any]) -> Report:
    """The model without the optional fields that it refuses."""
    try:
        return model.model_validate(given)
    except ValidationError as exc:
        refused = {error["loc"][0] for error in exc.errors(include_input=False)}
    kept = {**_ALWAYS, **{name: value for name, value in given.items() if name not in refused}}
    try:
        return model.model_validate(kept)
    except ValidationError as exc:
        fields = ", ".join(sorted(f"`{error['loc'][0]}`" for error in exc.errors(include_input=False)))
        raise BadRequest(f"These fields are missing or wrong: {fields}.") from exc


def _message(raw: Any) -> dict[str, Any] | None:
    """The message with only what the protocol knows, or None when nobody known said it."""
    if not isinstance(raw, dict) or raw.get("role") not in _ROLES:
        return None
    given = {"role": raw["role"], "content": _text(raw.get("content"))}
    return given | {name: kept for name, keep in _FIELDS.items() if (kept := keep(raw.get(name))) is not None}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _one_of(*known: str) -> Callable[[Any], str | None]:
    return lambda value: value if value in known else None


def _sender(value: Any) -> dict[str, Any] | None:
    return {"id": _str(value.get("id")), "name": _str(value.get("name"))} if isinstance(value, dict) else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _attachments(value: Any) -> list[dict[str, Any]]:
    return [
        {
            "url": item["url"],
            "content_type": _str(item.get("content_type")) or "application/octet-stream",
            "name": _str(item.get("name")) or "attachment",
            "inline_ref": _str(item.get("inline_ref")),
            "parsed_content": _str(item.get("parsed_content")),
        }
        for item in _dicts(value)
        if isinstance(item.get("url"), str)
    ]


def _feedback(value: Any) -> list[dict[str, Any]]:
    return [
        {"type": item["type"], "reason": _str(item.get("reason"))}
        for item in _dicts(value)
        if item.get("type") in get_args(FeedbackType)
    ]


def _reactions(value: Any) -> list[dict[str, Any]]:
    return [
        {"user_id": _str(item.get("user_id")) or "", "reaction": item["reaction"]}
        for item in _dicts(value)
        if isinstance(item.get("reaction"), str)
    ]


_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "message_type": _one_of("function_call"),
    "sender_id": _str,
    "sender": _sender,
    "parameters": lambda value: value if isinstance(value, dict) else None,
    "content_type": _one_of(*get_args(ContentType)),
    "timestamp": lambda value: value if type(value) is int else None,
    "message_id": _str,
    "feedback": _feedback,
    "attachments": _attachments,
    "metadata": _str,
    "referenced_message": _message,
    "reactions": _reactions,
}
"""What is kept of each field of a message; None leaves its default."""
