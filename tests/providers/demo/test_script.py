"""One answer before it is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.chat import ChatMessage, ChatRequest, Delta, ToolCall, ToolCallDelta
from utils.providers.demo import AT_ONCE, Pace
from utils.providers.demo.script import Script, pieces_of, script_for

ADD = {"type": "function", "function": {"name": "add", "parameters": {}}}


def scripted(text: str, model: str = "demo", tokens: int | None = None, **fields) -> Script:
    request = ChatRequest((ChatMessage("user", text),), **fields)
    return script_for(request, model, AT_ONCE, tokens)


def text_of(script: Script) -> str:
    return "".join(piece.text for piece in script.pieces)


@given(st.text())
def test_the_pieces_together_are_the_text(text):
    assert "".join(pieces_of(text)) == text


@given(st.text(min_size=1))
def test_an_echo_says_exactly_the_text(text):
    assert text_of(scripted(f"/echo {text}")) == text


@pytest.mark.parametrize("count", [0, 1, 300, 100_000])
def test_an_answer_has_as_many_tokens_as_ordered(count):
    script = scripted(f"/tokens {count}")

    assert len(script.pieces) == count
    assert script.usage.output_tokens == count


def test_the_usual_length_holds_until_another_one_is_ordered():
    assert len(scripted("hello", tokens=7).pieces) == 7
    assert len(scripted("/tokens 3", tokens=7).pieces) == 3
    assert len(scripted("hello", "demo-tokens-5", tokens=7).pieces) == 5


def test_thoughts_come_before_the_answer_and_are_counted():
    script = scripted("/think 2 /tokens 1")

    assert script.pieces == (Delta(reasoning="thought0"), Delta(reasoning=" thought1"), Delta(text="tok0"))
    assert (script.usage.reasoning_tokens, script.usage.output_tokens) == (2, 3)


def test_an_answer_that_is_too_long_is_cut():
    script = scripted("/tokens 10", max_tokens=4)

    assert text_of(script) == "tok0 tok1 tok2 tok3"
    assert script.finish_reason == "length"


def test_an_answer_that_just_fits_is_whole():
    assert scripted("/tokens 4", max_tokens=4).finish_reason == "stop"


def test_the_ordered_finish_reason_wins():
    assert scripted("/finish content_filter hello").finish_reason == "content_filter"


def test_a_call_comes_in_pieces():
    script = scripted('/call add {"a": 1}')

    assert script.finish_reason == "tool_calls"
    assert [piece.tool_calls[0] for piece in script.pieces] == [
        ToolCallDelta(0, "call_1_0", "add"),
        ToolCallDelta(0, arguments='{"a":'),
        ToolCallDelta(0, arguments=" 1}"),
    ]


def test_a_tool_at_hand_is_called_when_asked_for_in_words():
    script = scripted('Please call the tool add with {"a": 1}', tools=(ADD,))

    assert script.pieces[0].tool_calls[0].name == "add"


def test_a_tool_that_is_not_at_hand_is_not_called():
    assert "those that i was given: `add`" in text_of(scripted("call sub", tools=(ADD,))).lower()


def test_tools_that_have_answered_are_not_called_again():
    messages = (
        ChatMessage("user", "/call add"),
        ChatMessage("assistant", tool_calls=(ToolCall("c1", "add"),)),
        ChatMessage("tool", "3", tool_call_id="c1"),
    )

    script = script_for(ChatRequest(messages), "demo-call-add", AT_ONCE)

    assert text_of(script) == "`add` answered: 3"
    assert script.finish_reason == "stop"


def test_the_ordered_pace_wins():
    request = ChatRequest((ChatMessage("user", "/slow 7"),))

    assert script_for(request, "demo", Pace(1, 2)).pace == Pace(1, 7)


def test_trouble_leaves_only_the_beginning():
    script = scripted("/break 2 /tokens 5")

    assert len(script.begun) == 2


def test_nonsense_is_answered_in_words():
    assert "`/fail 503`" in text_of(scripted("/fail lots", "demo-hang", tools=(ADD,)))
