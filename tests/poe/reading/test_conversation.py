import json
from dataclasses import dataclass

import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.chat import ChatMessage, Image, ToolCall
from utils.poe.reading import last_words, messages_of

from .turns import asked, call, called, result, returned, said

CAT = Image("https://x/cat.png")


@dataclass(frozen=True)
class View:
    text: str
    images: tuple[Image, ...] = ()


def lines(*turns, **known):
    """The messages as `role: text`."""
    return [f"{message.role}: {message.text}" for message in messages_of(turns, **known)]


def calling(*ids, text=""):
    return ChatMessage("assistant", text, tool_calls=tuple(ToolCall(call_id, "add") for call_id in ids))


def told(call_id, text="5"):
    return ChatMessage("tool", text, tool_call_id=call_id)


def test_every_role_becomes_the_models():
    turns = said("system", "Be kind."), said("user", "hi"), said("bot", "hello"), said("user", "how are you?")

    assert messages_of(turns) == (
        ChatMessage("system", "Be kind."),
        ChatMessage("user", "hi"),
        ChatMessage("assistant", "hello"),
        ChatMessage("user", "how are you?"),
    )


@pytest.mark.parametrize(
    ("system", "turns", "expected"),
    [
        ("Ours.", [said("user", "hi")], ["system: Ours.", "user: hi"]),
        (
            "Ours.",
            [said("system", "Poe's."), said("system", "More."), said("user", "hi")],
            ["system: Ours.\n\nPoe's.\n\nMore.", "user: hi"],
        ),
        (None, [said("system", "Poe's."), said("user", "hi")], ["system: Poe's.", "user: hi"]),
        (" ", [said("user", "hi")], ["user: hi"]),
        (None, [said("user", "hi"), said("system", "Now rhyme.")], ["user: hi", "system: Now rhyme."]),
        ("Ours.", [], ["system: Ours."]),
    ],
)
def test_what_stands_before_the_conversation_is_one_system_message_and_the_bots_own_comes_first(
    system, turns, expected
):
    assert lines(*turns, system=system) == expected


@pytest.mark.parametrize("role", ["user", "bot", "system"])
def test_empty_turns_are_left_out(role):
    assert lines(said(role, " \n"), said("user", "still there?")) == ["user: still there?"]


def test_what_was_seen_of_a_message_stands_for_its_words():
    turns = said("user", "look"), said("user", "and?")

    messages = messages_of(turns, [View("a file\n\nlook", (CAT,))])

    assert messages == (ChatMessage("user", "a file\n\nlook", (CAT,)), ChatMessage("user", "and?"))


def test_a_picture_without_words_is_a_turn():
    assert messages_of([said("user", " ")], [View(" ", (CAT,))]) == (ChatMessage("user", "", (CAT,)),)


@pytest.mark.parametrize("role", ["bot", "system"])
def test_pictures_of_others_than_the_user_are_left_out(role):
    messages = messages_of([said(role, "here"), said(role, "")], [View("here", (CAT,)), View("", (CAT,))])

    assert [(message.text, message.images) for message in messages] == [("here", ())]


def test_a_reply_quotes_what_it_replies_to():
    turn = said("user", "Why?", referenced_message=said("bot", "It is\nso.\n"))

    assert lines(turn) == ["user: In reply to:\n> It is\n> so.\n\nWhy?"]


def test_a_long_quotation_is_cut():
    turn = said("user", "Why?", referenced_message=said("bot", "x" * 10_000))

    (message,) = messages_of([turn])

    assert "x" * 1_999 + "…" in message.text
    assert "x" * 2_000 not in message.text


@pytest.mark.parametrize(
    "turn",
    [
        said("user", "Why?", referenced_message=said("bot", "  ")),
        said("bot", "Why?", referenced_message=said("user", "Because.")),
    ],
)
def test_nothing_and_what_a_bot_replies_to_are_not_quoted(turn):
    assert [message.text for message in messages_of([turn])] == ["Why?"]


def test_a_call_and_its_results_are_unfolded():
    turns = (
        said("user", "2+3?"),
        called(call("a"), call("b")),
        returned(result("b", "6"), result("a")),
        said("bot", "5"),
    )

    assert messages_of(turns) == (
        ChatMessage("user", "2+3?"),
        calling("a", "b"),
        told("a"),
        told("b", "6"),
        ChatMessage("assistant", "5"),
    )


def test_the_second_round_is_added_at_the_end():
    messages = messages_of([said("user", "2+3?")], tool_calls=[call("a")], tool_results=[result("a")])

    assert messages == (ChatMessage("user", "2+3?"), calling("a"), told("a"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [('{"a": 2}', '{"a": 2}'), ({"a": "ü"}, '{"a": "ü"}'), ("", "{}"), (None, "{}"), ("{", "{")],
)
def test_arguments_are_text(arguments, expected):
    messages = messages_of([called(call("a", arguments=arguments)), returned(result("a"))])

    assert messages[0].tool_calls == (ToolCall("a", "add", expected),)


@pytest.mark.parametrize(
    ("content", "expected"), [("5", "5"), ("", ""), (None, ""), ({"sum": 5}, '{"sum": 5}'), (["ü"], '["ü"]')]
)
def test_a_result_is_text_and_may_be_empty(content, expected):
    messages = messages_of([called(call("a")), returned(result("a", content))])

    assert messages == (calling("a"), told("a", expected))


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "{",
        "5",
        "{}",
        "null",
        "[5]",
        '[{"id": "a"}]',
        '[{"id": 5, "function": {"name": "add"}}]',
        "[" * 9_999,
    ],
)
@pytest.mark.parametrize("turn", [{"role": "bot", "message_type": "function_call"}, {"role": "tool"}])
def test_what_is_no_call_and_no_result_is_text_of_the_assistant(turn, content):
    assert messages_of([fp.ProtocolMessage(content=content, **turn)]) == (ChatMessage("assistant", content),)


@pytest.mark.parametrize("turn", [called(), returned()])
def test_a_list_of_no_calls_or_results_is_no_turn(turn):
    assert messages_of([turn]) == ()


def test_what_cannot_be_read_among_calls_and_results_is_left_out():
    turns = called(call("a"), 5, {"id": "c"}, call("")), returned("x", {"content": "no id"}, result("a"))

    assert messages_of(turns) == (calling("a"), told("a"))


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([called(call("a"))], ()),
        ([returned(result("a"))], ()),
        ([called(call("a"), call("b")), returned(result("b"))], (calling("b"), told("b"))),
        ([called(call("a")), returned(result("b"), result("a"))], (calling("a"), told("a"))),
        ([returned(result("a")), called(call("a"))], ()),
        ([called(call("a")), returned(result("a", "1"), result("a", "2"))], (calling("a"), told("a", "1"))),
        (
            [called(call("a")), said("bot", "Wait."), returned(result("a"))],
            (calling("a"), told("a"), ChatMessage("assistant", "Wait.")),
        ),
        (
            [called(call("a")), called(call("a")), returned(result("a"))],
            (calling("a"), told("a")),
        ),
        (
            [called(call("0")), returned(result("0", "1")), called(call("0")), returned(result("0", "2"))],
            (calling("0"), told("0", "1"), calling("0"), told("0", "2")),
        ),
    ],
)
def test_a_call_has_its_result_right_behind_it_and_none_is_without_the_other(turns, expected):
    assert messages_of(turns) == expected


def test_names_stand_before_the_words_of_several_people():
    turns = said("user", "hi", "Ada", "u-1"), said("bot", "hello"), said("user", "hey", "Bo", "u-2")

    assert lines(*turns) == ["user: Ada: hi", "assistant: hello", "user: Bo: hey"]


def test_the_words_of_another_bot_are_those_of_one_more_person():
    turns = said("bot", "A haiku.", "Poet"), said("bot", "Weak.", "Critic"), said("user", "Better?")

    assert lines(*turns, bot_name="Poet") == ["assistant: A haiku.", "user: Critic: Weak.", "user: Better?"]


def test_a_name_stands_before_the_quotation_and_before_a_picture():
    quoting = said("user", "Why?", "Ada", "u-1", referenced_message=said("bot", "So."))
    turns = [quoting, said("user", "", "Bo", "u-2")]

    messages = messages_of(turns, [View("Why?"), View("", (CAT,))])

    assert [message.text for message in messages] == ["Ada: In reply to:\n> So.\n\nWhy?", "Bo:"]


@pytest.mark.parametrize(("turns", "words"), [([], ""), ([said("bot", "a"), said("user", "b")], "b")])
def test_the_last_words_are_those_of_the_last_turn(turns, words):
    assert last_words(asked(*turns)) == words


IDS = st.sampled_from(["", "a", "b", "0"])
JUNK = st.none() | st.integers() | st.text(max_size=3) | st.dictionaries(st.sampled_from(["id", "function"]), IDS)
CALLS = st.lists(st.builds(call, IDS, st.sampled_from(["", "add"])) | JUNK, max_size=3)
RESULTS = st.lists(st.builds(result, IDS, JUNK) | JUNK, max_size=3)
CONTENT = st.sampled_from(["", "  ", "hi"]) | st.text(max_size=5) | st.builds(json.dumps, CALLS | RESULTS | JUNK)
TURNS = st.lists(
    st.builds(
        said,
        st.sampled_from(["system", "user", "bot", "tool"]),
        CONTENT,
        st.sampled_from([None, "", "Ada", "Poet", "Critic"]),
        st.sampled_from([None, "", "u-1", "u-2"]),
        message_type=st.sampled_from([None, "function_call"]),
        referenced_message=st.none() | st.builds(said, st.just("bot"), CONTENT),
    ),
    max_size=8,
)
VIEWS = st.lists(st.builds(View, CONTENT, st.sampled_from([(), (CAT,)])), max_size=8)


@given(turns=TURNS, views=VIEWS, tool_calls=CALLS, tool_results=RESULTS, bot_name=st.sampled_from(["", "Poet"]))
def test_any_conversation_becomes_one_that_providers_take(turns, views, tool_calls, tool_results, bot_name):
    messages = messages_of(
        turns, views, system="S", bot_name=bot_name, tool_calls=tool_calls, tool_results=tool_results
    )

    assert [message for message in messages if message.role != "tool" and is_empty(message)] == []
    assert misplaced(messages) == []


def is_empty(message):
    return not (message.text.strip() or message.images or message.tool_calls)


def misplaced(messages):
    """Results that do not stand behind their call, and calls that are left without one."""
    wrong, waiting = [], []
    for message in messages:
        if message.role == "tool" and message.tool_call_id in waiting:
            waiting.remove(message.tool_call_id)
        elif message.role == "tool" or waiting:
            wrong.append(message)
        else:
            waiting = [call.id for call in message.tool_calls]
    return wrong + waiting
