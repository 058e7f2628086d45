import pytest

from tests.poe.answering.showing import Clock, coming, events_of, on_the_screen, shown
from utils.chat import Delta, Usage
from utils.errors import BrokenStream, EmptyAnswer
from utils.poe.answering import Way, event_of, presented

HIDE, SHOW, STATUS = Way("hide"), Way("show"), Way("status")
EVERY_WAY = pytest.mark.parametrize("way", [HIDE, SHOW, STATUS], ids=lambda way: way.reasoning)

THOUGHT = [Delta(reasoning="First this.\n"), Delta(reasoning="\nThen that.\n"), Delta("Yes"), Delta(", indeed.")]
TAGGED = [Delta("<think>\nFirst this.\n\nThen"), Delta(" that.\n</think>\n\nYes"), Delta(", indeed.")]
BOTH_FORMS = pytest.mark.parametrize("deltas", [THOUGHT, TAGGED], ids=["in a field", "between tags"])


@BOTH_FORMS
async def test_hidden_thinking_leaves_the_answer_alone(deltas):
    assert await shown(deltas, HIDE) == "Yes, indeed."


@BOTH_FORMS
async def test_shown_thinking_is_quoted_above_the_answer(deltas):
    assert await shown(deltas, SHOW) == "> First this.\n> \n> Then that.\n\nYes, indeed."


@BOTH_FORMS
async def test_the_answer_takes_the_place_of_the_thinking_line(deltas):
    assert await shown(deltas, STATUS) == "Yes, indeed."


async def test_shown_thinking_streams():
    events = await events_of([Delta(reasoning="a"), Delta(reasoning="\nb"), Delta("c")], SHOW)

    assert [event.text for event in events] == ["> a", "\n> b", "\n\nc"]
    assert not any(event.is_replace_response for event in events)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_every_kind_of_line_end_is_quoted(line_end):
    assert await shown([Delta(reasoning=f"a{line_end}b"), Delta("c")], SHOW) == "> a\n> b\n\nc"


async def test_the_thinking_line_is_written_anew_at_most_once_a_second():
    thinking = [Delta(reasoning="hm ")] * 9

    events = await events_of([*thinking, Delta("Yes"), Delta(".")], STATUS, Clock(0.25))

    assert [(event.text, event.is_replace_response) for event in events] == [
        ("Thinking…", True),
        ("Thinking… 1 s", True),
        ("Thinking… 2 s", True),
        ("Yes", True),
        (".", False),
    ]


async def test_the_thinking_line_is_whatever_the_way_says():
    way = Way("status", thinking_line=lambda seconds: f"denkt seit {seconds} s")

    events = await events_of([Delta(reasoning="hm"), Delta("Ja")], way)

    assert events[0].text == "denkt seit 0 s"


@EVERY_WAY
async def test_without_thinking_every_piece_is_shown_as_it_comes(way):
    pieces = ["Y", "es, ", "\n", "<think>", " ", "it is."]

    events = await events_of(map(Delta, pieces), way)

    assert [event.text for event in events] == pieces
    assert not any(event.is_replace_response for event in events)


@EVERY_WAY
async def test_an_empty_block_of_thinking_leaves_no_trace(way):
    events = await events_of([Delta("<think>\n\n"), Delta("</think>\n\n"), Delta("Yes")], way)

    assert [(event.text, event.is_replace_response) for event in events] == [("Yes", False)]


@EVERY_WAY
async def test_thinking_that_comes_when_the_answer_has_begun_is_dropped(way):
    assert await shown([Delta("Yes, "), Delta(reasoning="hm"), Delta("indeed")], way) == "Yes, indeed"


@pytest.mark.parametrize("tag", ["think", "thinking", "reasoning", "thought", "THINK", "Thinking"])
async def test_the_tags_that_models_use_are_known(tag):
    assert await shown([Delta(f" \n<{tag}>hm</{tag.swapcase()}>Yes")], HIDE) == "Yes"


@EVERY_WAY
@pytest.mark.parametrize(
    "text",
    [
        "Write <think>hm</think> around it.",
        "`<think>` opens it.",
        "```xml\n<think>hm</think>\n```",
        "<thinker>hm</thinker>",
        "<think >hm</think>",
        "< think>hm",
        "</think>Yes",
        "<p>Yes</p>",
        "<",
        "<thin",
        "  \n indented",
        "İ<think>",
    ],
)
async def test_what_only_resembles_thinking_is_answer(way, text):
    assert await shown([Delta(text)], way) == text


async def test_a_tag_in_the_answer_behind_the_thinking_is_answer():
    deltas = [Delta("<think>hm</think>It is written <think>"), Delta("so</think>.")]

    assert await shown(deltas, HIDE) == "It is written <think>so</think>."


async def test_other_tags_inside_the_thinking_belong_to_it():
    assert await shown([Delta("<think>a <b> </thinking> < </think>Yes")], SHOW) == "> a <b> </thinking> <\n\nYes"


async def test_several_blocks_are_one_thinking():
    pieces = [Delta(f"<reasoning>{piece}</reasoning>") for piece in ("We", " should", " say yes")]

    assert await shown([*pieces, Delta("Yes")], SHOW) == "> We should say yes\n\nYes"


async def test_an_indented_first_line_stays_indented_behind_the_thinking():
    assert await shown([Delta("<think>hm</think>\n\n"), Delta("    code")], HIDE) == "    code"


@EVERY_WAY
@pytest.mark.parametrize("deltas", [[Delta(reasoning="hm")], [Delta("<think>hm</think>\n")]], ids=["field", "tags"])
async def test_thinking_alone_is_no_answer(way, deltas):
    with pytest.raises(EmptyAnswer, match="only thought"):
        await events_of(deltas, way)


async def test_thinking_without_an_end_is_the_answer_where_it_is_shown():
    assert await shown([Delta("<think>It is 4</thi")], SHOW) == "> It is 4</thi"


@pytest.mark.parametrize("way", [HIDE, STATUS], ids=["hide", "status"])
async def test_thinking_without_an_end_is_no_answer_where_it_is_not_shown(way):
    with pytest.raises(EmptyAnswer, match="only thought"):
        await events_of([Delta("<think>It is 4")], way)


async def test_a_model_that_thought_until_it_was_cut_off_is_found_out():
    with pytest.raises(EmptyAnswer, match="max_tokens"):
        await events_of([Delta(reasoning="hm"), Delta(finish_reason="length")], HIDE)


@EVERY_WAY
@pytest.mark.parametrize("deltas", [[], [Delta(usage=Usage(1, 0))], [Delta(" \n"), Delta("\n")]])
async def test_nothing_at_all_is_no_answer(way, deltas):
    with pytest.raises(EmptyAnswer, match="without any content"):
        await events_of(deltas, way)


async def test_a_failure_of_the_model_is_passed_on_behind_what_was_said():
    async def breaking():
        yield Delta("half an")
        raise BrokenStream("cut off")

    events = presented(breaking(), HIDE)

    assert event_of(await anext(events)).text == "half an"
    with pytest.raises(BrokenStream, match="cut off"):
        await anext(events)


async def test_the_model_is_stopped_when_nobody_listens():
    deltas = coming([Delta("a"), Delta("b")])
    events = presented(deltas, HIDE)

    await anext(events)
    await events.aclose()

    assert [delta async for delta in deltas] == []


async def test_any_iterator_of_deltas_is_shown():
    class Iterator:
        def __init__(self):
            self.deltas = iter([Delta("a"), Delta("b")])

        def __aiter__(self):
            return self

        async def __anext__(self):
            try:
                return next(self.deltas)
            except StopIteration:
                raise StopAsyncIteration from None

    assert on_the_screen([event_of(event) async for event in presented(Iterator(), HIDE)]) == "ab"
