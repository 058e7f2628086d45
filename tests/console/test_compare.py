"""The page Compare, as its logic: who is asked, what is sent to all of them, and who was best in what."""

import httpx
import pytest
from streamlit.proto.SelectWidgetFilterMode_pb2 import FILTER_MODE_CONTAINS

from console.chat.exchange import Answer, Details, Exchange
from console.chat.talk import Talk
from console.compare.contenders import Contender
from console.compare.heat import Lane
from console.compare.verdict import wins_of
from tests.console.showing import button, buttons, everything, open_page, say


@pytest.fixture
def compare(address, console_at):
    return open_page(console_at(address), "compare")


def ask(console, *names, question="/echo hi"):
    console.multiselect[0].set_value(list(names)).run()
    return say(console, question)


def told(caption):
    return caption.value.replace("\\", "")


def conversations(address):
    return httpx.get(f"{address}/chat/conversations").json()["conversations"]


def test_a_bot_and_another_model_than_its_own_are_there_to_begin_with(compare):
    assert compare.multiselect[0].value == ["DemoBot", "demo / demo-think-3"]
    assert compare.chat_input[0].placeholder == "Ask both of them"


def test_enter_takes_one_of_those_that_match_and_never_all_of_them(compare):
    asked = compare.multiselect[0].proto

    assert asked.select_all == 0
    assert asked.filter_mode == FILTER_MODE_CONTAINS


def test_an_idea_is_asked_of_both(compare):
    button(compare, "Write a haiku about the sea").click().run()

    assert len([each for each in compare.caption if "tokens" in each.value]) == 2


def test_all_get_the_question_and_each_answer_has_its_numbers(compare):
    ask(compare, "DemoBot", "demo / demo", "Host", "demo / demo-think-3")

    answers = [each.value for each in compare.markdown if each.value == "hi"]
    numbers = [each.value for each in compare.caption if "tokens" in each.value]
    assert len(answers) == len(numbers) == 4
    assert all("in all" in line and "first word after" in line for line in numbers)


def test_a_failover_tells_of_its_attempts_and_a_failure_is_a_sentence(compare):
    ask(compare, "Steady", "broken / demo-fail-503")

    assert [each.label for each in compare.expander if "2 attempts were made" in each.label]
    assert compare.warning
    assert any("**broken / demo-fail-503**" in told(each) and "in all" in told(each) for each in compare.caption)
    assert not compare.exception


def test_what_is_set_is_set_for_all(compare):
    compare.multiselect[0].set_value(["DemoBot", "demo / demo"]).run()
    next(each for each in compare.number_input if "Longest" in each.label).set_value(2).run()

    say(compare, "/tokens 9")

    assert everything(compare).count("cut at the longest length") == 2


def test_whoever_is_not_ready_is_left_out_and_says_why(compare):
    compare.multiselect[0].set_value(["DemoBot", "Locked"]).run()

    assert "WORKSHOP_API_KEY is not set" in everything(compare).replace("\\", "")
    assert compare.chat_input[0].proto.disabled


def test_nothing_of_it_is_kept_as_a_conversation(address, compare):
    ask(compare, "DemoBot", "demo / demo")

    assert conversations(address) == []


def test_one_goes_on_with_the_answer_that_one_likes(address, compare):
    ask(compare, "DemoBot", "Host", question="/echo of whales")

    [button for button in compare.button if button.label == "Go on with this one"][1].click().run()

    assert compare.chat_input[0].placeholder == "Ask Host"
    assert "of whales" in [each.value for each in compare.markdown]
    say(compare, "/echo and of ants")
    [kept] = conversations(address)
    messages = httpx.get(f"{address}/chat/conversations/{kept['id']}").json()["messages"]
    assert [each["text"] for each in messages] == ["/echo of whales", "of whales", "/echo and of ants", "and of ants"]


def test_it_is_asked_again_and_cleared(compare):
    ask(compare, "DemoBot", "Host")

    button(compare, "Ask again").click().run()
    assert "hi" in [each.value for each in compare.markdown]
    button(compare, "Clear").click().run()

    assert "Ask again" not in buttons(compare)
    assert "Write a haiku about the sea" in buttons(compare)


def lane(name, first=None, seconds=None, cost=None, problem=""):
    answer = Answer("hi", details=Details(first_content=first, seconds=seconds, cost=cost), problem=problem)
    return Lane(Contender(name, bot=name), Talk([Exchange("hello", answer)]))


def test_who_was_stopped_wins_nothing():
    stopped = lane("a", 0.1, 1, 1)
    stopped.answer.was_stopped = True

    assert won(stopped, lane("b", 0.5, 5, 5)) == {}


def won(*lanes):
    return {win.discipline.title: win.lane.contender.name for win in wins_of(lanes)}


def test_who_is_clearly_better_wins():
    assert won(lane("a", 0.1, 5, 3), lane("b", 0.5, 1, 2), lane("c", 0.6, 2, 1)) == {
        "First word": "a",
        "Whole answer": "b",
        "Cheapest": "c",
    }


@pytest.mark.parametrize(
    "lanes",
    [
        (lane("a", 1.00, 2, 1), lane("b", 1.05, 2, 1)),
        (lane("a", cost=0), lane("b", cost=0)),
        (lane("a", 1, 1, 1), lane("b")),
        (lane("a", 1, 1, 1),),
        (lane("a", 1, 1, 1), lane("b", 9, 9, 9, problem="It broke off.")),
    ],
    ids=["hardly", "as cheap", "unknown", "alone", "failed"],
)
def test_nobody_wins_by_accident(lanes):
    assert won(*lanes) == {}
