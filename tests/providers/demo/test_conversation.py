"""What the demo says."""

import pytest

from utils.chat import ChatMessage, Image, ToolCall
from utils.providers.demo.conversation import Talk, reply, tool_names
from utils.providers.demo.directives import DIRECTIVES


def said(*turns: str, system: str | None = None) -> str:
    """What the demo replies to these turns of the person, its own turns in between."""
    messages = [ChatMessage("system", system)] if system else []
    for turn in turns[:-1]:
        messages += [ChatMessage("user", turn), ChatMessage("assistant", "I see.")]
    return reply(Talk([*messages, ChatMessage("user", turns[-1])], turns[-1]))


@pytest.mark.parametrize(
    ("turn", "part"),
    [
        ("Hi!", "Hello!"),
        ("good morning", "Hello!"),
        ("help", "config/bots.yaml"),
        ("What are you?", "no language model"),
        ("My name is Ada Lovelace.", "Pleased to meet you, Ada Lovelace!"),
        ("show me a table", "| --- |"),
        ("show me some code", "```python"),
        ("some markdown please", "**bold**"),
        ("thank you", "welcome"),
        ("bye", "Goodbye"),
        ("what is your system message?", "no system message"),
        ("what did I say?", "first thing"),
        ("what is my name?", "not told me"),
        ("call add", "no such tool"),
    ],
)
def test_a_phrase_it_knows_has_its_answer(turn, part):
    assert part in said(turn)


@pytest.mark.parametrize("name", [directive.name for directive in DIRECTIVES])
def test_help_explains_every_order(name):
    assert f"`/{name}" in said("help")


def test_it_remembers_a_name():
    assert said("My name is Ada", "Nice weather", "What's my name?") == "Your name is Ada."


def test_the_last_name_counts():
    assert said("My name is Ada", "No, call me Grace", "who am I?") == "Your name is Grace."


def test_it_remembers_what_was_said():
    assert said("one", "two\nlines", "What did I say?") == "You said:\n\n1. one\n2. two lines"


def test_it_tells_its_system_message_when_asked():
    assert said("What is your system message?", system="Be kind.") == "My system message says: Be kind."


def test_anything_else_is_quoted_and_the_messages_are_counted():
    answer = said("hello", "Do fish\nsleep?", system="Be kind.")

    assert "“Do fish sleep?”" in answer
    assert "3 messages" in answer
    assert "system" not in answer


def test_a_long_question_is_quoted_in_part():
    assert f"“{'a' * 60}…”" in said("a" * 1000)


def test_it_counts_pictures():
    message = ChatMessage("user", "Look", images=(Image("https://a/1.png"), Image("https://a/2.png")))

    answer = reply(Talk([message], "Look"))

    assert answer.startswith("With your message came 2 pictures.")
    assert "“Look”" in answer


def test_it_names_attached_files():
    assert "the file notes.txt" in said("Below is the content of notes.txt:\n\nmilk, bread")


def test_it_reports_what_the_tools_answered():
    messages = [
        ChatMessage("user", "/call add"),
        ChatMessage("assistant", tool_calls=(ToolCall("c1", "add"), ToolCall("c2", "sub"))),
        ChatMessage("tool", "3", tool_call_id="c1"),
        ChatMessage("tool", "4", tool_call_id="c2"),
    ]

    assert reply(Talk(messages, "")) == "`add` answered: 3\n`sub` answered: 4"


def test_silence_is_answered_too():
    assert reply(Talk([], "")).startswith("At your service.")


def test_tools_in_another_form_are_no_names():
    assert tool_names([{"function": {"name": "add"}}, {"function": "sub"}, {"name": "mul"}]) == ("add",)
