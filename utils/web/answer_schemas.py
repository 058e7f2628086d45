"""What the HTTP API gives, as JSON schemas."""

from collections.abc import Mapping
from typing import Any

from .schema_words import COUNT, NUMBER, NUMBER_OR_NULL, SWITCH, TEXT, TEXT_OR_NULL, list_of, object_of, ref

_ERROR = object_of({"message": TEXT, "type": TEXT, "param": TEXT_OR_NULL, "code": TEXT_OR_NULL})
_CALL = object_of(
    {"id": TEXT, "type": {"const": "function"}, "function": object_of({"name": TEXT, "arguments": TEXT})},
    {"extra_content": {"type": "object"}},
)
_MESSAGE = object_of(
    {"role": {"const": "assistant"}, "content": TEXT_OR_NULL, "refusal": {"type": "null"}},
    {"reasoning_content": TEXT, "tool_calls": list_of(_CALL), "images": list_of({"type": "object"})},
)
_REASON = {"enum": ["stop", "length", "tool_calls", "content_filter", "function_call"]}
_CHOICE = object_of(
    {"index": {"const": 0}, "message": _MESSAGE, "logprobs": {"type": "null"}, "finish_reason": _REASON}
)
_CARD = {"id": TEXT, "title": TEXT, "asked": TEXT, "system": TEXT_OR_NULL, "created": NUMBER, "updated": NUMBER}
_COUNTS = object_of({name: COUNT for name in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")})
_COUNTED = {"anyOf": [_COUNTS, {"type": "null"}]}
_ATTEMPT = object_of(
    {"provider": TEXT, "model": TEXT_OR_NULL, "outcome": TEXT, "error": TEXT_OR_NULL, "seconds": NUMBER},
)
_TURN = object_of(
    {"role": {"enum": ["user", "assistant"]}, "text": TEXT, "at": NUMBER},
    {
        **{name: TEXT_OR_NULL for name in ("provider", "model", "cost", "cost_source", "finish_reason", "reference")},
        **{name: NUMBER_OR_NULL for name in ("first_content", "seconds")},
        "usage": _COUNTED,
        "attempts": list_of(_ATTEMPT),
        "reasoning": TEXT,
        "images": list_of(TEXT),
        "images_not_kept": COUNT,
    },
)
_ANSWER = {
    "conversation_id": TEXT_OR_NULL,
    "text": TEXT,
    "bot": TEXT_OR_NULL,
    "provider": TEXT,
    "model": TEXT_OR_NULL,
    "finish_reason": _REASON,
    "usage": _COUNTED,
    "cost": TEXT_OR_NULL,
    "cost_source": TEXT_OR_NULL,
    "cached": SWITCH,
    "first_content": NUMBER_OR_NULL,
    "seconds": NUMBER,
    "attempts": list_of(_ATTEMPT),
    "reference": TEXT,
}
_WHERE_THERE_IS_ANY = {"reasoning": TEXT, "images": list_of(TEXT), "notes": list_of(TEXT)}
_VECTOR = {"anyOf": [list_of(NUMBER), TEXT]}

SCHEMAS: Mapping[str, Any] = {
    "Error": object_of({"error": _ERROR}),
    "PlainError": object_of({"error": TEXT}),
    "Usage": object_of(
        {
            **{name: COUNT for name in ("prompt_tokens", "completion_tokens", "total_tokens")},
            "prompt_tokens_details": object_of({"cached_tokens": COUNT}),
            "completion_tokens_details": object_of({"reasoning_tokens": COUNT}),
        },
        {"cost": NUMBER},
    ),
    "Completion": object_of(
        {
            "id": TEXT,
            "object": {"const": "chat.completion"},
            "created": COUNT,
            "model": TEXT,
            "system_fingerprint": {"type": "null"},
            "choices": {**list_of(_CHOICE), "minItems": 1, "maxItems": 1},
        },
        {"usage": ref("Usage")},
    ),
    "Vectors": object_of(
        {
            "object": {"const": "list"},
            "data": list_of(object_of({"object": {"const": "embedding"}, "index": COUNT, "embedding": _VECTOR})),
            "model": TEXT,
            "usage": object_of({"prompt_tokens": COUNT, "total_tokens": COUNT}),
        }
    ),
    "Model": object_of({"id": TEXT, "object": {"const": "model"}, "created": COUNT, "owned_by": TEXT}),
    "Models": object_of({"object": {"const": "list"}, "data": list_of(ref("Model"))}),
    "Answer": object_of(_ANSWER, _WHERE_THERE_IS_ANY),
    "NoAnswer": object_of({"error": _ERROR}, {**_ANSWER, **_WHERE_THERE_IS_ANY, "finish_reason": {"const": "cut"}}),
    "Conversations": object_of({"conversations": list_of(object_of(_CARD))}),
    "WholeConversation": object_of({**_CARD, "messages": list_of(_TURN)}),
    "Listing": {"type": "object"},
}
