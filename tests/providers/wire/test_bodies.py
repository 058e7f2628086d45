"""A rich question passes every vendor's door at the first knock, and nothing that it may carry is lost on the way."""

from typing import Any

import pytest

from tests.providers.asking import deltas
from tests.serving import serving
from utils.chat import ChatMessage, ChatRequest, Image, ToolCall
from utils.registry import PROFILE_NAMES

from .doors import DOORS, Doorkeeper, answers_to_calls

PICTURE = "data:image/png;base64,iVBORw0KGgo="
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
HISTORY = (
    ChatMessage("system", "Be brief."),
    ChatMessage("system", "Be kind."),
    ChatMessage("user", "Where is this?", images=(Image(PICTURE),)),
    ChatMessage("assistant", "Zürich."),
    ChatMessage("user", "And the weather?"),
    ChatMessage(
        "assistant", tool_calls=(ToolCall("call_PTLP8xhu3uwZ", "get_weather", '{"city":"Zürich"}'), ToolCall("b", "f"))
    ),
    ChatMessage("tool", "21", tool_call_id="call_PTLP8xhu3uwZ"),
    ChatMessage("tool", "ok", tool_call_id="b"),
    ChatMessage("assistant", "21 °C."),
    ChatMessage("user", "And tomorrow?"),
)
WISHES = {
    "temperature": 1.8,
    "top_p": 0.9,
    "stop": ["END"],
    "seed": 7,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "max_tokens": 900,
}


def rich(model: str) -> ChatRequest:
    params = {name: WISHES[name] for name in ("top_p", "seed", "frequency_penalty", "presence_penalty")}
    return ChatRequest(HISTORY, model, temperature=1.8, max_tokens=900, stop=("END",), tools=(TOOL,), params=params)


async def sent_to(provider_at, name: str, request: ChatRequest) -> dict[str, Any]:
    keeper = Doorkeeper(DOORS[name])
    async with serving(keeper.app) as address:
        await deltas(provider_at(address, profile=name.partition(" ")[0]), request)
    (body,) = keeper.bodies
    return body


def test_every_provider_has_a_door():
    assert {name.partition(" ")[0] for name in DOORS} | {"replicate"} == set(PROFILE_NAMES)


@pytest.mark.parametrize("name", DOORS)
async def test_a_rich_question_passes_at_the_first_knock(provider_at, name):
    door = DOORS[name]

    body = await sent_to(provider_at, name, rich(door.model))

    assert answers_to_calls(body) is None
    assert (body["model"], body["stream"], body["tools"]) == (door.model, True, [TOOL])


HIGHEST = {"anthropic": 1, "cohere": 1, "mistral": 1.5}
OTHER_NAMES = {"seed": "random_seed", "max_tokens": "max_completion_tokens"}


@pytest.mark.parametrize("name", DOORS)
async def test_every_wish_that_the_vendor_grants_is_sent_with_its_value(provider_at, name):
    door = DOORS[name]

    body = await sent_to(provider_at, name, rich(door.model))

    granted = {
        taken: value
        for wish, value in WISHES.items()
        for taken in (wish, OTHER_NAMES.get(wish, wish))
        if taken in door.fields
    }
    if "temperature" in granted:
        granted["temperature"] = HIGHEST.get(name, 1.8)
    assert {field: value for field, value in body.items() if field in granted} == granted
    assert set(body) - set(granted) <= {"model", "messages", "stream", "tools", "stream_options"}


@pytest.mark.parametrize("name", DOORS)
async def test_every_word_of_the_conversation_is_sent_in_its_order(provider_at, name):
    body = await sent_to(provider_at, name, rich(DOORS[name].model))

    said = [
        part["text"] if part["type"] == "text" else part["image_url"]["url"]
        for message in body["messages"]
        for part in (
            message["content"]
            if isinstance(message["content"], list)
            else [{"type": "text", "text": message["content"] or ""}]
        )
    ]
    words = [part for message in HISTORY for part in (message.text, *map(_url, message.images))]
    assert "\n\n".join(filter(None, said)) == "\n\n".join(word for word in words if word)


def _url(image: Image) -> str:
    return image.url


async def test_ids_that_mistral_would_refuse_are_changed_the_same_way_in_every_question(provider_at):
    first = await sent_to(provider_at, "mistral", rich("mistral-small-latest"))
    second = await sent_to(provider_at, "mistral", rich("mistral-small-latest"))

    calls = first["messages"][4]["tool_calls"]
    assert [call["id"] for call in calls] == [message["tool_call_id"] for message in first["messages"][5:7]]
    assert len({call["id"] for call in calls}) == 2
    assert first == second


async def test_an_id_of_mistrals_own_stays(provider_at):
    history = (
        ChatMessage("user", "Hi"),
        ChatMessage("assistant", tool_calls=(ToolCall("D681PevKs", "f"),)),
        ChatMessage("tool", "1", tool_call_id="D681PevKs"),
    )

    body = await sent_to(provider_at, "mistral", ChatRequest(history, "m"))

    assert [body["messages"][1]["tool_calls"][0]["id"], body["messages"][2]["tool_call_id"]] == ["D681PevKs"] * 2


@pytest.mark.parametrize(
    ("signatures", "sent"),
    [
        ((None, None), ["skip_thought_signature_validator", None]),
        (("c2ln", None), ["c2ln", None]),
        (("c2ln", "b3Ro"), ["c2ln", "b3Ro"]),
    ],
)
async def test_google_sees_its_signatures_again(provider_at, signatures, sent):
    calls = tuple(ToolCall(f"id{number}", "f", signature=each) for number, each in enumerate(signatures))
    history = (ChatMessage("user", "Hi"), ChatMessage("assistant", tool_calls=calls))

    body = await sent_to(provider_at, "gemini", ChatRequest(history, "gemini-3.8-flash"))

    extras = [call.get("extra_content") for call in body["messages"][1]["tool_calls"]]
    assert extras == [{"google": {"thought_signature": each}} if each else None for each in sent]


@pytest.mark.parametrize("name", ["deepseek", "moonshot"])
@pytest.mark.parametrize("thought", ["", "Look."])
async def test_thoughts_go_back_with_the_turns_that_called_tools_and_with_no_others(provider_at, name, thought):
    history = (
        ChatMessage("user", "Hi"),
        ChatMessage("assistant", tool_calls=(ToolCall("a", "f"),), reasoning=thought),
        ChatMessage("tool", "1", tool_call_id="a"),
        ChatMessage("assistant", "One.", reasoning="unasked"),
    )

    body = await sent_to(provider_at, name, ChatRequest(history, DOORS[name].model))

    assert [message.get("reasoning_content") for message in body["messages"]] == [None, thought, None, None]
