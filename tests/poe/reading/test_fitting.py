import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from utils.chat import ChatMessage, Image, ToolCall
from utils.poe.reading import fitted
from utils.poe.reading.fitting import estimated_tokens

SYSTEM = ChatMessage("system", "s")
CALL = ChatMessage("assistant", tool_calls=(ToolCall("a", "add", "{}"),))
RESULT = ChatMessage("tool", "5", tool_call_id="a")
PICTURE = Image("data:image/png;base64," + "x" * 100_000)


def user(text="q"):
    return ChatMessage("user", text)


def bot(text="a"):
    return ChatMessage("assistant", text)


def cost(messages):
    return sum(map(estimated_tokens, messages))


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        (user(""), 4),
        (user("abcd"), 5),
        (user("abcde"), 6),
        (ChatMessage("user", "", (PICTURE,)), 1004),
        (ChatMessage("user", "abcd", (PICTURE, PICTURE)), 2005),
        (CALL, 6),
    ],
)
def test_tokens_are_estimated_by_characters_messages_and_pictures(message, tokens):
    assert estimated_tokens(message) == tokens


@pytest.mark.parametrize(
    ("room", "messages", "kept"),
    [
        (20, (SYSTEM, user("1"), bot("2"), user("3")), (SYSTEM, user("1"), bot("2"), user("3"))),
        (19, (SYSTEM, user("1"), bot("2"), user("3")), (SYSTEM, user("3"))),
        (20, (user("1"), bot("2"), user("3"), bot("4"), user("5")), (user("3"), bot("4"), user("5"))),
        (20, (bot("hello"), user("1"), bot("2"), user("3")), (user("1"), bot("2"), user("3"))),
        (20, (user("1"), CALL, RESULT, bot("2"), user("3")), (user("3"),)),
        (20, (user("1"), CALL, RESULT, CALL, RESULT), (user("1"), CALL, RESULT)),
        (16, (SYSTEM, user("1"), CALL, RESULT), (SYSTEM, user("1"), CALL, RESULT)),
        (1, (SYSTEM, SYSTEM, user("1"), bot("2"), user("x" * 99)), (SYSTEM, SYSTEM, user("x" * 99))),
        (1, (SYSTEM, bot("1"), bot("2")), (SYSTEM, bot("2"))),
        (0, (SYSTEM,), (SYSTEM,)),
        (0, (), ()),
    ],
)
def test_the_oldest_turns_go_first_and_an_answer_goes_with_its_question(room, messages, kept):
    assert fitted(messages, room, 0) == (kept, len(messages) - len(kept))


def test_room_is_left_for_the_answer():
    messages = (user("1"), bot("2"), user("3"))

    assert fitted(messages, 1_015, 1_000) == (messages, 0)
    assert fitted(messages, 1_015, 1_001) == ((user("3"),), 2)


def test_nothing_is_dropped_when_the_models_context_is_unknown():
    messages = (user("x" * 1_000_000), user("y"))

    assert fitted(messages, None, 1_000) == (messages, 0)


WORDS = st.text(alphabet="x", max_size=40)
STEP = WORDS.map(lambda words: (bot(words),)) | st.integers(1, 2).map(lambda results: (CALL, *(RESULT,) * results))
STEPS = st.lists(STEP, max_size=3).map(lambda steps: sum(steps, ()))
EXCHANGES = st.lists(st.tuples(WORDS.map(user), STEPS).map(lambda parts: (parts[0], *parts[1])), max_size=4)


@st.composite
def conversations(draw):
    """Any conversation, its turns numbered so that no two are the same."""
    turns = (SYSTEM,) * draw(st.integers(0, 2)) + draw(STEPS) + sum(draw(EXCHANGES), ())
    return tuple(replace(turn, text=f"{number}{turn.text}") for number, turn in enumerate(turns))


@given(messages=conversations(), context=st.integers(-5, 120), reserved=st.integers(0, 20))
def test_what_must_stay_stays_and_the_rest_fits(messages, context, reserved):
    kept, dropped = fitted(messages, context, reserved)

    room, must_stay = context - reserved, staying(messages)
    assert dropped == len(messages) - len(kept)
    assert kept == tuple(message for message in messages if message in kept)
    assert [message for message in must_stay if message not in kept] == []
    assert dropped == 0 or cost(messages) > room
    assert cost(kept) <= room or kept == must_stay


@given(messages=conversations(), context=st.integers(-5, 120))
def test_nothing_is_kept_without_what_it_belongs_to(messages, context):
    kept, _ = fitted(messages, context, 0)

    opening, asked = bounds(messages)
    older = [message for message in messages[opening:asked] if message in kept]
    assert older in ([], list(messages[opening:asked])) or older[0].role == "user"
    assert [result for result in kept if result.role == "tool" and call_of(result, messages) not in kept] == []


@given(messages=conversations(), context=st.integers(-5, 120))
def test_more_room_never_keeps_less(messages, context):
    kept, _ = fitted(messages, context, 0)
    more, _ = fitted(messages, context + 10, 0)

    assert [message for message in kept if message not in more] == []


def bounds(messages):
    """Where the opening ends, and where the user spoke last; or the opening's end where nobody did."""
    opening = sum(message.role == "system" for message in messages)
    return opening, max((place for place, message in enumerate(messages) if message.role == "user"), default=opening)


def staying(messages):
    """The opening, the last question, and the last step after it."""
    opening, asked = bounds(messages)
    question = messages[asked : asked + 1] if any(message.role == "user" for message in messages) else ()
    since = messages[asked + len(question) :]
    step = max((place for place, message in enumerate(since) if message.role != "tool"), default=0)
    return messages[:opening] + question + since[step:]


def call_of(result, messages):
    return [message for message in messages[: messages.index(result)] if message.tool_calls][-1]
