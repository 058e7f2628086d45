import fastapi_poe as fp
import pytest
from starlette.requests import Request

from utils.poe.door.query import query_request
from utils.poe.reading import tool_calls_of, tool_results_of, tools_of

from .turns import asked, call, result

HTTP = Request({"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""})
SCHEMA = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/number"}},
    "required": ["a"],
    "additionalProperties": False,
    "$defs": {"number": {"type": "integer"}},
}
ADD = {"type": "function", "function": {"name": "add", "description": "adds", "strict": True, "parameters": SCHEMA}}


def query_with(**fields):
    raw = {"type": "query", "query": [{"role": "user", "content": "hi"}], **fields}
    return query_request(raw, None, HTTP)


def function(**fields):
    return {"type": "function", "function": fields}


def test_a_tool_keeps_its_whole_schema():
    assert tools_of(query_with(tools=[ADD])) == (ADD,)


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (function(name="now"), function(name="now")),
        (
            function(name="add", description=None, parameters={"type": "object", "properties": {}, "required": None}),
            function(name="add", parameters={"type": "object", "properties": {}}),
        ),
        (function(name="add", parameters=None), function(name="add")),
        (function(name="add", parameters="none"), function(name="add")),
        ({**function(name="add"), "cache": True}, {**function(name="add"), "cache": True}),
    ],
)
def test_what_nobody_has_set_is_not_passed_on(sent, taken):
    assert tools_of(query_with(tools=[sent])) == (taken,)


@pytest.mark.parametrize(
    "tool",
    [
        "add",
        None,
        {},
        {"type": "function"},
        {"type": "function", "function": "add"},
        function(description="nameless"),
        function(name=""),
        function(name=5),
        {"type": "custom", "custom": {"name": "x"}},
    ],
)
def test_what_is_no_function_is_left_out_and_the_others_stay(tool):
    assert tools_of(query_with(tools=[tool, ADD])) == (ADD,)


@pytest.mark.parametrize("tools", [None, {}, "add", 5, []])
def test_a_query_without_a_list_of_tools_offers_none(tools):
    assert tools_of(query_with(tools=tools)) == ()


def test_there_are_not_more_tools_than_a_provider_takes():
    assert len(tools_of(query_with(tools=[ADD] * 200))) == 128


def test_the_second_round_is_kept_whole_even_where_fastapi_poe_refuses_it():
    without_type = {"id": "a", "function": {"name": "add", "arguments": {}}}
    query = query_with(tool_calls=[without_type, "junk"], tool_results=[{"tool_call_id": "a", "content": 5}])

    assert tool_calls_of(query) == (without_type,)
    assert tool_results_of(query) == ({"tool_call_id": "a", "content": 5},)


def test_a_query_that_is_partly_ill_formed_keeps_its_tools():
    query = query_with(tools=[ADD], query=[{"role": "ghost"}, {"role": "user", "content": None}])

    assert tools_of(query) == (ADD,)


def test_nobody_can_bring_tools_in_under_another_name():
    assert tools_of(query_with(raw_tools=[ADD], _sent={"tools": [ADD]})) == ()


def test_to_a_bot_of_others_it_is_an_ordinary_query():
    query = query_with(tools=[ADD])

    assert isinstance(query, fp.QueryRequest)
    assert set(query.model_dump()) == set(fp.QueryRequest.model_fields)
    assert query.tools is not None
    assert query.tools[0].function.name == "add"


def test_a_changed_copy_of_a_query_keeps_its_tools():
    query = query_with(tools=[ADD])

    assert tools_of(query.model_copy(update={"query": []})) == (ADD,)


def test_a_query_that_was_made_by_hand_has_the_tools_of_its_fields():
    query = asked(
        tools=[fp.ToolDefinition.model_validate(ADD)],
        tool_calls=[fp.ToolCallDefinition.model_validate(call("a"))],
        tool_results=[fp.ToolResultDefinition.model_validate(result("a"))],
    )

    assert tools_of(query)[0]["function"]["parameters"]["required"] == ["a"]
    assert tool_calls_of(query) == (call("a"),)
    assert tool_results_of(query) == (result("a"),)
