"""/chat answers a person with curl, and keeps the conversation for the one who had it."""

import asyncio
import json

import pytest

from tests.web.programs import server
from utils.keys.clients import create_client


def events(text: str) -> list[dict]:
    return [json.loads(part.removeprefix("data: ")) for part in text.split("\n\n") if part]


async def test_one_question_has_one_answer(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/chat", json={"message": "/echo hello", "bot": "Poet"})

    answer = response.json()
    assert (answer["text"], answer["bot"], answer["provider"], answer["model"]) == ("hello", "Poet", "upstream", "demo")
    assert answer["usage"]["output_tokens"] == 1
    assert answer["reference"] == response.headers["x-request-id"]


async def test_the_conversation_goes_on_with_whoever_answered_before(tmp_path):
    async with server(tmp_path) as served:
        first = (
            await served.client.post(
                "/chat", json={"message": "/echo one", "model": "upstream:demo", "system": "Be short."}
            )
        ).json()
        more = {"message": "/echo two", "conversation_id": first["conversation_id"]}
        second = (await served.client.post("/chat", json=more)).json()

    assert second["conversation_id"] == first["conversation_id"]
    assert (second["bot"], second["provider"]) == (None, "upstream")
    assert [(turn["role"], turn["content"]) for turn in served.asked[-1]["messages"]] == [
        ("system", "Be short."),
        ("user", "/echo one"),
        ("assistant", "one"),
        ("user", "/echo two"),
    ]


async def test_each_turn_may_be_answered_by_another(tmp_path):
    async with server(tmp_path) as served:
        first = (await served.client.post("/chat", json={"message": "/echo one", "bot": "Poet"})).json()
        id = first["conversation_id"]
        await served.client.post("/chat", json={"message": "/echo two", "conversation_id": id, "model": "demo:demo"})
        kept = (await served.client.get(f"/chat/conversations/{id}")).json()

    answers = [turn for turn in kept["messages"] if turn["role"] == "assistant"]
    assert [(turn["text"], turn["provider"], turn["model"]) for turn in answers] == [
        ("one", "upstream", "demo"),
        ("two", "demo", "demo"),
    ]
    assert kept["asked"] == "demo:demo"


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ({"bot": "Chooser", "model": "demo:demo"}, 200),
        ({"bot": "Chooser", "provider": "demo", "model": "demo"}, 200),
        ({"bot": "Chooser", "model": "upstream:thinker"}, 403),
        ({"bot": "Poet", "provider": "demo"}, 404),
        ({"bot": "Nobody"}, 404),
        ({"provider": "nowhere"}, 404),
        ({"temperature": 9}, 400),
        ({"conversation_id": "0" * 32}, 404),
        ({"message": ""}, 400),
    ],
)
async def test_a_bot_offers_only_what_its_entry_says(tmp_path, choice, status):
    async with server(tmp_path) as served:
        response = await served.client.post("/chat", json={"message": "/echo hi", **choice})

    assert response.status_code == status


async def test_with_accept_the_answer_comes_piece_by_piece(tmp_path):
    headers = {"accept": "text/event-stream"}

    async with server(tmp_path) as served:
        response = await served.client.post("/chat", json={"message": "/think 2\n/tokens 5"}, headers=headers)
        id = events(response.text)[-1]["done"]["conversation_id"]
        kept = (await served.client.get(f"/chat/conversations/{id}")).json()

    *pieces, last = events(response.text)
    assert "".join(piece.get("text", "") for piece in pieces) == last["done"]["text"] == "tok0 tok1 tok2 tok3 tok4"
    assert any("reasoning" in piece for piece in pieces)
    assert [piece for piece in pieces if "conversation_id" in piece] == [{"conversation_id": id}]
    assert kept["messages"][-1]["text"] == last["done"]["text"]


async def test_what_was_said_before_it_broke_off_is_kept(tmp_path):
    headers = {"accept": "text/event-stream"}

    async with server(tmp_path) as served:
        asked = {"message": "/nodone 2\n/tokens 9"}
        response = await served.client.post("/chat", json=asked, headers=headers)
        (card,) = (await served.client.get("/chat/conversations")).json()["conversations"]
        kept = (await served.client.get(f"/chat/conversations/{card['id']}")).json()

    assert events(response.text)[-1]["error"]["code"] == "provider_broke_off"
    assert kept["messages"][-1]["finish_reason"] == "cut"
    assert kept["messages"][-1]["text"].startswith("tok0")


async def test_an_answer_that_never_began_leaves_nothing_behind(tmp_path):
    async with server(tmp_path) as served:
        response = await served.client.post("/chat", json={"message": "/fail 503"})
        listed = (await served.client.get("/chat/conversations")).json()["conversations"]

    assert response.status_code == 503
    assert listed == []


async def test_who_goes_in_the_middle_finds_what_was_said(tmp_path):
    headers = {"accept": "text/event-stream"}

    async with server(tmp_path) as served:
        await served.client.get("/chat/conversations")  # the database is there
        asked = {"message": "/slow 30 /tokens 1000"}
        async with served.client.stream("POST", "/chat", json=asked, headers=headers) as response:
            first = await anext(response.aiter_text())
        [id] = [event["conversation_id"] for event in events(first) if "conversation_id" in event]
        async with asyncio.timeout(5):
            while (found := await served.client.get(f"/chat/conversations/{id}")).status_code == 404:
                pass
        kept = found.json()

    assert kept["messages"][-1]["finish_reason"] == "cut"
    assert served.model.state.open_streams == 0


async def test_one_answer_at_a_time_in_a_conversation(tmp_path):
    async with server(tmp_path) as served:
        first = (await served.client.post("/chat", json={"message": "/echo one"})).json()
        more = {"conversation_id": first["conversation_id"]}
        slow = asyncio.create_task(served.client.post("/chat", json={"message": "/wait 60000", **more}))
        async with asyncio.timeout(5):
            while not served.model.state.open_streams:
                await asyncio.sleep(0)
        second = await served.client.post("/chat", json={"message": "/echo two", **more})
        deleted = await served.client.delete(f"/chat/conversations/{first['conversation_id']}")
        slow.cancel()
        async with asyncio.timeout(5):
            while len(served.app.state.doors.chat):
                await asyncio.sleep(0)
        third = await served.client.post("/chat", json={"message": "/echo three", **more})

    assert (second.status_code, deleted.status_code, third.status_code) == (409, 409, 200)


async def test_conversations_are_listed_found_renamed_and_forgotten(tmp_path):
    async with server(tmp_path) as served:
        ids = [
            (await served.client.post("/chat", json={"message": f"/echo {words}"})).json()["conversation_id"]
            for words in ("apples 100%", "pears", "plums")
        ]
        newest = (await served.client.get("/chat/conversations", params={"limit": 2})).json()["conversations"]
        found = (await served.client.get("/chat/conversations", params={"q": "APPLES 100%"})).json()["conversations"]
        nothing = (await served.client.get("/chat/conversations", params={"q": "%"})).json()["conversations"]
        renamed = await served.client.patch(f"/chat/conversations/{ids[1]}", json={"title": " Fruit\n salad "})
        deleted = await served.client.delete(f"/chat/conversations/{ids[0]}")
        gone = await served.client.get(f"/chat/conversations/{ids[0]}")

    assert [card["id"] for card in newest] == [ids[2], ids[1]]
    assert [card["id"] for card in found] == [card["id"] for card in nothing] == [ids[0]]
    assert renamed.json()["title"] == "Fruit salad"
    assert (deleted.status_code, deleted.content, gone.status_code) == (204, b"", 404)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"offset": "-1"}, {"q": "x" * 201}])
async def test_a_wrong_query_is_named(tmp_path, query):
    async with server(tmp_path) as served:
        response = await served.client.get("/chat/conversations", params=query)

    assert (response.status_code, response.json()["error"]["param"]) == (400, next(iter(query)))


async def test_nobody_sees_the_conversations_of_another(tmp_path):
    anna, bob = (create_client(tmp_path / "clients.json", name, "") for name in ("anna", "bob"))
    as_bob = {"headers": {"authorization": f"Bearer {bob}"}}

    async with server(tmp_path, key=anna) as served:
        mine = (await served.client.post("/chat", json={"message": "/echo secret"})).json()["conversation_id"]
        tried = [
            await served.client.get(f"/chat/conversations/{mine}", **as_bob),
            await served.client.patch(f"/chat/conversations/{mine}", json={"title": "x"}, **as_bob),
            await served.client.delete(f"/chat/conversations/{mine}", **as_bob),
            await served.client.post("/chat", json={"message": "hi", "conversation_id": mine}, **as_bob),
        ]
        listed = (await served.client.get("/chat/conversations", **as_bob)).json()
        still = await served.client.get(f"/chat/conversations/{mine}")

    assert [response.status_code for response in tried] == [404] * 4
    assert listed == {"conversations": []}
    assert still.json()["title"] == "/echo secret"


async def test_without_a_database_the_answer_is_given_and_not_kept(tmp_path):
    async with server(tmp_path, ledger="off") as served:
        answer = await served.client.post("/chat", json={"message": "/echo hello"})
        listed = await served.client.get("/chat/conversations")

    assert (answer.json()["text"], answer.json()["conversation_id"]) == ("hello", None)
    assert listed.status_code == 503


async def test_a_database_that_cannot_be_opened_costs_no_answer(tmp_path):
    (tmp_path / "file").write_text("")

    async with server(tmp_path, ledger_file=tmp_path / "file" / "ledger.db") as served:
        answer = await served.client.post("/chat", json={"message": "/echo hello"})

    assert (answer.status_code, answer.json()["conversation_id"]) == (200, None)


async def test_a_long_conversation_loses_its_oldest_turns_and_never_its_instructions(tmp_path):
    async with server(tmp_path) as served:
        providers = (
            (tmp_path / "providers.yaml")
            .read_text()
            .replace("demo, demo-fail", "{name: demo, context: 1100}, demo-fail")
        )
        (tmp_path / "providers.yaml").write_text(providers)
        await served.app.state.generations.reload()
        choice = {"model": "upstream:demo", "system": "Remember."}
        first = (await served.client.post("/chat", json={"message": f"/echo {'a' * 400}", **choice})).json()
        more = {"conversation_id": first["conversation_id"], "message": "/echo b"}
        await served.client.post("/chat", json=more)

    assert [turn["content"] for turn in served.asked[-1]["messages"]] == ["Remember.", "/echo b"]
