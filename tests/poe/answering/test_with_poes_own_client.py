"""Tool calls, seen by a client that was not written here, over real sockets."""

import asyncio
import json
from contextlib import aclosing, asynccontextmanager

import fastapi_poe as fp
import httpx
import pytest
from fastapi_poe.client import stream_request_base

from tests.apps import app_of
from tests.poe.answering.showing import coming
from tests.serving import serving
from utils.chat import Delta, ToolCallDelta
from utils.poe import BaseBot
from utils.poe.answering import Way, fixed_replies, presented
from utils.poe.door import MountedBot

STOP = Delta(finish_reason="stop")
CALLS = Delta(finish_reason="tool_calls")
EVERY_WAY = pytest.mark.parametrize("reasoning", ["hide", "show", "status"])


class Scripted(BaseBot):
    """Gives these answers, one to each question, and keeps the questions."""

    bot_name = "Scripted"

    def __init__(self, *answers, reasoning="hide", replies=()):
        super().__init__()
        self.answers = list(answers)
        self.reasoning = reasoning
        self.replies = replies
        self.requests = []
        self.errors = []

    async def get_response(self, request):
        self.requests.append(request)
        way = Way(self.reasoning, with_tools=bool(request.tools))
        async with aclosing(presented(coming(self.answers.pop(0)), way)) as events:
            async for event in events:
                yield event
        for reply in fixed_replies(self.replies):
            yield reply

    async def on_error(self, error_request):
        self.errors.append(error_request.message)


@asynccontextmanager
async def served(tmp_path, bot):
    app = app_of(tmp_path, "bots: []")
    app.state.door.bots["/Scripted"] = MountedBot(bot, "Scripted", "/Scripted", ())
    async with serving(app) as address:
        yield f"{address}/"


def add(a, b):
    return a + b


async def multiply(a, b):
    return a * b


def now():
    return "noon"


def tool(function, *parameters):
    schema = {"type": "object", "properties": {name: {"type": "integer"} for name in parameters}}
    return fp.ToolDefinition(
        type="function", function={"name": function.__name__, "description": "…", "parameters": schema}
    )


TOOLS = [tool(add, "a", "b"), tool(multiply, "a", "b"), tool(now)]


async def ask(address, **more):
    question = fp.ProtocolMessage(role="user", content="What is it?")
    more = {"tools": TOOLS, "tool_executables": [add, multiply, now], **more}
    answer = fp.get_bot_response([question], "Scripted", "key", base_url=address, **more)
    return [part async for part in answer]


def text_of(parts):
    text = ""
    for part in parts:
        text = part.text if part.is_replace_response else text + part.text
    return text


def results(request):
    return [(result.name, json.loads(result.content)) for result in request.tool_results]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param(
            [
                Delta(tool_calls=(ToolCallDelta(0, "c1", "add"),)),
                Delta(tool_calls=(ToolCallDelta(0, arguments='{"a": 2,'),)),
                Delta(tool_calls=(ToolCallDelta(0, arguments=' "b": 3}'),)),
            ],
            [("add", 5)],
            id="one",
        ),
        pytest.param(
            [
                Delta(
                    tool_calls=(
                        ToolCallDelta(0, "c1", "add", '{"a": 2, "b": 3}'),
                        ToolCallDelta(1, "c2", "multiply", '{"a": 2, "b": 3}'),
                    )
                )
            ],
            [("add", 5), ("multiply", 6)],
            id="two at once",
        ),
        pytest.param(
            [
                Delta(tool_calls=(ToolCallDelta(0, "c1", "add", '{"a": 2'), ToolCallDelta(1, "c2", "multiply", "{"))),
                Delta(tool_calls=(ToolCallDelta(1, None, None, '"a": 2, "b": 3}'),)),
                Delta(tool_calls=(ToolCallDelta(0, None, None, ', "b": 3}'),)),
            ],
            [("add", 5), ("multiply", 6)],
            id="two interleaved",
        ),
        pytest.param([Delta(tool_calls=(ToolCallDelta(0, None, "now"),))], [("now", "noon")], id="no arguments, no id"),
        pytest.param(
            [Delta(tool_calls=(ToolCallDelta(0, "c1", "now"), ToolCallDelta(1, "c2", "add", '{"a": 2')))],
            [("now", "noon")],
            id="one of two is cut off",
        ),
    ],
)
@EVERY_WAY
async def test_the_client_runs_the_tools_and_gets_the_answer(tmp_path, first, expected, reasoning):
    thinking = [Delta(reasoning="hm")]
    bot = Scripted([*thinking, *first, CALLS], [*thinking, Delta("It is that."), STOP], reasoning=reasoning)

    async with served(tmp_path, bot) as address:
        answer = text_of(await ask(address))

    assert answer.endswith("It is that.")
    assert results(bot.requests[1]) == expected
    assert [call.function.name for call in bot.requests[1].tool_calls] == [name for name, _ in expected]
    assert bot.errors == []


async def test_words_before_a_call_reach_the_person(tmp_path):
    call = ToolCallDelta(0, "c1", "add", '{"a": 2, "b": 3}')
    bot = Scripted([Delta("Let me "), Delta("see. "), Delta(tool_calls=(call,)), CALLS], [Delta("It is 5."), STOP])

    async with served(tmp_path, bot) as address:
        answer = text_of(await ask(address))

    assert answer == "Let me see. It is 5."
    assert results(bot.requests[1]) == [("add", 5)]


async def test_a_model_that_needs_no_tool_just_answers(tmp_path):
    bot = Scripted([Delta("Hello"), STOP])

    async with served(tmp_path, bot) as address:
        answer = text_of(await ask(address))

    assert answer == "Hello"
    assert len(bot.requests) == 1


async def test_a_caller_without_tools_sees_nothing_of_a_call(tmp_path):
    call = ToolCallDelta(0, "c1", "add", '{"a": 2, "b": 3}')
    bot = Scripted([Delta("Hello", tool_calls=(call,)), CALLS])

    async with served(tmp_path, bot) as address:
        parts = await ask(address, tools=None, tool_executables=None)

    assert text_of(parts) == "Hello"
    assert not any(part.data or part.tool_calls for part in parts)
    assert bot.errors == []


async def test_a_caller_that_runs_tools_by_itself_gets_calls_round_after_round(tmp_path):
    bot = Scripted(
        [Delta(tool_calls=(ToolCallDelta(0, "c1", "add", '{"a": 2, "b": 3}'),)), CALLS],
        [Delta("And now: "), Delta(tool_calls=(ToolCallDelta(0, "c2", "multiply", '{"a": 5, "b": 4}'),)), CALLS],
        [Delta("It is 20."), STOP],
    )
    query = [fp.ProtocolMessage(role="user", content="What is (2 + 3) * 4?")]
    said = []

    async with served(tmp_path, bot) as address:
        while bot.answers:
            calls = await one_round(address, query, said)
            query = [*query, *[await carried_out(call) for call in calls]]

    assert said == ["And now: ", "It is 20."]
    assert [message.content for message in bot.requests[-1].query[1:]] == ["5", "20"]


async def one_round(address, query, said):
    """The calls that the client reads in one answer; its words go to `said`."""
    request = fp.QueryRequest(
        version="1.2", type="query", query=query, user_id="", conversation_id="", message_id="m", access_key="key"
    )
    answer = fp.stream_request(request, "Scripted", "key", tools=TOOLS, base_url=address)
    parts = [part async for part in answer]
    said += [part.text for part in parts if part.text]
    return [call for part in parts for call in part.tool_calls]


async def carried_out(call):
    result = {"add": add, "multiply": multiply}[call.function.name](**json.loads(call.function.arguments))
    content = json.dumps(await result if asyncio.iscoroutine(result) else result)
    return fp.ProtocolMessage(role="tool", content=content)


async def test_calls_in_the_second_round_do_not_break_the_client(tmp_path):
    call = ToolCallDelta(0, "c1", "add", '{"a": 2, "b": 3}')
    bot = Scripted([Delta(tool_calls=(call,)), CALLS], [Delta("Hm. "), Delta(tool_calls=(call,)), CALLS])

    async with served(tmp_path, bot) as address:
        parts = await ask(address)

    assert text_of(parts) == "Hm. "
    assert [part.data["choices"][0]["finish_reason"] for part in parts if part.data] == [None, "tool_calls"]


async def test_suggested_replies_come_behind_the_answer(tmp_path):
    bot = Scripted([Delta("Hello"), STOP], replies=("Tell me more", "Thanks"))
    query = [fp.ProtocolMessage(role="user", content="Hi")]
    request = fp.QueryRequest(version="", type="query", query=query, user_id="", conversation_id="", message_id="")

    async with served(tmp_path, bot) as address, httpx.AsyncClient() as session:
        answer = stream_request_base(request, "Scripted", "key", session=session, base_url=address)
        parts = [(part.text, part.is_suggested_reply) async for part in answer if part.text]

    assert parts == [("Hello", False), ("Tell me more", True), ("Thanks", True)]
