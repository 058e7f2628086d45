"""A query with its tools as they were sent: fastapi_poe's types keep only a part of their schemas."""

from collections.abc import Mapping
from typing import Any, Self

import fastapi_poe as fp
from pydantic import BaseModel, PrivateAttr

_MOST_TOOLS = 128

Entries = tuple[Mapping[str, Any], ...]


class PoeQuery(fp.QueryRequest):
    """To a bot written for fastapi_poe it is an ordinary `QueryRequest`; what was sent stays out of its fields."""

    _sent: Mapping[str, Entries] = PrivateAttr(default_factory=dict)

    def keeping(self, raw: Mapping[str, Any]) -> Self:
        """The same query, which now knows its tools as they stand in the body of the request."""
        self._sent = {name: _entries(raw.get(name)) for name in ("tools", "tool_calls", "tool_results")}
        return self

    @property
    def raw_tools(self) -> Entries:
        """The functions that the caller offers."""
        return tuple(tool for tool in self._sent.get("tools", ()) if _is_function(tool))

    @property
    def raw_tool_calls(self) -> Entries:
        """The calls that the model made a moment ago."""
        return self._sent.get("tool_calls", ())

    @property
    def raw_tool_results(self) -> Entries:
        """What came of them."""
        return self._sent.get("tool_results", ())


def tools_of(request: fp.QueryRequest) -> Entries:
    """The tools that the caller offers, as a provider takes them."""
    tools = request.raw_tools if isinstance(request, PoeQuery) else _dumped(request.tools)
    return tuple({**tool, "function": _offered(tool["function"])} for tool in tools)


def tool_calls_of(request: fp.QueryRequest) -> Entries:
    """The calls that the model made a moment ago, which are not part of the conversation yet."""
    return request.raw_tool_calls if isinstance(request, PoeQuery) else _dumped(request.tool_calls)


def tool_results_of(request: fp.QueryRequest) -> Entries:
    """What came of these calls."""
    return request.raw_tool_results if isinstance(request, PoeQuery) else _dumped(request.tool_results)


def _entries(value: Any) -> Entries:
    entries = value if isinstance(value, list) else []
    return tuple(entry for entry in entries if isinstance(entry, dict))[:_MOST_TOOLS]


def _is_function(tool: Mapping[str, Any]) -> bool:
    function = tool.get("function")
    named = isinstance(function, dict) and isinstance(function.get("name"), str) and function["name"]
    return tool.get("type") == "function" and bool(named)


def _offered(function: Mapping[str, Any]) -> Mapping[str, Any]:
    # fastapi_poe's client sends `"required": null` for what nobody has set, and providers refuse that.
    kept = _without_nulls(function)
    parameters = kept.pop("parameters", None)
    return {**kept, "parameters": _without_nulls(parameters)} if isinstance(parameters, dict) else kept


def _without_nulls(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if value is not None}


def _dumped(models: list[Any] | None) -> Entries:
    return tuple(model.model_dump() for model in models or () if isinstance(model, BaseModel))
