"""When words are sent, what bridges silence, and where Poe's limits end an answer."""

import asyncio
from itertools import pairwise

import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.poe.door.listening import Listener, bot_of, door_of
from tests.virtual_time import run
from utils.poe.pace import Pace


def heard(script, **more):
    """What is heard of an answer that is made by the script."""

    async def listening():
        return await Listener(door_of(bot_of(script, **more))).listen()

    return run(listening())


def saying(*words, every=0.0, after=0.0):
    async def script(request):
        await asyncio.sleep(after)
        for word in words:
            yield word
            await asyncio.sleep(every)

    return script


def test_the_first_words_go_at_once_and_later_ones_are_gathered():
    listener = heard(saying(*"abcdefgh", every=0.02))

    texts = [(time, data["text"]) for time, name, data in listener.timed_events if name == "text"]
    assert texts[0] == (0.0, "a")
    assert listener.text == "abcdefgh"
    assert all(later - earlier >= 0.05 for (earlier, _), (later, _) in pairwise(texts[:-1]))
    assert len(texts) < 8


def test_words_that_are_all_there_need_few_messages():
    listener = heard(saying(*["word "] * 300))

    assert listener.text == "word " * 300
    assert len(listener.messages) <= 4


def test_without_gathering_every_word_goes_as_it_comes():
    listener = heard(saying(*"abc", every=0.01), pace=Pace(flush=0, first_content=0))

    assert [data["text"] for name, data in listener.events if name == "text"] == ["a", "b", "c"]


def test_without_gathering_words_of_the_same_moment_are_events_of_their_own_in_few_messages():
    words = [f"word {number} " for number in range(300)]

    listener = heard(saying(*words), pace=Pace(flush=0, first_content=0))

    assert [data["text"] for name, data in listener.events if name == "text"] == words
    assert len(listener.messages) <= 4


def test_without_gathering_words_of_one_moment_go_before_the_next_ones_come():
    async def script(request):
        yield "a"
        yield "b"
        await asyncio.sleep(0.1)
        yield "c"

    listener = heard(script, pace=Pace(flush=0, first_content=0))

    texts = [(time, data["text"]) for time, name, data in listener.timed_events if name == "text"]
    assert texts == [(0.0, "a"), (pytest.approx(0.001, abs=0.001), "b"), (0.1, "c")]


@pytest.mark.parametrize(("after", "sent"), [(0.0, 0.2), (0.1, 0.2), (0.5, 0.5)])
def test_what_an_answer_opens_with_waits_a_little_for_words_and_goes_at_once_when_it_is_late(after, sent):
    async def script(request):
        await asyncio.sleep(after)
        yield fp.MetaResponse(text="", content_type="text/plain")
        await asyncio.sleep(2)
        yield "hello"

    listener = heard(script)

    times = {name: time for time, name, _ in listener.timed_events}
    assert times["meta"] == pytest.approx(sent)
    assert times["text"] == pytest.approx(after + 2)


def test_the_last_words_the_end_and_the_close_are_one_message():
    listener = heard(saying("hello"))

    assert listener.messages[-1][1].endswith(b"event: done\r\ndata: {}\r\n\r\n")
    assert listener.is_finished


@given(words=st.lists(st.text(max_size=6), max_size=30), pause=st.sampled_from([0.0, 0.01, 0.06, 4.0, 11.0]))
def test_whatever_is_said_in_whatever_pieces_arrives_as_it_was(words, pause):
    listener = heard(saying(*words, "end", every=pause))

    assert listener.text == "".join(words) + "end"
    assert listener.events[-1] == ("done", {})


def test_what_an_answer_opens_with_goes_with_its_first_words():
    listener = heard(saying("here", " it is", after=0.1))

    assert [time for time, _ in listener.messages] == [0.1, 0.1]


def test_what_an_answer_opens_with_waits_no_longer_than_a_moment():
    listener = heard(saying("at last", after=20))

    assert listener.messages[0][0] == 0.2


def test_a_provider_that_waits_twenty_seconds_is_bridged_by_a_status_line_that_the_answer_replaces():
    listener = heard(saying("at last", " it comes", after=20))

    signs = [(time, data["text"]) for time, name, data in listener.timed_events if name == "replace_response"]
    assert signs == [
        (3.5, "Still working… 3 s"),
        (8.5, "Still working… 8 s"),
        (13.5, "Still working… 13 s"),
        (18.5, "Still working… 18 s"),
        (20.0, "at last"),
    ]
    assert listener.text == "at last it comes"


def test_poe_never_waits_five_seconds_for_a_content_event():
    listener = heard(saying("at last", after=60))

    times = [0.0, *(time for time, name, _ in listener.timed_events if name != "meta")]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 5.0


def test_a_silence_in_the_middle_is_kept_alive_without_changing_the_text():
    async def script(request):
        yield "half "
        await asyncio.sleep(25)
        yield "whole"

    listener = heard(script)

    signs = [(time, data["text"]) for time, name, data in listener.timed_events if name == "replace_response"]
    assert signs == [(10.0, "half "), (20.0, "half ")]
    assert listener.text == "half whole"


def test_words_that_come_just_when_a_silence_is_due_to_be_bridged_are_not_said_twice():
    async def script(request):
        yield "half "
        await asyncio.sleep(10)
        yield "whole"
        await asyncio.sleep(1)

    listener = heard(script)

    assert [name for name, _ in listener.events] == ["meta", "text", "text", "done"]


def test_an_error_after_a_status_line_leaves_no_status_behind():
    async def script(request):
        await asyncio.sleep(5)
        raise RuntimeError
        yield

    listener = heard(script)

    assert listener.text == ""
    assert [name for name, _ in listener.events[-2:]] == ["error", "done"]


def test_a_bot_of_others_gets_comments_and_no_status():
    class Slow(fp.PoeBot):
        async def get_response(self, request):
            await asyncio.sleep(20)
            yield fp.PartialResponse(text="done")

    async def listening():
        return await Listener(door_of(Slow())).listen()

    listener = run(listening())

    assert [name for name, _ in listener.events] == ["text", "done"]
    assert any(body == b": ping\r\n\r\n" for _, body in listener.messages)


def test_twenty_thousand_words_one_by_one_stay_below_poes_number_of_events():
    listener = heard(saying(*["word "] * 20_000, every=0.06))

    assert listener.text == "word " * 20_000
    assert len(listener.events) < 10_000


def test_more_events_than_poe_takes_end_the_answer_with_a_sentence():
    async def script(request):
        for _ in range(12_000):
            yield fp.PartialResponse(text="x", is_suggested_reply=True)

    listener = heard(script)

    assert len(listener.events) < 10_000
    assert "reached Poe's limit" in listener.text
    assert listener.events[-1] == ("done", {})


def test_more_characters_than_poe_takes_end_the_answer_with_a_sentence():
    listener = heard(saying(*["x" * 50_000] * 20))

    assert sum(len(data["text"]) for name, data in listener.events if name == "text") <= 512_000
    assert "reached Poe's limit" in listener.text
    assert listener.events[-1] == ("done", {})


@pytest.mark.parametrize("every", [1.0, 30.0, 4000.0])
def test_an_answer_that_takes_longer_than_poe_waits_ends_with_a_sentence(every):
    stopped = []

    async def script(request):
        try:
            while True:
                yield "x"
                await asyncio.sleep(every)
        finally:
            stopped.append(True)

    listener = heard(script)

    assert listener.timed_events[-1][0] <= 3600
    assert "reached Poe's time limit" in listener.text
    assert listener.events[-1] == ("done", {})
    assert stopped
