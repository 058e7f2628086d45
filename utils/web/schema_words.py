"""The words that the schemas of the HTTP API are made of."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
NUMBER: Schema = {"type": "number"}
NUMBER_OR_NULL: Schema = {"type": ["number", "null"]}
SWITCH: Schema = {"type": "boolean"}


def object_of(required: Schema, optional: Schema | None = None) -> dict[str, Any]:
    """An object with these fields and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def list_of(items: Schema) -> dict[str, Any]:
    """A list of these."""
    return {"type": "array", "items": items}


def ref(name: str) -> dict[str, str]:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(description: str, schema: Schema) -> dict[str, Any]:
    """A response that holds it."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def in_path(name: str, description: str) -> dict[str, Any]:
    """A part of the path."""
    text = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": text}


def in_query(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """What may be said behind the question mark."""
    return {"name": name, "in": "query", "description": description, "schema": schema}
