"""What a program asks by the API is what the model is asked, and what comes back has OpenAI's form."""

import pytest

from tests.web.programs import question, server

CALL = '/call add {"a": 1}'
ADD = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}, "description": "adds"}}
PICTURE = "data:image/png;base64,iVBORw0KGgo="


async def test_a_bot_answers_with_its_instructions_and_within_its_limits(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(max_tokens=9999, temperature=0.5))

    answer = response.json()
    assert answer["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "hello", "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert (answer["model"], answer["system_fingerprint"]) == ("Poet", None)
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    assert served.asked[-1]["messages"][0] == {"role": "system", "content": "You are Poet."}
    assert (served.asked[-1]["max_tokens"], served.asked[-1]["temperature"]) == (50, 0.5)


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ({"model": "upstream:demo"}, "demo"),
        ({"model": "upstream"}, "demo"),
        ({"model": "upstream:thinker"}, "demo-think-3"),
        ({"model": "thinker"}, "demo-think-3"),
        ({"model": "demo-think-3", "provider": "upstream"}, "demo-think-3"),
        ({"model": None, "provider": "upstream"}, "demo"),
        ({"model": None}, "demo"),
        ({"model": ""}, None),
    ],
)
async def test_provider_and_model_are_chosen_with_each_request(tmp_path, named, asked):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(**named))

    assert response.status_code == (200 if asked else 400)
    assert [body["model"] for body in served.asked] == ([asked] if asked else [])


async def test_who_answers_when_nobody_is_named_can_be_set(tmp_path):
    async with server(tmp_path, default_model="upstream:thinker") as served:
        response = await served.client.post("/v1/chat/completions", json=question(model=None))

    assert response.json()["model"] == "upstream:demo-think-3"


@pytest.mark.parametrize(
    ("model", "status", "words"),
    [
        ("Poe", 404, "Did you mean `Poet`?"),
        ("upstream:dmeo", 404, "Did you mean `demo`?"),
        ("nowhere:demo", 404, "There is no model"),
        ("demo", 200, ""),
    ],
)
async def test_a_name_that_nobody_has_is_not_found(tmp_path, model, status, words):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(model=model))

    assert response.status_code == status
    if words:
        assert response.json()["error"]["param"] == "model"
        assert words in response.json()["error"]["message"]


async def test_parameters_go_on_under_their_own_names_and_nothing_else_does(tmp_path):
    passed = {
        "top_p": 0.5,
        "seed": 7,
        "frequency_penalty": 0.1,
        "presence_penalty": -0.1,
        "logit_bias": {"50": 1.0},
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
        "parallel_tool_calls": False,
        "tool_choice": "auto",
    }
    own = {
        "user": "somebody",
        "metadata": {"a": "b"},
        "store": False,
        "n": 1,
        "logprobs": False,
        "service_tier": "auto",
        "modalities": ["text"],
        "prediction": {"type": "content", "content": "x"},
    }

    async with server(tmp_path) as served:
        body = question(**passed, **own, stop=["END"], model="upstream:demo", tools=[ADD])
        response = await served.client.post("/v1/chat/completions", json=body)

    assert response.status_code == 200
    (asked,) = served.asked
    assert {name: asked[name] for name in passed} == passed
    assert (asked["stop"], asked["tools"]) == (["END"], [ADD])
    assert not own.keys() & asked.keys()


async def test_a_tool_is_called_and_its_result_goes_back(tmp_path):
    async with server(tmp_path) as served:
        first = await served.client.post("/v1/chat/completions", json=question(CALL, tools=[ADD]))
        message = first.json()["choices"][0]["message"]
        (call,) = message["tool_calls"]
        result = {"role": "tool", "tool_call_id": call["id"], "content": "2"}
        turns = [{"role": "user", "content": CALL}, message, result]
        second = await served.client.post("/v1/chat/completions", json={"model": "Poet", "messages": turns})

    assert first.json()["choices"][0]["finish_reason"] == "tool_calls"
    assert (message["content"], call["function"]) == (None, {"name": "add", "arguments": '{"a": 1}'})
    assert second.status_code == 200
    assert served.asked[-1]["messages"][-2]["tool_calls"][0]["id"] == call["id"]
    assert served.asked[-1]["messages"][-1] == {"role": "tool", "content": "2", "tool_call_id": call["id"]}


@pytest.mark.parametrize("address", [PICTURE, "https://pictures.example/a.png"])
async def test_pictures_go_on_as_the_model_takes_them(tmp_path, address):
    parts = [{"type": "text", "text": "/echo seen"}, {"type": "image_url", "image_url": {"url": address}}]

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(parts))

    assert response.status_code == 200
    assert served.asked[-1]["messages"][-1]["content"][1]["image_url"] == {"url": address}


@pytest.mark.parametrize(
    "address",
    ["http://pictures.example/a.png", "file:///etc/passwd", "https://a b", "data:text/html;base64,AAAA", "data:", ""],
)
async def test_what_is_no_address_of_a_picture_is_refused(tmp_path, address):
    parts = [{"type": "image_url", "image_url": {"url": address}}]

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(parts))

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "messages[0].content[0].image_url.url"
    assert served.asked == []


async def test_thinking_stands_beside_the_words(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question("/think 2\n/echo so"))

    message = response.json()["choices"][0]["message"]
    assert message["content"] == "so"
    assert message["reasoning_content"]


async def test_an_answer_that_breaks_off_is_given_again_where_nothing_was_sent_yet(tmp_path):
    async with server(tmp_path) as served:
        body = question("/break 2\n/tokens 4", model="Steady")
        response = await served.client.post("/v1/chat/completions", json=body)

    assert [hop.split()[:2] for hop in response.headers["x-poe-bots-route"].split(", ")] == [
        ["upstream:demo", "BrokenStream"],
        ["demo:demo", "BrokenStream"],
    ]
    assert response.status_code == 502


async def test_the_route_is_told_and_names_no_key(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question("/fail 503\n", model="Steady"))

    route = response.headers["x-poe-bots-route"].split(", ")
    assert route[0].split()[:2] == ["upstream:demo", "Overloaded"]
    assert len(response.headers["x-request-id"]) == 8
    assert response.headers["server-timing"].startswith("answer;dur=")


@pytest.mark.parametrize(
    ("order", "status", "code", "retries"),
    [
        ("/fail 400", 400, "provider_rejected", False),
        ("/fail 401", 502, "provider_key_refused", False),
        ("/fail 404", 404, "model_not_found", False),
        ("/fail 429 7", 429, "rate_limit_exceeded", True),
        ("/fail 500", 503, "overloaded", True),
        ("/html", 502, "provider_broke_off", True),
        ("/slam", 502, "provider_unreachable", True),
        ("/empty", 502, "provider_empty_answer", True),
        ("/break 3", 502, "provider_broke_off", True),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_before_the_first_word_has_a_status_of_its_own(tmp_path, order, status, code, retries, stream):
    if stream and order.startswith("/break"):
        order = "/break 0"

    async with server(tmp_path) as served:
        response = await served.client.post("/v1/chat/completions", json=question(order, stream=stream))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert set(error) == {"message", "type", "param", "code"}
    assert "demo was ordered" not in error["message"]
    assert ("x-should-retry" not in response.headers) == retries
    assert response.headers.get("retry-after") == ("7" if "429" in order else None)


async def test_a_conversation_may_have_every_form_that_openais_clients_send(tmp_path):
    call = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    turns = [
        {"role": "developer", "content": [{"type": "text", "text": "Be short."}]},
        {"role": "user", "name": "ann", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None, "audio": None},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "2"}]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "/echo hello"},
    ]

    async with server(tmp_path) as served:
        body = {"model": "upstream:demo", "messages": turns, "stop": "END", "tools": [ADD]}
        response = await served.client.post("/v1/chat/completions", json=body)

    assert response.json()["choices"][0]["message"]["content"] == "hello"
    asked = served.asked[-1]
    assert [turn["role"] for turn in asked["messages"]] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert [turn["content"] for turn in asked["messages"][:2]] == ["Be short.", "one\ntwo"]
    assert asked["messages"][2]["tool_calls"][0]["id"] == "call_1"
    assert asked["stop"] == ["END"]


@pytest.mark.parametrize(
    ("path", "words"), [("completions", "Plain completions"), ("responses", "Responses API"), ("messages", "Anthropic")]
)
async def test_who_comes_with_another_api_is_told_what_there_is(tmp_path, path, words):
    async with server(tmp_path) as served:
        response = await served.client.post(f"/v1/{path}", json={})

    assert response.status_code == 404
    assert words in response.json()["error"]["message"]
    assert "POST /v1/chat/completions" in response.json()["error"]["message"]


async def test_the_methods_of_a_path_are_told_and_its_head_can_be_looked_at(tmp_path):
    async with server(tmp_path) as served:
        options = await served.client.options("/v1/chat/completions", headers={"x": "y"})
        head = await served.client.head("/v1/models")

    assert (options.status_code, options.headers["allow"]) == (405, "POST")
    assert "access-control-allow-origin" not in options.headers
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "application/json")


async def test_models_that_make_vectors_are_listed_after_those_that_answer(tmp_path):
    async with server(tmp_path) as served:
        before = [each["id"] for each in (await served.client.get("/v1/models")).json()["data"]]
        providers = tmp_path / "providers.yaml"
        providers.write_text(providers.read_text().replace("embedding_model: demo", "embedding_model: vectors-small"))
        await served.app.state.generations.reload()
        listed = [each["id"] for each in (await served.client.get("/v1/models")).json()["data"]]
        shown = (await served.client.get("/v1/models/upstream:vectors-small")).json()
        answer = await served.client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "a"}]})

    assert listed == [*before, "upstream:vectors-small"]
    assert shown["owned_by"] == "upstream"
    assert answer.json()["model"] != "vectors-small"


@pytest.mark.parametrize("named", [{"provider": "nowhere"}, {"provider": "nowhere", "model": "demo"}])
async def test_vectors_of_a_provider_that_nobody_knows_are_not_found(tmp_path, named):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/embeddings", json={"input": "a", **named})

    assert (response.status_code, response.json()["error"]["param"]) == (404, "provider")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"model": "Poet"}, "`Poet` is a bot, and bots make no vectors. Name a provider."),
        ({"provider": "demo"}, "Provider `demo` makes no vectors: it has no `embedding_model`."),
    ],
)
async def test_who_makes_no_vectors_is_said_to_make_none(tmp_path, named, words):
    async with server(tmp_path) as served:
        response = await served.client.post("/v1/embeddings", json={"input": "a", **named})

    error = response.json()["error"]
    assert (response.status_code, error["param"], error["message"]) == (404, "model", words)
