"""The JSON Schemas that let an editor complete and check the two files.

`python -m utils.registry.schema` writes them anew.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from utils.settings import ROOT

from .bot_config import BotConfig
from .help import SchemaWithHelp
from .provider_config import ProviderConfig

FOLDER = ROOT / "config" / "schema"


def schemas() -> dict[str, str]:
    """The text of each schema by its file name."""
    return {
        "providers.json": _schema("providers", ProviderConfig, "additional_params"),
        "bots.json": _schema("bots", BotConfig, "additional_params"),
    }


def write(folder: Path = FOLDER) -> None:
    """Bring the files up to date with the models."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


@cache
def entry_schemas() -> dict[str, dict[str, Any]]:
    """The schema of one entry of each file, by the name of its list."""
    return {
        "providers": _entry(ProviderConfig, "additional_params"),
        "bots": _entry(BotConfig, "additional_params"),
    }


def _entry(spec: type[BaseModel], params_key: str) -> dict[str, Any]:
    entry: dict[str, Any] = spec.model_json_schema(ref_template="#/$defs/{model}", schema_generator=SchemaWithHelp)
    entry["properties"]["params"] = {**entry["properties"][params_key], "title": "Params"}
    _allow_short_forms(spec, entry["properties"])
    return entry


def _schema(key: str, spec: type[BaseModel], params_key: str) -> str:
    entry = _entry(spec, params_key)
    definitions = entry.pop("$defs", {})
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{key}.yaml",
        "type": "object",
        "properties": {key: {"type": "array", "items": entry}},
        "required": [key],
        "additionalProperties": False,
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _allow_short_forms(spec: type[BaseModel], properties: dict[str, Any]) -> None:
    """One name where a list of names may stand, a name where a mapping may stand, null where a default is."""
    if "api_key_env" in properties:
        properties["api_key_env"] = _or(properties["api_key_env"], {"type": "string"})
    if spec is ProviderConfig:
        properties["models"]["items"] = {"anyOf": [{"type": "string"}, properties["models"]["items"]]}
    for name, field in properties.items():
        if {"type": "null"} not in field.get("anyOf", ()) and _accepts_null(spec, name):
            properties[name] = _or(field, {"type": "null"})


def _accepts_null(spec: type[BaseModel], name: str) -> bool:
    try:
        spec.model_validate({name: None})
    except ValidationError as exc:
        return not any(error["loc"][:1] == (name,) for error in exc.errors())
    return True


def _or(schema: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: schema.pop(key) for key in ("title", "description", "default") if key in schema}
    return {**kept, "anyOf": [schema, *others]}


if __name__ == "__main__":
    write()
