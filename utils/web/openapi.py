"""What the HTTP API takes and gives, as an OpenAPI document: /openapi.json."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from utils.version import VERSION

from .answer_schemas import SCHEMAS
from .chat.body import Begun, ChatQuestion, Rename
from .openai_api.chat_body import ChatBody
from .openai_api.embeddings import EmbeddingsBody
from .operator_openapi import OPERATOR_PATHS, OPERATOR_SCHEMAS
from .schema_words import SWITCH, in_path, in_query, json_of, ref
from .usage_openapi import USAGE_PATHS, USAGE_SCHEMAS

_BODIES = (ChatBody, EmbeddingsBody, ChatQuestion, Begun, Rename)
_REFERENCE = "#/components/schemas/{name}"

_STATUSES: Mapping[int, str] = {
    400: "A field is wrong; `param` names it.",
    401: "The key is missing or wrong.",
    403: "The key does not allow this, or there is none on the server.",
    404: "Nobody and nothing of this name is here.",
    405: "Asked with another method.",
    408: "The request took too long to arrive.",
    409: "An answer in this conversation is under way.",
    413: "The request is too large.",
    429: "Too many requests, or a budget is used up; `retry-after` says how long to wait.",
    500: "Something went wrong on this server.",
    502: "The provider has failed.",
    503: "The provider is too busy, or nobody is ready to answer.",
    504: "The provider did not answer in time.",
}
_OF_ALL = (400, 401, 403, 404, 405, 413, 429, 500, 503)
_OF_ANSWERS = (*_OF_ALL, 408, 502, 504)


def openapi_document(address: str) -> dict[str, Any]:
    """The document, for a server at that address."""
    return {**_document(), "servers": [{"url": address}]}


@cache
def _document() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_BODIES, ref_template=_REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Poe bots", "version": VERSION, "description": "Bots and providers, asked without Poe."},
        "security": [{"key": []}],
        "paths": {**_PATHS, **OPERATOR_PATHS, **USAGE_PATHS},
        "components": {
            "schemas": {**components, **SCHEMAS, **OPERATOR_SCHEMAS, **USAGE_SCHEMAS},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "The key of a client."},
                "owner": {"type": "http", "scheme": "bearer", "description": "The key in ADMIN_KEY."},
                "metrics": {"type": "http", "scheme": "bearer", "description": "The key in METRICS_KEY."},
            },
        },
    }


def _operation(
    name: str,
    summary: str,
    gives: str | None,
    *,
    takes: str | None = None,
    parameters: tuple[Mapping[str, Any], ...] = (),
    failures: tuple[int, ...] = _OF_ALL,
    failing: str = "Error",
    streams: bool = False,
    pages: bool = False,
) -> dict[str, Any]:
    well: dict[str, Any] = {"204": {"description": "It is done."}}
    if gives:
        well = {"200": json_of("It is done.", ref(gives))}
    if streams:
        well["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    if pages:
        well["200"]["content"]["text/markdown"] = {"schema": {"type": "string"}}
    body = {"required": True, "content": {"application/json": {"schema": ref(takes)}}} if takes else None
    failed = {str(status): json_of(_STATUSES[status], ref(failing)) for status in sorted(failures)}
    return {
        "operationId": name,
        "summary": summary,
        **({"parameters": list(parameters)} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": {**well, **failed},
    }


def _listing(name: str, summary: str, gives: str, *parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What anybody may see, without a key."""
    operation = _operation(name, summary, gives, parameters=parameters, failures=())
    wrong = {str(status): json_of(_STATUSES[status], ref("PlainError")) for status in (400, 404)}
    responses = {**operation["responses"], **(wrong if parameters else {})}
    return {**operation, "security": [], "responses": responses}


_CONVERSATION = in_path("id", "The id of a conversation.")

_PATHS: Mapping[str, Any] = {
    "/v1/chat/completions": {
        "post": _operation(
            "createChatCompletion",
            "The answer of a bot, or of a provider's model, to a conversation; whole or as a stream.",
            "Completion",
            takes="ChatBody",
            failures=_OF_ANSWERS,
            streams=True,
        )
    },
    "/v1/embeddings": {
        "post": _operation(
            "createEmbedding", "Texts as vectors.", "Vectors", takes="EmbeddingsBody", failures=_OF_ANSWERS
        )
    },
    "/v1/models": {"get": _operation("listModels", "Whom this client can ask.", "Models")},
    "/v1/models/{id}": {
        "get": _operation(
            "retrieveModel", "One of them.", "Model", parameters=(in_path("id", "A bot, or `provider:model`."),)
        )
    },
    "/chat": {
        "post": _operation(
            "chat",
            "The answer to one message, as JSON, or as events with `Accept: text/event-stream`.",
            "Answer",
            takes="ChatQuestion",
            failures=(*_OF_ANSWERS, 409),
            failing="NoAnswer",
            streams=True,
        )
    },
    "/chat/conversations": {
        "get": _operation(
            "listConversations",
            "The client's conversations, the latest first.",
            "Conversations",
            parameters=(
                in_query("q", "Words in the title or in a message.", type="string", maxLength=200),
                in_query("limit", "How many.", type="integer", minimum=1, maximum=200, default=50),
                in_query("offset", "How many are left out.", type="integer", minimum=0, maximum=1_000_000, default=0),
            ),
        ),
        "post": _operation(
            "beginConversation",
            "Keep what was said elsewhere, to go on with it.",
            "WholeConversation",
            takes="Begun",
            failures=(*_OF_ALL, 408),
        ),
    },
    "/chat/conversations/{id}": {
        "get": _operation(
            "readConversation",
            "One with its messages; as a page to read with `format=markdown`.",
            "WholeConversation",
            parameters=(_CONVERSATION, in_query("format", "How it is given.", enum=["json", "markdown"])),
            pages=True,
        ),
        "patch": _operation(
            "renameConversation",
            "Give it another title.",
            "WholeConversation",
            takes="Rename",
            parameters=(_CONVERSATION,),
            failures=(*_OF_ALL, 408),
        ),
        "delete": _operation(
            "deleteConversation", "Forget it.", None, parameters=(_CONVERSATION,), failures=(*_OF_ALL, 408, 409)
        ),
    },
    "/health": {"get": _listing("health", "How the server is.", "Listing")},
    "/bots": {"get": _listing("bots", "The bots.", "Listing")},
    "/providers": {"get": _listing("providers", "The providers.", "Listing")},
    "/providers/{name}/models": {
        "get": _listing(
            "modelsOfProvider",
            "The models of a provider.",
            "Listing",
            in_path("name", "The name of the provider."),
            in_query("live", "Whether the provider itself is asked, and not only the files.", **SWITCH),
        )
    },
}
