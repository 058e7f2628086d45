"""However a model's words are cut into pieces, the same is shown."""

import asyncio
import re
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.poe.answering.showing import shown
from utils.chat import Delta
from utils.poe.answering import Way

EVERY_WAY = pytest.mark.parametrize("reasoning", ["hide", "show", "status"])

TAG = st.sampled_from(["think", "thinking", "reasoning", "thought", "Think", "REASONING"])
WORDS = st.text(st.sampled_from("<>/thinkgouae \n\r`İ🙂"), max_size=40) | st.text(max_size=40)
CUTS = st.lists(st.integers(0, 120), max_size=12)
_OPENS = re.compile(r"<(think|thinking|reasoning|thought)>", re.IGNORECASE)


def cut(text, cuts):
    places = [0, *sorted(place for place in cuts if place < len(text)), len(text)]
    return [Delta(text[begin:end]) for begin, end in pairwise(places)]


def is_an_answer(text):
    return bool(text.strip()) and not _OPENS.match(text.lstrip())


def quoted(thought):
    lines = re.split("\r\n|\r|\n", thought.strip())
    return "> " + "\n> ".join(lines) + "\n\n" if thought.strip() else ""


@EVERY_WAY
@given(text=WORDS, cuts=CUTS)
@example(text="<think", cuts=[1, 3])
@example(text="\n <p>", cuts=[1, 2, 3])
def test_text_without_thinking_is_shown_as_it_is(reasoning, text, cuts):
    assume(is_an_answer(text))

    assert asyncio.run(shown(cut(text, cuts), Way(reasoning))) == text


@given(tag=TAG, thought=WORDS, blank=st.sampled_from(["", "\n", "\n\n", " \r\n"]), answer=WORDS, cuts=CUTS)
def test_thinking_and_answer_are_told_apart(tag, thought, blank, answer, cuts):
    assume(is_an_answer(answer) and not answer[0].isspace())
    assume(f"</{tag}>".lower() not in thought.lower())
    deltas = cut(f"{blank}<{tag}>{thought}</{tag}>{blank}{answer}", cuts)

    hidden, quotation, behind_status = (
        asyncio.run(shown(deltas, Way(reasoning))) for reasoning in ("hide", "show", "status")
    )

    assert hidden == answer
    assert behind_status == answer
    assert quotation == quoted(thought) + answer


@given(thought=st.lists(WORDS, min_size=1, max_size=5), answer=WORDS, cuts=CUTS)
def test_thinking_in_a_field_of_its_own_is_told_apart_too(thought, answer, cuts):
    assume(is_an_answer(answer) and not answer[0].isspace())
    deltas = [*(Delta(reasoning=piece) for piece in thought), *cut(answer, cuts)]

    hidden, quotation, behind_status = (
        asyncio.run(shown(deltas, Way(reasoning))) for reasoning in ("hide", "show", "status")
    )

    assert hidden == answer
    assert behind_status == answer
    assert quotation == quoted("".join(thought)) + answer
