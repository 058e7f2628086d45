"""What the owner reads with a key, /usage and /metrics, as OpenAPI describes it."""

from collections.abc import Mapping
from typing import Any, get_args

from utils.ledger.attempts.question import ORDERS
from utils.ledger.record import CostSource, Outcome
from utils.ledger.summaries.question import BY

from .schema_words import (
    COUNT,
    NUMBER,
    NUMBER_OR_NULL,
    SWITCH,
    TEXT,
    TEXT_OR_NULL,
    in_query,
    json_of,
    list_of,
    object_of,
    ref,
)

_OUTCOME = {"enum": list(get_args(Outcome))}
_DAY = {"type": "string", "format": "date"}
_MONEY = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_MONEY_OR_NULL = {"anyOf": [_MONEY, {"type": "null"}]}
_TOKENS_OR_NULL = {"type": ["integer", "null"]}
_INTERVAL = {"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2}

_SUMS = {
    **{name: COUNT for name in ("requests", "attempts", "answered", "failed", "unknown_cost", "cache_hits")},
    **{name: COUNT for name in ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "saved_tokens")},
    "error_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "errors": {"type": "object", "additionalProperties": COUNT},
    "cost": _MONEY,
    "saved_cost": _MONEY_OR_NULL,
    **{f"{name}_{share}": NUMBER_OR_NULL for name in ("first_content", "seconds") for share in ("p50", "p95")},
}
_OF_VARIANTS = {
    **{f"{name}_mean": NUMBER_OR_NULL for name in ("cost", "first_content", "seconds")},
    **{f"{name}_interval": _INTERVAL for name in ("error_rate", "cost", "first_content", "seconds")},
}
_NAMES = {"day": _DAY, **{name: TEXT for name in ("bot", "provider", "model", "user", "variant")}, "outcome": _OUTCOME}
_ATTEMPT = object_of(
    {
        **{name: TEXT for name in ("id", "conversation", "message", "provider", "model", "answered_by")},
        **{name: TEXT for name in ("variant", "key", "error")},
        "attempt": COUNT,
        "outcome": _OUTCOME,
        "cached": SWITCH,
        **{name: _TOKENS_OR_NULL for name in ("input_tokens", "output_tokens")},
        **{name: {"type": "integer"} for name in ("cached_tokens", "cache_write_tokens", "reasoning_tokens")},
        "cost": _MONEY_OR_NULL,
        "cost_source": {"enum": list(get_args(CostSource))},
        **{name: NUMBER for name in ("at", "queued", "seconds")},
        "first_content": NUMBER_OR_NULL,
    }
)
_ANSWER = object_of(
    {
        **{name: TEXT for name in ("reference", "bot", "door", "user")},
        "at": NUMBER,
        "cost": _MONEY_OR_NULL,
        "seconds": NUMBER,
        "first_content": NUMBER_OR_NULL,
        "outcome": _OUTCOME,
        "attempts": {**list_of(_ATTEMPT), "minItems": 1},
    }
)
_BUDGET = object_of(
    {
        **{name: TEXT for name in ("entry", "name")},
        "kind": {"enum": ["bot", "provider", "client"]},
        "scope": {"enum": ["bot", "user", "provider", "client", "all"]},
        "per": {"enum": ["day", "month"]},
        "whose": TEXT_OR_NULL,
        "usd": _MONEY_OR_NULL,
        "tokens": {"type": ["integer", "null"], "minimum": 1},
        **{name: _MONEY for name in ("spent_usd", "reserved_usd")},
        **{name: {"type": "integer"} for name in ("spent_tokens", "reserved_tokens")},
        **{name: NUMBER for name in ("share", "warn_at")},
        "when_unavailable": {"enum": ["open", "closed"]},
        "renews_at": COUNT,
    }
)

USAGE_SCHEMAS: Mapping[str, Any] = {
    "UsageSums": object_of(_SUMS),
    "UsageGroup": object_of(_SUMS, {**_NAMES, **_OF_VARIANTS}),
    "UsageSummary": object_of(
        {
            **{name: _DAY for name in ("from", "to")},
            "by": {"enum": list(BY)},
            "where": {"type": "object", "additionalProperties": TEXT},
            "groups": list_of(ref("UsageGroup")),
            "is_all": SWITCH,
            "total": ref("UsageSums"),
        },
        {"methods": object_of({"error_rate": TEXT, "means": TEXT})},
    ),
    "UsageAnswers": object_of({"answers": list_of(_ANSWER), "is_all": SWITCH}),
    "UsageBudgets": object_of({"budgets": list_of(_BUDGET)}),
    "WrongField": object_of({"error": TEXT, "field": TEXT}),
}

_FAILURES: Mapping[int, str] = {
    401: "The key is missing or wrong.",
    403: "There is no key on the server; or this comes from a page.",
    405: "Asked with another method.",
    429: "Too many wrong keys at a time.",
    500: "Something went wrong on this server.",
}
_AWAY = {"503": json_of("The ledger cannot be read now, or keeps nothing that could be.", ref("PlainError"))}
_WRONG = {"400": json_of("A field is wrong, or nobody knows it.", ref("WrongField"))}


def _page(name: str, summary: str, content: Mapping[str, Any], *parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is read with the owner's key."""
    failures = {str(status): json_of(said, ref("PlainError")) for status, said in _FAILURES.items()}
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"owner": []}],
        **({"parameters": list(parameters)} if parameters else {}),
        "responses": {"200": {"description": "It is this.", "content": content}, **failures},
    }


def _usage(name: str, summary: str, gives: str, *parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is read out of the ledger; as a table, too, where anything can be chosen."""
    table = {"text/csv": {"schema": TEXT}} if parameters else {}
    page = _page(name, summary, {"application/json": {"schema": ref(gives)}, **table}, *parameters)
    return {**page, "responses": {**page["responses"], **_WRONG, **_AWAY}}


def _chosen(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """A field of the question; an empty one is as good as none."""
    return {**in_query(name, description, **schema), "allowEmptyValue": True}


def _only(*names: str) -> list[dict[str, Any]]:
    return [in_query(name, f"Only of this {name}.", type="string") for name in names]


_PERIOD = (
    _chosen("from", "The first day, in UTC; 29 days before the last one by default.", **_DAY),
    _chosen("to", "The last day, which is included; today by default.", **_DAY),
)
_FORMAT = _chosen("format", "`Accept: text/csv` does the same.", enum=["json", "csv"])

USAGE_PATHS: Mapping[str, Any] = {
    "/usage": {
        "get": _usage(
            "usage",
            "What attempts add up to: how many, what they took, what they cost, how long they lasted.",
            "UsageSummary",
            _chosen("by", "What the groups are.", enum=list(BY), default="day"),
            *_PERIOD,
            *_only("bot", "provider", "model", "variant", "outcome", "user"),
            _chosen("limit", "How many groups at most.", type="integer", minimum=1, maximum=10_000),
            _FORMAT,
        )
    },
    "/usage/attempts": {
        "get": _usage(
            "usageAttempts",
            "Single answers, each with all of its attempts.",
            "UsageAnswers",
            *_PERIOD,
            *_only("bot", "provider", "model", "user", "outcome", "error"),
            _chosen("answered", "Only those that were answered in the end, or only the others.", type="boolean"),
            _chosen("order", "Which of them first.", enum=list(ORDERS), default="latest"),
            _chosen("limit", "How many at most.", type="integer", minimum=1, maximum=200, default=50),
            _chosen("offset", "How many of the first are left out.", type="integer", minimum=0, maximum=1000),
            _FORMAT,
        )
    },
    "/usage/budgets": {
        "get": _usage("usageBudgets", "Every budget that is in force, the fullest first.", "UsageBudgets")
    },
    "/metrics": {
        "get": {
            **_page(
                "metrics",
                "What Prometheus collects.",
                {"text/plain": {"schema": TEXT}, "application/openmetrics-text": {"schema": TEXT}},
            ),
            "security": [{"metrics": []}, {"owner": []}],
        }
    },
}
