from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.cache.providers import text_of, whole
from utils.chat import Delta, Image, ToolCallDelta, Usage
from utils.routing.cache.answer import PIECE_BYTES, Answer, Reading, restored, stored

CALLS = st.builds(
    ToolCallDelta,
    st.integers(0, 2),
    st.sampled_from([None, "id"]),
    st.sampled_from([None, "f"]),
    st.text(max_size=3),
    st.sampled_from([None, None, "s"]),
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
DELTAS = st.builds(
    Delta,
    text=TEXT,
    reasoning=TEXT,
    tool_calls=st.lists(CALLS, max_size=2).map(tuple),
    finish_reason=st.sampled_from([None, None, "stop", "length"]),
    usage=st.sampled_from([None, Usage(1), Usage(2, 3, cost=Decimal("0.0100"))]),
    model=st.sampled_from([None, None, "m"]),
    images=st.lists(st.builds(Image, st.sampled_from(["https://a.example/x", "data:,é"])), max_size=1).map(tuple),
    restarts=st.sampled_from([False] * 9 + [True]),
)


EVERYTHING = Delta(
    "text",
    "thought",
    (ToolCallDelta(1, "id", "f", "{}", "signature"),),
    "stop",
    Usage(1, 2, 3, 4, 5, Decimal("0.5")),
    (Image("data:,x"),),
    model="m",
)


def all_of(reading: Reading) -> list[Delta]:
    heard = []
    while (delta := reading.next()) is not None:
        heard.append(delta)
    return heard


@given(st.lists(st.tuples(DELTAS, st.booleans()), max_size=12))
def test_whoever_reads_when_and_how_often_hears_the_same(steps):
    answer = Answer()
    eager, lazy, heard_lazily = Reading(answer), Reading(answer), []
    heard_eagerly = []

    for delta, reads in steps:
        answer.add(delta)
        heard_eagerly += all_of(eager)
        heard_lazily += all_of(lazy) if reads else []
    heard_lazily += all_of(lazy)
    data = stored(answer)

    said = whole([delta for delta, _ in steps])
    assert whole(heard_eagerly) == whole(heard_lazily) == whole(all_of(Reading(answer))) == said
    assert data is not None
    assert whole(all_of(Reading(restored(data)))) == said
    assert len(data) <= answer.size or not answer.runs


@given(st.text(min_size=PIECE_BYTES // 4, max_size=PIECE_BYTES))
def test_a_long_text_comes_in_pieces_that_cut_no_letter(text):
    answer = Answer()

    answer.add(Delta(text * 3))

    pieces = all_of(Reading(answer))
    assert text_of(pieces) == text * 3
    assert max(len(piece.text.encode()) for piece in pieces) <= PIECE_BYTES


def test_what_was_said_comes_in_its_order():
    answer = Answer()
    for delta in (Delta(reasoning="hm"), Delta("a"), Delta("b"), Delta(reasoning="wait"), Delta("c")):
        answer.add(delta)

    assert all_of(Reading(answer)) == [Delta(reasoning="hm"), Delta("ab"), Delta(reasoning="wait"), Delta("c")]


def test_a_call_goes_on_until_another_is_named():
    answer = Answer()
    pieces = [
        ToolCallDelta(0, "a", "f", '{"x"'),
        ToolCallDelta(0, None, None, ":1}"),
        ToolCallDelta(0, None, "f", "{}"),
        ToolCallDelta(1, "c", "g"),
        ToolCallDelta(0, None, None, " "),
    ]

    for piece in pieces:
        answer.add(Delta(tool_calls=(piece,)))

    assert [delta.tool_calls[0] for delta in all_of(Reading(answer))] == [
        ToolCallDelta(0, "a", "f", '{"x":1}'),
        *pieces[2:],
    ]


def test_a_name_that_is_no_text_cannot_be_stored():
    answer = Answer()

    answer.add(Delta(tool_calls=(ToolCallDelta(0, "\ud800", "f"),)))

    assert stored(answer) is None


@pytest.mark.parametrize("field", sorted(set(Delta.__struct_fields__) - {"cached", "restarts"}))
def test_everything_that_a_delta_can_say_is_told_again(field):
    answer = Answer()
    answer.add(EVERYTHING)

    data = stored(answer)

    assert data is not None
    said = getattr(EVERYTHING, field)
    assert said != getattr(Delta(), field)
    assert [getattr(delta, field) for delta in all_of(Reading(restored(data))) if getattr(delta, field)] == [said]


@pytest.mark.parametrize("struct", [EVERYTHING.tool_calls[0], EVERYTHING.usage])
def test_everything_stands_in_the_delta_that_says_everything(struct):
    nothing = type(struct)()

    assert [field for field in struct.__struct_fields__ if getattr(struct, field) == getattr(nothing, field)] == []


def test_the_model_is_told_first_and_once():
    answer = Answer()
    for delta in (Delta("a", model="m"), Delta("b", model="m"), Delta(finish_reason="stop")):
        answer.add(delta)

    assert all_of(Reading(answer)) == [Delta(model="m"), Delta("ab"), Delta(finish_reason="stop")]
