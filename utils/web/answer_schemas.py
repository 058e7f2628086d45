"""What the HTTP API gives, as JSON schemas."""

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}
_WORD = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number"}


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list_of(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_ERROR = _object({"message": _TEXT, "type": _TEXT, "param": _WORD, "code": _WORD})
_CALL = _object(
    {"id": _TEXT, "type": {"const": "function"}, "function": _object({"name": _TEXT, "arguments": _TEXT})},
    {"extra_content": {"type": "object"}},
)
_MESSAGE = _object(
    {"role": {"const": "assistant"}, "content": _WORD, "refusal": {"type": "null"}},
    {"reasoning_content": _TEXT, "tool_calls": _list_of(_CALL), "images": _list_of({"type": "object"})},
)
_REASON = {"enum": ["stop", "length", "tool_calls", "content_filter", "function_call"]}
_CHOICE = _object({"index": {"const": 0}, "message": _MESSAGE, "logprobs": {"type": "null"}, "finish_reason": _REASON})
_CARD = {"id": _TEXT, "title": _TEXT, "asked": _TEXT, "system": _WORD, "created": _NUMBER, "updated": _NUMBER}
_TURN = _object(
    {"role": {"enum": ["user", "assistant"]}, "text": _TEXT, "at": _NUMBER},
    {
        **{name: _TEXT for name in ("provider", "model", "finish_reason", "reference")},
        **{name: _COUNT for name in ("input_tokens", "output_tokens")},
    },
)
_VECTOR = {"anyOf": [_list_of(_NUMBER), _TEXT]}

SCHEMAS: Mapping[str, Any] = {
    "Error": _object({"error": _ERROR}),
    "PlainError": _object({"error": _TEXT}),
    "Usage": _object(
        {
            **{name: _COUNT for name in ("prompt_tokens", "completion_tokens", "total_tokens")},
            "prompt_tokens_details": _object({"cached_tokens": _COUNT}),
            "completion_tokens_details": _object({"reasoning_tokens": _COUNT}),
        },
        {"cost": _NUMBER},
    ),
    "Completion": _object(
        {
            "id": _TEXT,
            "object": {"const": "chat.completion"},
            "created": _COUNT,
            "model": _TEXT,
            "choices": {**_list_of(_CHOICE), "minItems": 1, "maxItems": 1},
        },
        {"usage": _ref("Usage")},
    ),
    "Vectors": _object(
        {
            "object": {"const": "list"},
            "data": _list_of(_object({"object": {"const": "embedding"}, "index": _COUNT, "embedding": _VECTOR})),
            "model": _TEXT,
            "usage": _object({"prompt_tokens": _COUNT, "total_tokens": _COUNT}),
        }
    ),
    "Model": _object({"id": _TEXT, "object": {"const": "model"}, "created": _COUNT, "owned_by": _TEXT}),
    "Models": _object({"object": {"const": "list"}, "data": _list_of(_ref("Model"))}),
    "Answer": _object(
        {
            "conversation_id": _WORD,
            "text": _TEXT,
            "bot": _WORD,
            "provider": _TEXT,
            "model": _WORD,
            "finish_reason": _REASON,
            "usage": {"anyOf": [_ref("Usage"), {"type": "null"}]},
            "reference": _TEXT,
        },
        {"reasoning": _TEXT, "images": _list_of(_TEXT)},
    ),
    "Conversations": _object({"conversations": _list_of(_object(_CARD))}),
    "WholeConversation": _object({**_CARD, "messages": _list_of(_TURN)}),
    "Listing": {"type": "object"},
}
