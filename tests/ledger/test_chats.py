"""Conversations are kept under their owner, found again, and forgotten when they are old."""

from contextlib import asynccontextmanager
from decimal import Decimal

import msgspec
import pytest

from tests.ledger.databases import new_postgresql
from utils.ledger.chat_turns import Tried, Turn
from utils.ledger.chats import Chats
from utils.ledger.database import Database

SAID = (Turn("user", "Hello\0 \ud800 there"), Turn("assistant", "Hi", provider="demo", model="demo", output_tokens=1))


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    if request.param == "sqlite":
        yield tmp_path / "chats.db"
    else:
        with new_postgresql() as address:
            yield address


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def chats_in(where, **how):
    database = Database.of(where)
    try:
        yield Chats(database, **how)
    finally:
        await database.aclose()


async def test_what_was_said_is_read_again_in_its_order(where):
    async with chats_in(where, clock=Clock()) as chats:
        conversation = chats.new("Poet", "  Hello\n there " * 20)
        await chats.add("anna", conversation, SAID)
        await chats.add("anna", conversation, [Turn("user", "more")])
        found = await chats.find("anna", conversation.id)
        turns = await chats.turns("anna", conversation.id)

    assert found is not None
    assert (found.asked, found.created, found.updated) == ("Poet", 1_000_000.0, 1_000_000.0)
    assert len(found.title) == 100
    assert [turn.text for turn in turns] == ["Hello \ufffd there", "Hi", "more"]
    assert (turns[1].provider, turns[1].output_tokens, turns[1].input_tokens) == ("demo", 1, None)


async def test_what_an_answer_took_is_kept_exactly(where):
    took = Turn(
        "assistant",
        "Hi",
        cost=Decimal("0.000123456"),
        cost_source="yaml",
        cached_tokens=3,
        reasoning_tokens=4,
        first_content=0.25,
        seconds=1.5,
        attempts=(Tried("groq", "small", "failed", "TimedOut", 1.0), Tried("demo", None, "answered", None, 0.5)),
        reasoning="Well\0",
        images=("data:image/png;base64,AAAA", "https://pictures.example/a.png"),
    )
    async with chats_in(where) as chats:
        conversation = chats.new("Poet", "Hello")
        await chats.add("anna", conversation, [Turn("user", "Hello"), took])
        question, answer = await chats.turns("anna", conversation.id)

    assert msgspec.structs.replace(answer, at=0.0) == msgspec.structs.replace(took, reasoning="Well", pictures=2)
    assert (question.cost, question.attempts, question.images, question.pictures) == (None, (), (), 0)


async def test_the_last_messages_make_way_for_others(where):
    async with chats_in(where) as chats:
        conversation, other = chats.new("Poet", "Hello"), chats.new("Poet", "Other")
        await chats.add("anna", conversation, SAID)
        await chats.add("anna", conversation, [Turn("user", "more"), Turn("assistant", "old")])
        await chats.add("anna", other, SAID)
        await chats.add("anna", conversation, [Turn("user", "more"), Turn("assistant", "new")], in_place_of=2)
        turns, others = await chats.turns("anna", conversation.id), await chats.turns("anna", other.id)

    assert [turn.text for turn in turns][1:] == ["Hi", "more", "new"]
    assert len(others) == 2


async def test_of_pictures_so_much_is_kept_and_it_is_known_how_many_there_were(where, monkeypatch):
    monkeypatch.setattr("utils.ledger.chat_turns.MOST_PICTURE_CHARACTERS", 30)
    monkeypatch.setattr("utils.ledger.chat_turns.MOST_PICTURES_OF_ALL", 60)
    async with chats_in(where) as chats:
        conversation = chats.new("Poet", "Hello")
        for letter in "abc":
            pictures = (letter * 20, "too large" * 9, letter)
            await chats.add("anna", conversation, [Turn("user", letter, images=pictures, pictures=3)])
        turns = await chats.turns("anna", conversation.id)

    assert [(turn.images, turn.pictures) for turn in turns] == [
        ((), 3),
        (("b" * 20, "b"), 3),
        (("c" * 20, "c"), 3),
    ]


async def test_everything_is_the_owners_alone(where):
    async with chats_in(where) as chats:
        conversation = chats.new("Poet", "secret")
        await chats.add("anna", conversation, SAID)
        seen = [
            await chats.find("bob", conversation.id),
            await chats.turns("bob", conversation.id),
            await chats.listed("bob"),
            await chats.rename("bob", conversation.id, "mine"),
            await chats.delete("bob", conversation.id),
        ]
        still = await chats.turns("anna", conversation.id)

    assert seen == [None, [], [], False, False]
    assert len(still) == 2


async def test_nobody_writes_into_the_conversation_of_another(where):
    from utils.ledger.trouble import StoreTrouble

    async with chats_in(where) as chats:
        conversation = chats.new("Poet", "secret")
        await chats.add("anna", conversation, SAID)
        with pytest.raises(StoreTrouble):
            await chats.add("bob", conversation, [Turn("user", "mine")])
        turns = await chats.turns("anna", conversation.id)

    assert [turn.text for turn in turns][1:] == ["Hi"]


@pytest.mark.parametrize(
    ("words", "found"), [("APPLE", 1), ("apple pie", 1), ("%", 0), ("_", 0), ("kiwi", 1), ("x", 0)]
)
async def test_words_are_found_in_titles_and_messages_and_mean_themselves(tmp_path, words, found):
    async with chats_in(tmp_path / "chats.db") as chats:
        await chats.add("anna", chats.new("Poet", "An apple pie"), [Turn("user", "and a kiwi")])

        assert len(await chats.listed("anna", search=words)) == found


async def test_the_latest_come_first_and_page_by_page(where):
    clock = Clock()
    async with chats_in(where, clock=clock) as chats:
        made = [chats.new("Poet", str(n)) for n in range(3)]
        for conversation in (*made, made[0]):
            clock.now += 1
            await chats.add("anna", conversation, SAID)
        listed = await chats.listed("anna", limit=2)
        rest = await chats.listed("anna", limit=2, offset=2)

    assert [each.title for each in (*listed, *rest)] == ["0", "2", "1"]


async def test_what_nobody_went_on_with_is_forgotten(where):
    clock = Clock()
    async with chats_in(where, clock=clock, retention_days=30) as chats:
        old, going_on = chats.new("Poet", "old"), chats.new("Poet", "going on")
        for conversation in (old, going_on):
            await chats.add("anna", conversation, SAID)
        clock.now += 20 * 86_400
        await chats.add("anna", going_on, SAID)
        clock.now += 20 * 86_400
        await chats.add("bob", chats.new("Poet", "new"), SAID)
        listed = await chats.listed("anna")
        turns = await chats.turns("anna", old.id)

    assert [each.title for each in listed] == ["going on"]
    assert turns == []


async def test_a_title_and_who_is_asked_can_change(where):
    async with chats_in(where) as chats:
        conversation = chats.new("Poet", "first")
        await chats.add("anna", conversation, SAID)
        renamed = await chats.rename("anna", conversation.id, " another ")
        await chats.add("anna", msgspec.structs.replace(conversation, asked="demo:demo", system="Be short."), SAID)
        found = await chats.find("anna", conversation.id)

    assert renamed
    assert found is not None
    assert (found.title, found.asked, found.system) == ("another", "demo:demo", "Be short.")
