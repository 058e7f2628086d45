"""What Bedrock is asked."""

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import serving
from utils.chat import ChatMessage, ChatRequest, Image, ToolCall
from utils.errors import RequestRejected
from utils.providers.bedrock.question import question as question_of
from utils.providers.request_body import request_body
from utils.registry import ProviderConfig

from ..asking import deltas
from ..asking import question as asking
from .frames import WHOLE
from .upstream import encoded, refused

PNG = "data:image/png;base64,aGk="
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Now", "parameters": {"type": "object"}}}


def asked(*messages, entry=None, **fields):
    config = ProviderConfig.model_validate(
        {"name": "bedrock", "kind": "bedrock", "default_model": "m", **(entry or {})}
    )
    return question_of(request_body(config, ChatRequest(messages, **fields)))


def said(role, text="", **fields):
    return ChatMessage(role, text, **fields)


def texts(question):
    return [(turn["role"], [block.get("text") for block in turn["content"]]) for turn in question["messages"]]


def test_a_question_alone_has_nothing_but_its_words():
    assert asked(said("user", "Hi")) == {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}


def test_system_messages_stand_apart_wherever_they_came_from():
    question = asked(said("system", "Be kind."), said("user", "Hi"), said("system", "And brief."))

    assert question["system"] == [{"text": "Be kind."}, {"text": "And brief."}]
    assert texts(question) == [("user", ["Hi"])]


@pytest.mark.parametrize(
    ("conversation", "turns"),
    [
        ([("user", "a"), ("user", "b")], [("user", ["a", "b"])]),
        ([("user", "a"), ("assistant", "b"), ("user", "c")], [("user", ["a"]), ("assistant", ["b"]), ("user", ["c"])]),
        ([("assistant", "a"), ("user", "b")], [("user", ["…"]), ("assistant", ["a"]), ("user", ["b"])]),
        ([("user", "a"), ("assistant", " "), ("user", "b")], [("user", ["a", "b"])]),
        ([("user", "  ")], [("user", ["…"])]),
        ([("user", "a"), ("assistant", "so far: \n")], [("user", ["a"]), ("assistant", ["so far:"])]),
    ],
)
def test_turns_alternate_and_begin_with_the_user(conversation, turns):
    assert texts(asked(*(said(role, text) for role, text in conversation))) == turns


def test_a_model_without_system_messages_reads_them_from_the_user():
    question = asked(
        said("system", "Be kind."), said("user", "Hi"), entry={"profile_overrides": {"system_role": "user"}}
    )

    assert "system" not in question
    assert texts(question) == [("user", ["Be kind.", "Hi"])]


@pytest.mark.parametrize(("kind", "name"), [("png", "png"), ("jpeg", "jpeg"), ("jpg", "jpeg"), ("WEBP", "webp")])
def test_pictures_go_along_as_bytes(kind, name):
    question = asked(said("user", "What?", images=(Image(f"data:image/{kind};base64,aGk="),)))

    assert question["messages"][0]["content"] == [
        {"text": "What?"},
        {"image": {"format": name, "source": {"bytes": b"hi"}}},
    ]


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "data:image/svg+xml;base64,aGk=", "data:image/png;base64,!"]
)
def test_a_picture_that_bedrock_cannot_take_is_refused(url):
    with pytest.raises(RequestRejected):
        asked(said("user", "What?", images=(Image(url),)))


def test_pictures_are_left_out_for_a_model_that_sees_none():
    question = asked(said("user", "What?", images=(Image(PNG),)), entry={"images": "none"})

    assert texts(question) == [("user", ["What?"])]


def test_calls_and_their_results_are_paired_and_results_share_a_turn():
    calls = (ToolCall("t1", "weather", '{"city": "Rome"}'), ToolCall("t2", "weather", "not json"))
    question = asked(
        said("user", "Hi"),
        said("assistant", "One moment.", tool_calls=calls),
        said("tool", "sunny", tool_call_id="t1"),
        said("tool", "", tool_call_id="t2"),
        tools=(WEATHER,),
    )

    assert question["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"text": "One moment."},
                {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Rome"}}},
                {"toolUse": {"toolUseId": "t2", "name": "weather", "input": {"arguments": "not json"}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "t1", "content": [{"text": "sunny"}]}},
                {"toolResult": {"toolUseId": "t2", "content": [{"text": "…"}]}},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (None, None),
        ("auto", {"auto": {}}),
        ("required", {"any": {}}),
        ({"type": "function", "function": {"name": "weather"}}, {"tool": {"name": "weather"}}),
    ],
)
def test_tools_are_offered_in_bedrocks_form(choice, chosen):
    params = {"tool_choice": choice} if choice else {}
    config = asked(said("user", "Hi"), tools=(WEATHER,), params=params)["toolConfig"]

    spec = {"name": "weather", "inputSchema": {"json": {"type": "object"}}, "description": "Now"}
    assert config["tools"] == [{"toolSpec": spec}]
    assert config.get("toolChoice") == chosen


def test_no_tool_is_offered_where_none_may_be_chosen():
    assert "toolConfig" not in asked(said("user", "Hi"), tools=(WEATHER,), params={"tool_choice": "none"})


def test_parameters_go_where_converse_wants_them():
    question = asked(
        said("user", "Hi"),
        temperature=0.5,
        max_tokens=10,
        stop=("END",),
        params={"top_p": 0.9, "top_k": 5, "thinking": {"type": "enabled"}, "serviceTier": {"type": "flex"}},
    )

    assert question["inferenceConfig"] == {"temperature": 0.5, "topP": 0.9, "maxTokens": 10, "stopSequences": ["END"]}
    assert question["additionalModelRequestFields"] == {"top_k": 5, "thinking": {"type": "enabled"}}
    assert question["serviceTier"] == {"type": "flex"}


def test_what_the_profile_drops_is_not_sent():
    entry = {"profile_overrides": {"drop_params": ["top_k"], "sampling": False}}

    question = asked(said("user", "Hi"), temperature=0.5, params={"top_k": 1, "top_p": 1}, entry=entry)

    assert question.keys() == {"messages"}


async def test_everything_arrives_over_the_wire(bedrock_at, address, aws):
    request = asking(max_tokens=5, tools=(WEATHER,), params={"top_k": 3})

    await deltas(bedrock_at(address, settings={"guardrail": {"id": "g1", "version": "2"}}), request)

    assert aws.asked["messages"] == [{"role": "user", "content": [{"text": "Hi"}]}]
    assert aws.asked["inferenceConfig"] == {"maxTokens": 5}
    assert aws.asked["additionalModelRequestFields"] == {"top_k": 3}
    assert aws.asked["guardrailConfig"] == {"guardrailIdentifier": "g1", "guardrailVersion": "2"}


@pytest.mark.parametrize(
    ("model", "region", "sent"),
    [
        ("nova", "us-east-1", "us.amazon.nova-2-lite-v1:0"),
        ("claude", "eu-central-1", "eu.anthropic.claude-haiku-5-5"),
        ("arn:aws:bedrock:eu-west-1:1:inference-profile/mine", "eu-west-1", None),
        ("mine", "us-east-1", "my.own-model"),
    ],
)
async def test_the_model_is_asked_by_its_full_name(bedrock_at, address, aws, model, region, sent):
    provider = bedrock_at(
        address, settings={"region": region}, models=["nova", {"name": "my.own-model", "alias": "mine"}]
    )

    await deltas(provider, asking(model=model))

    assert aws.models == [sent or model]
    assert encoded(sent or model) in aws.requests[0].scope["raw_path"].decode()


async def test_a_parameter_that_is_refused_is_left_out_from_then_on(bedrock_at):
    bodies = []

    async def picky(request):
        bodies.append(json.loads(await request.body()))
        if "temperature" in bodies[-1].get("inferenceConfig", {}):
            return refused("ValidationException", "`temperature` is deprecated for this model.", 400)
        return Response(b"".join(WHOLE), media_type="application/vnd.amazon.eventstream")

    async with serving(Starlette(routes=[Route("/{rest:path}", picky, methods=["POST"])])) as address:
        provider = bedrock_at(address)
        for _ in range(2):
            await deltas(provider, asking(temperature=0.3, max_tokens=9))

    assert [body["inferenceConfig"] for body in bodies] == [
        {"temperature": 0.3, "maxTokens": 9},
        {"maxTokens": 9},
        {"maxTokens": 9},
    ]


async def test_parameters_that_are_refused_one_after_the_other_are_all_learned(bedrock_at):
    bodies = []

    async def picky(request):
        bodies.append(json.loads(await request.body()).get("inferenceConfig", {}))
        for name in ("temperature", "topP"):
            if name in bodies[-1]:
                written = {"topP": "top_p"}.get(name, name)
                return refused("ValidationException", f"`{written}` is deprecated for this model.", 400)
        return Response(b"".join(WHOLE), media_type="application/vnd.amazon.eventstream")

    async with serving(Starlette(routes=[Route("/{rest:path}", picky, methods=["POST"])])) as address:
        provider = bedrock_at(address)
        with pytest.raises(RequestRejected):
            await deltas(provider, asking(temperature=0.3, params={"top_p": 0.5}))
        for _ in range(2):
            await deltas(provider, asking(temperature=0.3, params={"top_p": 0.5}))

    assert bodies == [{"temperature": 0.3, "topP": 0.5}, {"topP": 0.5}, {"topP": 0.5}, {}, {}]


@pytest.mark.parametrize("model", ["claude", "claude-opus", "us.anthropic.claude-opus-4-7-v1:0"])
async def test_a_claude_that_takes_no_temperature_is_sent_none(bedrock_at, address, aws, model):
    await deltas(bedrock_at(address), asking(model=model, temperature=0.3, max_tokens=9))

    assert aws.asked["inferenceConfig"] == {"maxTokens": 9}
