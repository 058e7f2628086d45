"""Bots made with nothing but YAML, seen by Poe's own client over real sockets."""

import json

import fastapi_poe as fp
import httpx
import pytest
import respx
from fastapi_poe.client import BotError

from tests.apps import app_of
from tests.serving import serving
from utils.chat import Delta, Image
from utils.providers.demo.server import demo_app

PNG = "data:image/png;base64,iVBORw0KGgo="
PROVIDERS = """
providers:
- name: upstream
  api_base: ADDRESS/v1
  images: url
  models:
  - {name: demo, vision: true, price: {input: 1, output: 2}}
  - {name: demo-think-3, alias: thinker, context: 200}
- {name: other, api_base: ADDRESS/v1, models: [other-model]}
"""


FILES = ("song.mp3", "film.mp4")


def said(content, role="user", **fields):
    return fp.ProtocolMessage(role=role, content=content, **fields)


async def asked(tmp_path, bot, *messages, **query):
    """The parts of the answer as Poe's client reads them, and what the model was asked."""
    upstream = demo_app()
    async with serving(upstream) as model:
        providers = PROVIDERS.replace("ADDRESS", model)
        app = app_of(tmp_path, "bots:\n- bot_name: Bot\n  provider: upstream\n" + bot, providers)
        assert not app.state.overview().problems
        async with serving(app) as address:
            request = fp.QueryRequest(
                version="1.2",
                type="query",
                query=list(messages),
                user_id="u",
                conversation_id="c",
                message_id="",
                **query,
            )
            parts = [part async for part in fp.stream_request(request, "Bot", "key", base_url=f"{address}/")]
    return parts, [body for _, body in upstream.state.requests]


def shown(parts):
    """What the person sees in the end."""
    text = ""
    for part in parts:
        if not part.is_suggested_reply:
            text = part.text if part.is_replace_response else text + part.text
    return text


async def test_the_model_is_switched_from_inside_the_chat(tmp_path):
    bot = "  controls: [model, temperature]\n  models: [thinker, 'other:other-model']\n"
    choice = {"model": "other:other-model", "temperature": 0.4}

    _, (body,) = await asked(tmp_path, bot, said("/echo hi", parameters=choice))

    assert (body["model"], body["temperature"]) == ("other-model", 0.4)


async def test_a_model_that_is_not_offered_is_refused_with_a_sentence(tmp_path):
    bot = "  controls: [model]\n  models: [thinker]\n"

    with pytest.raises(BotError, match="does not offer that model"):
        await asked(tmp_path, bot, said("hi", parameters={"model": "openai:gpt-9"}))


async def test_controls_that_the_bot_does_not_have_change_nothing(tmp_path):
    _, (body,) = await asked(
        tmp_path, "", said("/echo hi", parameters={"temperature": 2, "model": "x", "stream": False})
    )

    assert not {"temperature", "parameters"} & body.keys()
    assert (body["model"], body["stream"]) == ("demo", True)


async def test_effort_length_and_instructions_reach_the_model(tmp_path):
    bot = "  controls: [max_tokens, reasoning_effort, system_message]\n  system_message: Be kind.\n"
    choice = {"max_tokens": 50, "reasoning_effort": "high", "system_message": "Rhyme."}

    _, (body,) = await asked(tmp_path, bot, said("/echo hi", parameters=choice))

    assert (body["max_tokens"], body["reasoning_effort"]) == (50, "high")
    assert body["messages"][0] == {"role": "system", "content": "Be kind.\n\nRhyme."}


async def test_the_system_message_knows_the_day_the_language_and_the_bot(tmp_path):
    bot = "  system_message: 'I am {bot_name}, speak {language}, keep {this}.'\n"

    _, (body,) = await asked(tmp_path, bot, said("hi"), language_code="de")

    assert body["messages"][0]["content"] == "I am Bot, speak de, keep {this}."


async def test_poes_hints_are_followed(tmp_path):
    hints = {"temperature": 0.2, "stop_sequences": ["END"], "logit_bias": {"42": 5}, "skip_system_prompt": True}

    _, (body,) = await asked(tmp_path, "  system_message: Be kind.\n", said("hi"), **hints)

    assert (body["temperature"], body["stop"], body["logit_bias"]) == (0.2, ["END"], {"42": 5.0})
    assert [message["role"] for message in body["messages"]] == ["user"]


async def test_a_picture_reaches_a_model_that_sees(tmp_path):
    picture = fp.Attachment(url="https://cdn.example/a.png", content_type="image/png", name="a.png")

    parts, (body,) = await asked(tmp_path, "", said("what is it?", attachments=[picture]))

    assert body["messages"][0]["content"][1] == {"type": "image_url", "image_url": {"url": "https://cdn.example/a.png"}}
    assert "1 image" in shown(parts) or "one image" in shown(parts) or "picture" in shown(parts)


async def test_a_model_that_does_not_see_says_so_to_the_person(tmp_path):
    picture = fp.Attachment(url="https://cdn.example/a.png", content_type="image/png", name="a.png")

    parts, (body,) = await asked(tmp_path, "  model: thinker\n", said("what is it?", attachments=[picture]))

    assert "a.png" in shown(parts).splitlines()[0]
    assert isinstance(body["messages"][0]["content"], str)


@pytest.mark.parametrize(
    ("reasoning", "opening"),
    [("hide", "an answer"), ("show", "> "), ("status", "an answer")],
)
async def test_thinking_is_shown_as_the_owner_wants_it(tmp_path, reasoning, opening):
    parts, _ = await asked(tmp_path, f"  reasoning: {reasoning}\n", said("/think 5 /echo an answer"))

    assert shown(parts).startswith(opening)
    assert shown(parts).endswith("an answer")


async def test_a_person_may_choose_to_see_the_thinking(tmp_path):
    bot = "  controls: [show_reasoning]\n"

    parts, _ = await asked(tmp_path, bot, said("/think 5 /echo hi", parameters={"show_reasoning": True}))

    assert shown(parts).startswith("> ")


async def test_a_long_conversation_loses_its_oldest_turns(tmp_path):
    history = [said("old " * 200), said("answer " * 100, role="bot"), said("/echo new")]

    _, (body,) = await asked(tmp_path, "  model: thinker\n  max_tokens: 20\n", *history)

    assert [message["content"] for message in body["messages"]] == ["/echo new"]


async def test_fixed_replies_are_offered(tmp_path):
    parts, _ = await asked(tmp_path, "  suggested_replies: [More, Thanks]\n", said("/echo hi"))

    assert [part.text for part in parts if part.is_suggested_reply] == ["More", "Thanks"]


async def test_tools_make_a_whole_round_with_poes_own_client(tmp_path):
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
    tool = fp.ToolDefinition(type="function", function={"name": "add", "description": "add", "parameters": schema})
    upstream = demo_app()

    def add(a, b):
        return a + b

    async with serving(upstream) as model:
        app = app_of(tmp_path, "bots: [{bot_name: Bot, provider: upstream}]", PROVIDERS.replace("ADDRESS", model))
        async with serving(app) as address:
            answer = fp.get_bot_response(
                [said('/call add {"a": 2, "b": 3}')],
                "Bot",
                "key",
                base_url=f"{address}/",
                tools=[tool],
                tool_executables=[add],
            )
            text = "".join([part.text async for part in answer])

    second = upstream.state.requests[-1][1]["messages"]
    assert [message["role"] for message in second] == ["user", "assistant", "tool"]
    assert second[-1]["content"] == "5"
    assert text


async def test_the_settings_tell_poe_of_controls_pictures_and_prices(tmp_path):
    bot = "  controls: [model]\n  models: [thinker]\n  charge: {per_message: 0.01, markup: 1.5}\n"
    text = f"bots:\n- bot_name: Bot\n  provider: upstream\n{bot}"
    app = app_of(tmp_path, text, PROVIDERS.replace("ADDRESS", "http://127.0.0.1:9"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        settings = (await client.post("/Bot", json={"type": "settings"})).json()

    assert settings["response_version"] == 2
    assert settings["enable_image_comprehension"] is False
    assert settings["parameter_controls"]["api_version"] == "2"
    assert "usd_milli_cents=" in settings["rate_card"]
    assert "usd_milli_cents=" in settings["cost_label"]


@respx.mock(base_url="https://api.poe.com")
async def test_an_answer_is_authorised_before_and_captured_after(respx_mock, tmp_path, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", "k" * 32)
    respx_mock.route(host="127.0.0.1").pass_through()
    result = 'event: result\r\ndata: {"status": "success"}\r\n\r\n'
    sse = {"content-type": "text/event-stream"}
    authorised = respx_mock.post("/bot/cost/q-1/authorize").respond(200, text=result, headers=sse)
    captured = respx_mock.post("/bot/cost/q-1/capture").respond(200, text=result, headers=sse)
    text = "bots: [{bot_name: Bot, provider: demo, charge: {per_message: 0.01}}]"
    body = {"type": "query", "query": [{"role": "user", "content": "/echo hi"}], "bot_query_id": "q-1"}

    async with serving(app_of(tmp_path, text)) as address, httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/Bot", json=body, headers={"Authorization": "Bearer " + "k" * 32})

    assert '"text": "hi"' in answer.text
    for route in (authorised, captured):
        assert json.loads(route.calls.last.request.content)["amounts"][0]["amount_usd_milli_cents"] == 1000


@respx.mock(base_url="https://api.poe.com")
async def test_a_person_without_points_is_told_so_and_the_model_is_not_asked(respx_mock, tmp_path, monkeypatch):
    monkeypatch.setenv("POE_ACCESS_KEY", "k" * 32)
    respx_mock.route(host="127.0.0.1").pass_through()
    result = 'event: result\r\ndata: {"status": "insufficient_funds"}\r\n\r\n'
    sse = {"content-type": "text/event-stream"}
    respx_mock.post("/bot/cost/q-1/authorize").respond(200, text=result, headers=sse)
    text = "bots: [{bot_name: Bot, provider: demo, charge: {per_message: 0.01}}]"
    body = {"type": "query", "query": [{"role": "user", "content": "/echo hi"}], "bot_query_id": "q-1"}

    async with serving(app_of(tmp_path, text)) as address, httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/Bot", json=body, headers={"Authorization": "Bearer " + "k" * 32})

    assert '"error_type": "insufficient_fund"' in answer.text
    assert "hi" not in [line for line in answer.text.splitlines() if "text" in line]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Modell"),
        ("es-MX", "modelo"),
        ("fr", "modèle"),
        ("ja-JP", "モデル"),
        ("zh-Hant", "模型"),
        ("xx", "model"),
    ],
)
async def test_errors_are_said_in_the_language_of_the_person(tmp_path, language, words):
    with pytest.raises(BotError) as failed:
        await asked(tmp_path, "", said("/fail 503"), language_code=language)

    assert words in json.loads(str(failed.value))["text"]


@pytest.mark.parametrize(
    ("language", "words"), [("pt-BR", "`temperature` deve ser um número"), ("xx", "should be a number")]
)
async def test_what_is_chosen_wrongly_is_refused_in_the_language_of_the_person(tmp_path, language, words):
    wrong = said("hi", parameters={"temperature": "warm"})

    with pytest.raises(BotError) as failed:
        await asked(tmp_path, "  controls: [temperature]\n", wrong, language_code=language)

    assert words in json.loads(str(failed.value))["text"]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", "*Ich kann song.mp3 und film.mp4 nicht lesen.*"),
        ("ja", "*song.mp3 と film.mp4 を読むことができません。*"),
        ("en", "*I cannot read song.mp3 and film.mp4.*"),
    ],
)
async def test_what_became_of_a_file_is_said_in_the_language_of_the_person(tmp_path, language, line):
    files = [fp.Attachment(url=f"https://cdn.example/{name}", content_type="", name=name) for name in FILES]

    parts, _ = await asked(tmp_path, "", said("what is it?", attachments=files), language_code=language)

    assert shown(parts).splitlines()[0] == line


@pytest.mark.parametrize(
    ("mistake", "said_of_it"),
    [
        ("  controls: [modell]\n", "controls"),
        ("  controls: [model]\n  models: ['nobody:x']\n", "nobody"),
        ("  parameter_controls: {api_version: '2', sections: [{controls: [{control: dropdown}]}]}\n", "drop_down"),
        ("  poe: {introduction_mesage: Hi}\n", "introduction_message"),
        ("  charge: {markup: 2}\n  model: thinker\n", "price"),
        ("  reasoning: loud\n", "reasoning"),
    ],
)
def test_a_mistake_is_named_with_its_line_before_poe_could_swallow_it(tmp_path, mistake, said_of_it):
    text = f"bots:\n- bot_name: Bot\n  provider: upstream\n{mistake}"

    app = app_of(tmp_path, text, PROVIDERS.replace("ADDRESS", "http://127.0.0.1:9"))

    problems = app.state.overview().problems
    assert len(problems) == 1
    assert said_of_it in problems[0]
    assert "bots.yaml:" in problems[0]


async def test_replies_are_thought_of_by_the_model(tmp_path):
    parts, bodies = await asked(tmp_path, "  suggested_replies: auto\n  model: demo\n", said("/echo hi"))

    assert shown(parts) == "hi"
    assert len(bodies) == 2


async def test_any_bot_class_may_stand_in_yaml(tmp_path, monkeypatch):
    (tmp_path / "strangers.py").write_text(
        "import fastapi_poe as fp\n"
        "class Stranger(fp.PoeBot):\n"
        "    async def get_response(self, request):\n"
        "        yield fp.PartialResponse(text=f'I am {self.bot_name}')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    text = "bots: [{bot_name: Bot, provider: demo, path: /at/Bot, bot_class: strangers.Stranger}]"

    async with serving(app_of(tmp_path, text)) as address:
        answer = fp.get_bot_response([said("hi")], "at/Bot", "key", base_url=f"{address}/")
        assert "".join([part.text async for part in answer]) == "I am Bot"


async def test_a_switched_model_answers_even_where_there_are_fallbacks(tmp_path):
    bot = "  controls: [model]\n  models: ['other:other-model']\n  fallbacks: [other]\n"

    _, bodies = await asked(tmp_path, bot, said("/echo hi", parameters={"model": "other:other-model"}))

    assert [body["model"] for body in bodies] == ["other-model"]


async def test_the_next_provider_answers_when_the_first_is_down(tmp_path):
    bot = "  model: demo-fail-503\n  fallbacks: [other]\n"
    text = f"bots:\n- bot_name: Bot\n  provider: upstream\n{bot}"

    async with serving(demo_app()) as model:
        app = app_of(tmp_path, text, PROVIDERS.replace("ADDRESS", model))
        async with serving(app) as address:
            answer = fp.get_bot_response([said("hello")], "Bot", "key", base_url=f"{address}/")
            assert "Hello" in "".join([part.text async for part in answer])


OWN = """  parameter_controls:
    api_version: "2"
    sections:
    - controls:
      - {control: slider, label: Focus, parameter_name: top_p, min_value: 0, max_value: 1, step: 0.1, default_value: 1}
"""


@pytest.mark.parametrize(("sent", "expected"), [({"top_p": 0.3}, 0.3), ({}, 1), ({"top_p": 7}, 1)])
async def test_the_owners_own_controls_are_parameters_of_the_model(tmp_path, sent, expected):
    _, (body,) = await asked(tmp_path, OWN, said("/echo hi", parameters=sent))

    assert body["top_p"] == expected


@respx.mock(base_url="https://api.poe.com")
async def test_an_answer_that_is_only_a_picture_is_captured_too(respx_mock, tmp_path, monkeypatch):
    async def only_a_picture(request):
        yield Delta(images=(Image("https://cdn.example/a.png"),), finish_reason="stop")

    monkeypatch.setenv("POE_ACCESS_KEY", "k" * 32)
    respx_mock.route(host="127.0.0.1").pass_through()
    result = 'event: result\r\ndata: {"status": "success"}\r\n\r\n'
    sse = {"content-type": "text/event-stream"}
    respx_mock.post("/bot/cost/q-1/authorize").respond(200, text=result, headers=sse)
    captured = respx_mock.post("/bot/cost/q-1/capture").respond(200, text=result, headers=sse)
    app = app_of(tmp_path, "bots: [{bot_name: Bot, provider: demo, charge: {per_message: 0.01}}]")
    monkeypatch.setattr(app.state.door.bots["/Bot"].bot.chat, "stream", only_a_picture)
    body = {"type": "query", "query": [{"role": "user", "content": "draw"}], "bot_query_id": "q-1"}

    async with serving(app) as address, httpx.AsyncClient() as client:
        answer = await client.post(f"{address}/Bot", json=body, headers={"Authorization": "Bearer " + "k" * 32})

    assert "event: file" in answer.text
    assert captured.called
