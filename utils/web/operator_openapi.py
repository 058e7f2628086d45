"""The doors of the owner, below /admin, as OpenAPI describes them."""

from collections.abc import Mapping
from typing import Any

from .schema_words import (
    COUNT_OR_NULL,
    NUMBER_OR_NULL,
    SWITCH,
    TEXT,
    TEXT_OR_NULL,
    in_path,
    json_of,
    list_of,
    object_of,
    ref,
)

_FAILURES: Mapping[int, str] = {
    400: "The request is not understood.",
    401: "The key is missing or wrong.",
    403: "There is no key on the server; or this comes from a page, or the files cannot be changed here.",
    404: "Nothing of this name is here.",
    405: "Asked with another method.",
    409: "The file has changed meanwhile, or the name is taken.",
    413: "The request is too large.",
    422: "The change would bring a mistake into the files.",
    429: "Too many at a time.",
    500: "Something went wrong on this server.",
}
_ALWAYS = (400, 401, 403, 404, 405, 429, 500)


_PROBLEM = object_of(
    {
        "field": TEXT,
        "message": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "fix": TEXT_OR_NULL,
        "line": COUNT_OR_NULL,
        "file": TEXT_OR_NULL,
    }
)
_ENTRY = object_of(
    {"name": TEXT, "line": COUNT_OR_NULL, "entry": {"type": "object"}, "yaml": TEXT, "problems": list_of(_PROBLEM)}
)
_FILE = object_of(
    {
        "file": TEXT,
        "version": TEXT,
        "read_only": TEXT_OR_NULL,
        "problems": list_of(_PROBLEM),
        "entries": list_of(_ENTRY),
    }
)
_NAMES = list_of(TEXT)
_BOT_AT_POE = object_of(
    {
        **{name: TEXT for name in ("bot", "path")},
        **{name: TEXT_OR_NULL for name in ("url", "key_hint", "settings_hash", "synced_hash", "problem", "last_call")},
        **{name: NUMBER_OR_NULL for name in ("synced_at", "last_called_at")},
        "access_key_names": _NAMES,
        "has_access_key": SWITCH,
        "in_sync": {"type": ["boolean", "null"]},
        "calls": COUNT_OR_NULL,
        "calls_by_type": {"type": "object", "additionalProperties": COUNT_OR_NULL},
        "errors": list_of(object_of({"at": NUMBER_OR_NULL, "message": TEXT})),
    }
)

OPERATOR_SCHEMAS: Mapping[str, Any] = {
    "EntryWish": {
        **object_of({}, {"entry": {"type": "object"}, "yaml": TEXT, "version": TEXT}),
        "oneOf": [{"required": ["entry"]}, {"required": ["yaml"]}],
    },
    "Config": object_of({"bots": _FILE, "providers": _FILE}),
    "ConfigChange": object_of(
        {
            "diff": TEXT,
            "problems": list_of(_PROBLEM),
            "saved": SWITCH,
            "version": TEXT_OR_NULL,
            "entry": {"anyOf": [_ENTRY, {"type": "null"}]},
            "reload": {"anyOf": [ref("Reload"), {"type": "null"}]},
            "not_in_force": TEXT_OR_NULL,
        },
        {"error": TEXT},
    ),
    "KnownProviders": object_of(
        {
            "providers": list_of(
                object_of(
                    {
                        **{name: TEXT for name in ("name", "title", "note")},
                        "key_url": TEXT_OR_NULL,
                        "key_names": _NAMES,
                        "entry": {"type": "object"},
                    }
                )
            )
        }
    ),
    "Reload": object_of(
        {**{name: _NAMES for name in ("new", "changed", "removed", "kept", "problems")}, "unchanged": COUNT_OR_NULL}
    ),
    "Trial": object_of(
        {
            "provider": TEXT,
            "model": TEXT_OR_NULL,
            "outcome": {"enum": ["ok", "failed"]},
            "seconds_to_first_word": NUMBER_OR_NULL,
            "seconds": NUMBER_OR_NULL,
            "input_tokens": COUNT_OR_NULL,
            "output_tokens": COUNT_OR_NULL,
            "cost": TEXT_OR_NULL,
            "problem": TEXT_OR_NULL,
            "fix": TEXT_OR_NULL,
            "failure": TEXT_OR_NULL,
        }
    ),
    "AtPoe": object_of({"public_url": TEXT_OR_NULL, "bots": list_of(_BOT_AT_POE)}),
    "Synced": object_of({"synced": SWITCH, "result": TEXT, "message": TEXT}),
    "Targets": object_of({"targets": list_of({"type": "object"})}),
}


def _operation(
    name: str,
    summary: str,
    gives: str | None,
    *parameters: Mapping[str, Any],
    well: int = 200,
    takes: str | None = None,
    failures: Mapping[int, str] = {},
) -> dict[str, Any]:
    """An operation; the `failures` beside the usual ones, each with the schema of its answer."""
    answers = {status: "PlainError" for status in _ALWAYS} | dict(failures)
    responses = {str(well): json_of("It is done.", ref(gives) if gives else {"type": "object"})}
    if well != 200:
        responses["200"] = json_of("It would be done.", ref(gives or "PlainError"))
    either: Mapping[str, Any] = {
        "PlainError": ref("PlainError"),
        "Either": {"anyOf": [ref("PlainError"), ref("ConfigChange")]},
    }
    responses |= {str(status): json_of(_FAILURES[status], either[answers[status]]) for status in sorted(answers)}
    body = {"required": True, "content": {"application/json": {"schema": ref(takes)}}} if takes else None
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"owner": []}],
        **({"parameters": list(parameters)} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": responses,
    }


_REHEARSAL = {"name": "dry_run", "in": "query", "description": "Only show the difference.", "schema": SWITCH}
_VERSION = {
    "name": "If-Match",
    "in": "header",
    "description": "The `version` of the file that the change is about.",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
}
_REFUSED = {403: "Either", 404: "Either", 409: "Either", 422: "Either"}


def _paths_of(section: str, kind: str) -> dict[str, Any]:
    name = in_path("name", f"The name of the {kind}.")
    title = kind.capitalize()
    changed = {**_REFUSED, 413: "PlainError"}
    return {
        f"/admin/config/{section}": {
            "post": _operation(
                f"add{title}",
                f"One more {kind}.",
                "ConfigChange",
                _REHEARSAL,
                _VERSION,
                well=201,
                takes="EntryWish",
                failures=changed,
            )
        },
        f"/admin/config/{section}/{{name}}": {
            "put": _operation(
                f"change{title}",
                f"Another entry for this {kind}.",
                "ConfigChange",
                name,
                _REHEARSAL,
                _VERSION,
                takes="EntryWish",
                failures=changed,
            ),
            "delete": _operation(
                f"remove{title}", f"A {kind} less.", "ConfigChange", name, _REHEARSAL, _VERSION, failures=_REFUSED
            ),
        },
    }


_TARGET = in_path("target", "A provider, or `provider:model`.")
_REASON = {"name": "reason", "in": "query", "description": "Why.", "schema": TEXT}

OPERATOR_PATHS: Mapping[str, Any] = {
    "/admin/config": {"get": _operation("config", "Both files, entry by entry, without the keys in them.", "Config")},
    "/admin/config/schema": {"get": _operation("configSchema", "What an entry may say.", None)},
    "/admin/config/known": {
        "get": _operation("knownProviders", "The providers that are known by name.", "KnownProviders")
    },
    **_paths_of("bots", "bot"),
    **_paths_of("providers", "provider"),
    "/admin/providers/{name}/test": {
        "post": _operation(
            "testProvider", "Asks it one tiny question.", "Trial", in_path("name", "The name of the provider.")
        )
    },
    "/admin/poe": {"get": _operation("atPoe", "How each bot stands with Poe.", "AtPoe")},
    "/admin/poe/{bot}/sync": {
        "post": _operation(
            "syncBot",
            "Tells Poe of the settings of a bot.",
            "Synced",
            in_path("bot", "The name of the bot."),
            {"name": "force", "in": "query", "description": "Also when Poe has them.", "schema": SWITCH},
        )
    },
    "/admin/targets": {"get": _operation("targets", "Everyone who is asked, and how they fare.", "Targets")},
    "/admin/targets/{target}/out": {
        "post": _operation("takeOut", "Asks it no more.", None, _TARGET, _REASON, failures={413: "PlainError"})
    },
    "/admin/targets/{target}/in": {"post": _operation("putBack", "Asks it again.", None, _TARGET)},
    "/admin/reload": {"post": _operation("reload", "Reads the two files again.", "Reload")},
}
