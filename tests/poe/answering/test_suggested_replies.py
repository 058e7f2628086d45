import asyncio

import pytest

from tests.poe.answering.showing import coming
from utils.chat import ChatMessage, ChatRequest, Delta
from utils.errors import Overloaded
from utils.poe.answering import fixed_replies, thought_of_replies

QUESTION = ChatRequest(
    (
        ChatMessage("system", "You know plants."),
        ChatMessage("user", "What is a fern?"),
        ChatMessage("assistant", "A plant."),
        ChatMessage("user", "Does it need sun?"),
    ),
    model="green-1",
    temperature=0.2,
    max_tokens=50,
    stop=("END",),
    tools=({"type": "function"},),
    params={"seed": 1},
    timeout=30,
)


class Thinking:
    """A model that says this when it is asked, and keeps what it was asked."""

    def __init__(self, *deltas):
        self.deltas = deltas
        self.requests = []

    def stream(self, request):
        self.requests.append(request)
        return coming(self.deltas)


class Silent:
    """A model that never says anything."""

    def __init__(self):
        self.was_stopped = False

    async def stream(self, request):
        try:
            await asyncio.Event().wait()
            yield Delta("never")
        finally:
            self.was_stopped = True


class Down:
    """A model that does not answer."""

    def __init__(self, failure):
        self.failure = failure

    async def stream(self, request):
        raise self.failure
        yield


async def replies_from(*texts):
    return await thought_of_replies(Thinking(*map(Delta, texts)), QUESTION, "No.")


def test_fixed_replies_become_events():
    events = fixed_replies(["Tell me more", "Thanks"])

    assert [(event.text, event.is_suggested_reply) for event in events] == [("Tell me more", True), ("Thanks", True)]


@pytest.mark.parametrize(
    ("replies", "kept"),
    [
        ((), []),
        (("", "  ", "\n"), []),
        (("two\nlines ", "  and\tblanks"), ["two lines", "and blanks"]),
        (("a", "a", " a "), ["a"]),
        (tuple("abcdefg"), list("abcde")),
    ],
)
def test_fixed_replies_are_at_most_five_and_each_on_one_line(replies, kept):
    assert [event.text for event in fixed_replies(replies)] == kept


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        ("How much water?\nWhich soil?", ["How much water?", "Which soil?"]),
        ("\n- How much water?\n\n* Which soil?\n", ["How much water?", "Which soil?"]),
        ('1. "How much water?"\n2) “Which soil?”', ["How much water?", "Which soil?"]),
        ("Here are some replies:\nHow much water?", ["How much water?"]),
        ("a\na\nb", ["a", "b"]),
        ("a\nb\nc\nd", ["a", "b", "c"]),
        ("Wie viel Wasser?\r\n水は？", ["Wie viel Wasser?", "水は？"]),
        ('How much "water"?\nIs it called "fern"', ['How much "water"?', 'Is it called "fern"']),
        ("**How much water?**\n- 👍", ["How much water?", "👍"]),
        ("3 ferns, please\n-5 degrees", ["3 ferns, please", "-5 degrees"]),
        ("<think>What may they say?</think>\nHow much water?", ["How much water?"]),
    ],
)
async def test_every_line_is_a_reply(said, replies):
    assert await replies_from(said) == replies


@pytest.mark.parametrize("said", ["", " \n", "---\n***", "a\nb\nc\nd\ne\nf", "word " * 30, "short\n" + "word " * 30])
async def test_what_is_no_short_list_gives_no_replies(said):
    assert await replies_from(said) == []


async def test_the_same_model_is_asked_about_the_last_question_and_its_answer():
    chat = Thinking(Delta("Which soil?"))

    await thought_of_replies(chat, QUESTION, "Rather shade.")

    [request] = chat.requests
    task, asked = request.messages
    assert (request.model, request.temperature, request.max_tokens, request.params) == ("green-1", 0.2, 50, {"seed": 1})
    assert (request.tools, request.stop) == ((), ())
    assert task.role == "system"
    assert "Does it need sun?" in asked.text
    assert "Rather shade." in asked.text
    assert "What is a fern?" not in asked.text


async def test_a_long_answer_is_not_sent_whole():
    chat = Thinking(Delta("Which soil?"))

    await thought_of_replies(chat, QUESTION, "word " * 10_000)

    assert len(chat.requests[0].messages[1].text) < 5000


@pytest.mark.parametrize("failure", [Overloaded("busy"), RuntimeError("a bug")])
async def test_a_failure_gives_no_replies(failure):
    assert await thought_of_replies(Down(failure), QUESTION, "No.") == []


async def test_a_model_that_takes_too_long_is_stopped_and_gives_no_replies():
    chat = Silent()

    assert await thought_of_replies(chat, QUESTION, "No.", timeout_seconds=0.01) == []

    assert chat.was_stopped


async def test_when_the_person_leaves_no_more_replies_are_thought_of():
    chat = Silent()
    thinking = asyncio.create_task(thought_of_replies(chat, QUESTION, "No."))
    await asyncio.sleep(0)

    thinking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await thinking
    assert chat.was_stopped
