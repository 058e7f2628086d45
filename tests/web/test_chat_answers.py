"""What /chat tells of an answer: who was asked, what it took, and what of it is kept; and how it is asked anew."""

import json

import pytest

from tests.web.programs import BOTS, server

EVENTS = {"accept": "text/event-stream"}
TAKEN_OVER = """
bots:
- {bot_name: Taken, provider: upstream, model: demo-nodone-2-tokens-9, fallbacks: [demo], retries: 1}
- {bot_name: Vain, provider: upstream, model: demo-fail-503, fallbacks: ["upstream:demo-fail-429"], retries: 1}
- {bot_name: Kept, provider: upstream, cache: {ttl: 1h}, retries: 0}
- {bot_name: Chooser, provider: upstream, models: ["demo:demo"], retries: 0}
"""
BREAKS = {"message": "/nodone 2\n/tokens 9", "model": "upstream:demo"}
PRICE = "{name: demo, price: {input: 1000000, output: 500000}}"


def events(text: str) -> list[dict]:
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n") if part.startswith("data: ")]


async def priced(served, tmp_path) -> None:
    """From now on a token costs the upstream's client a dollar in, and half a dollar out."""
    providers = tmp_path / "providers.yaml"
    providers.write_text(providers.read_text().replace("models: [demo, demo-fail-503", f"models: [{PRICE}", 1))
    await served.app.state.generations.reload()


async def say(served, **body) -> dict:
    response = await served.client.post("/chat", json=body)
    assert response.status_code == 200, response.text
    answer: dict = response.json()
    return answer


async def kept(served, id: str) -> list[dict]:
    messages: list[dict] = (await served.client.get(f"/chat/conversations/{id}")).json()["messages"]
    return messages


async def test_an_answer_tells_what_it_took(tmp_path):
    async with server(tmp_path) as served:
        await priced(served, tmp_path)
        answer = await say(served, message="/think 2\n/tokens 4", model="upstream:demo", reasoning_effort="low")
        (question, told) = await kept(served, answer["conversation_id"])

    usage = answer["usage"]
    assert set(usage) == {"input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"}
    assert float(answer["cost"]) == usage["input_tokens"] + usage["output_tokens"] / 2
    assert (answer["cost_source"], answer["cached"], answer["finish_reason"]) == ("yaml", False, "stop")
    assert 0 <= answer["first_content"] <= answer["seconds"]
    (attempt,) = answer["attempts"]
    assert attempt.pop("seconds") <= answer["seconds"]
    assert attempt == {"provider": "upstream", "model": "demo", "outcome": "answered", "error": None}
    assert served.asked[-1]["reasoning_effort"] == "low"
    assert question.keys() == {"role", "text", "at"}
    for name in ("provider", "model", "usage", "cost", "cost_source", "first_content", "seconds", "reasoning"):
        assert told[name] == answer[name]


async def test_what_nobody_has_counted_or_priced_is_null(tmp_path):
    async with server(tmp_path) as served:
        unpriced = await say(served, message="/echo hi", model="upstream:demo")
        providers = tmp_path / "providers.yaml"
        providers.write_text(providers.read_text().replace("stream_usage: request", "stream_usage: never"))
        await served.app.state.generations.reload()
        uncounted = await say(served, message="/echo hi", model="upstream:demo")

    assert (unpriced["cost"], unpriced["cost_source"]) == (None, "unknown")
    assert (uncounted["usage"], uncounted["cost"], uncounted["cost_source"]) == (None, None, "unknown")


@pytest.mark.parametrize("headers", [{}, EVENTS])
async def test_a_failure_tells_who_was_asked_in_vain(tmp_path, headers):
    async with server(tmp_path, TAKEN_OVER) as served:
        response = await served.client.post("/chat", json={"message": "Hi", "bot": "Vain"}, headers=headers)
        broken = await served.client.post("/chat", json=BREAKS, headers=headers)
        cut = events(broken.text)[-1] if headers else broken.json()
        kept_turn = (await kept(served, cut["conversation_id"]))[-1]

    failed = response.json()
    assert (response.status_code, failed["error"]["code"]) == (503, "overloaded")
    assert [(each["model"], each["outcome"], each["error"]) for each in failed["attempts"]] == [
        ("demo-fail-503", "failed", "Overloaded"),
        ("demo-fail-429", "failed", "RateLimited"),
    ]
    assert failed["bot"] == "Vain"
    assert not {"text", "conversation_id"} & failed.keys()
    assert cut["error"]["code"] == "provider_broke_off"
    assert cut["text"].startswith("tok0")
    assert {(each["outcome"], each["error"]) for each in cut["attempts"]} == {("broken", "BrokenStream")}
    assert kept_turn["attempts"] == cut["attempts"]
    assert kept_turn["text"] == cut["text"]


@pytest.mark.parametrize("headers", [{}, EVENTS])
async def test_a_takeover_is_told_and_what_was_said_before_it_is_void(tmp_path, headers):
    async with server(tmp_path, TAKEN_OVER) as served:
        response = await served.client.post("/chat", json={"message": "Hello", "bot": "Taken"}, headers=headers)
        answer = events(response.text)[-1]["done"] if headers else response.json()
        kept_turn = (await kept(served, answer["conversation_id"]))[-1]

    assert [(each["provider"], each["outcome"], each["error"]) for each in answer["attempts"]] == [
        ("upstream", "broken", "BrokenStream"),
        ("demo", "answered", None),
    ]
    assert (answer["provider"], answer["model"]) == ("demo", "demo")
    assert (kept_turn["text"], kept_turn["attempts"]) == (answer["text"], answer["attempts"])
    assert "tok0" not in answer["text"]
    if headers:
        said = events(response.text)
        at = said.index({"replace": True})
        assert any("tok0" in event.get("text", "") for event in said[:at])
        assert "".join(event.get("text", "") for event in said[at:]) == answer["text"]


async def test_an_answer_from_the_cache_says_so_and_costs_nothing(tmp_path):
    async with server(tmp_path, TAKEN_OVER) as served:
        await priced(served, tmp_path)
        first = await say(served, message="/echo hi", bot="Kept")
        second = await say(served, message="/echo hi", bot="Kept")

    assert [each["cached"] for each in (first, second)] == [False, True]
    assert (second["cost"], second["cost_source"]) == ("0", "cache")
    assert [each["outcome"] for each in second["attempts"]] == ["answered"]
    assert len(served.asked) == 1


async def test_the_last_question_is_asked_anew_also_of_another_and_past_the_cache(tmp_path):
    async with server(tmp_path, TAKEN_OVER) as served:
        first = await say(served, message="/echo one", bot="Kept")
        id = first["conversation_id"]
        await say(served, message="/echo two", conversation_id=id)
        again = await say(served, regenerate=True, conversation_id=id)
        other = await say(served, regenerate=True, conversation_id=id, bot="Chooser", model="demo:demo")
        turns = await kept(served, id)

    assert len(served.asked) == 3
    assert served.asked[2]["messages"] == served.asked[1]["messages"]
    assert (again["text"], again["cached"], other["provider"]) == ("two", False, "demo")
    assert [(turn["role"], turn["text"]) for turn in turns] == [
        ("user", "/echo one"),
        ("assistant", "one"),
        ("user", "/echo two"),
        ("assistant", "two"),
    ]
    assert turns[-1]["provider"] == "demo"


async def test_an_answer_that_cannot_be_made_anew_stays(tmp_path):
    async with server(tmp_path) as served:
        first = await say(served, message="/echo one")
        failed = await served.client.post(
            "/chat",
            json={"regenerate": True, "conversation_id": first["conversation_id"], "model": "upstream:demo-fail-503"},
        )
        turns = await kept(served, first["conversation_id"])

    assert failed.status_code == 503
    assert [turn["text"] for turn in turns] == ["/echo one", "one"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "message"),
        ({"regenerate": True}, "conversation_id"),
        ({"regenerate": True, "message": "hi", "conversation_id": "x"}, "message"),
        ({"regenerate": True, "images": ["data:image/png;base64,AAAA"], "conversation_id": "x"}, "images"),
        ({"message": "hi", "images": ["x"] * 9}, "images"),
        ({"message": "hi", "images": ["file:///etc/passwd"]}, "images[0]"),
        ({"message": "hi", "reasoning_effort": ""}, "reasoning_effort"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(tmp_path, body, param):
    async with server(tmp_path, BOTS) as served:
        response = await served.client.post("/chat", json=body)

    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
    assert served.asked == []


async def test_a_conversation_can_be_read_as_a_page(tmp_path):
    async with server(tmp_path) as served:
        answer = await say(served, message="/think 2\n/echo *one*", model="upstream:demo")
        place = f"/chat/conversations/{answer['conversation_id']}"
        page = await served.client.get(place, params={"format": "markdown"})
        wrong = await served.client.get(place, params={"format": "pdf"})

    assert page.headers["content-type"] == "text/markdown; charset=utf-8"
    assert page.text == (
        f"# /think 2 /echo *one*\n\n## You\n\n/think 2\n/echo *one*\n\n"
        f"## upstream:demo\n\n> {answer['reasoning']}\n\n*one*\n"
    )
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "format")


async def test_who_wants_nothing_kept_is_answered_all_the_same(tmp_path):
    async with server(tmp_path) as served:
        answer = await say(served, message="/echo one", bot="Poet", keep=False)
        went_on = await say(served, message="/echo two", bot="Poet")
        aside = await say(served, message="/echo aside", conversation_id=went_on["conversation_id"], keep=False)
        streamed = await served.client.post("/chat", json={"message": "/echo x", "keep": False}, headers=EVENTS)
        listed = (await served.client.get("/chat/conversations")).json()["conversations"]
        messages = await kept(served, went_on["conversation_id"])

    assert not any("conversation_id" in event for event in events(streamed.text))
    assert (answer["text"], answer["conversation_id"]) == ("one", None)
    assert (aside["text"], aside["conversation_id"]) == ("aside", None)
    assert [card["id"] for card in listed] == [went_on["conversation_id"]]
    assert [each["text"] for each in messages] == ["/echo two", "two"]
    assert [each["content"] for each in served.asked[2]["messages"]][-3:] == ["/echo two", "two", "/echo aside"]


async def test_what_was_said_elsewhere_is_gone_on_with(tmp_path):
    said = [{"role": "user", "text": "My name is Ann."}, {"role": "assistant", "text": "Hello Ann."}]

    async with server(tmp_path) as served:
        body = {"messages": said, "model": "upstream:demo", "system": "Be short."}
        begun = (await served.client.post("/chat/conversations", json=body)).json()
        answer = await say(served, message="/echo again", conversation_id=begun["id"])
        nobody = await served.client.post("/chat/conversations", json={"messages": said, "bot": "Nobody"})
        nothing = await served.client.post("/chat/conversations", json={"messages": []})

    assert (begun["title"], begun["asked"]) == ("My name is Ann.", "upstream:demo")
    assert [(each["role"], each["text"]) for each in begun["messages"]] == [
        (each["role"], each["text"]) for each in said
    ]
    assert (answer["conversation_id"], answer["provider"]) == (begun["id"], "upstream")
    assert [each["content"] for each in served.asked[-1]["messages"]] == [
        "Be short.",
        "My name is Ann.",
        "Hello Ann.",
        "/echo again",
    ]
    assert (nobody.status_code, nothing.status_code) == (404, 400)
